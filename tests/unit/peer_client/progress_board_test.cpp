#include "peer_client/cli/progress_board.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/support/manual_clock.h"

namespace trueque {
namespace {

using std::chrono::seconds;

class Board : public ::testing::Test {
 protected:
  std::vector<FileChoice> files(std::size_t count) {
    std::vector<FileChoice> choices;
    for (std::size_t i = 0; i < count; ++i) {
      ContentId id;
      id.bytes[0] = static_cast<std::uint8_t>(i + 1);
      choices.push_back({"file\x1b" + std::to_string(i), id, 1024, {{}, {}}});
    }
    return choices;
  }
  std::string shown() {
    std::string text = stream_.str();
    stream_.str("");
    return text;
  }

  testing::ManualClock clock_;
  std::ostringstream stream_;
};

TEST_F(Board, ElsewhereThanOnATerminalAPlainLineNowAndThen) {
  const DownloadQueue queue(files(4), true);
  ProgressBoard board({stream_, false, true}, clock_, queue);
  board.begun(0);
  board.progress(0, 512, 1024);
  EXPECT_EQ(shown(), "");
  clock_.advance(seconds(5));
  board.ended(0, DownloadOutcome{});
  EXPECT_EQ(shown(), "1 of 4 files: 25 %  1.0 KiB of 4.0 KiB  102 B/s  30 s left\n");
  board.note(1, "trying again");
  EXPECT_EQ(shown(),
            "file\xEF\xBF\xBD"
            "1: trying again\n");
}

TEST_F(Board, OnATerminalTheWholeAndEachUnderWay) {
  const DownloadQueue queue(files(3), true);
  ProgressBoard board({stream_, true, false}, clock_, queue);
  board.begun(0);
  board.begun(1);
  board.sources(0, {"ana", "bob"});
  board.progress(0, 100, 1024);
  clock_.advance(seconds(1));
  board.progress(0, 612, 1024);
  const std::string text = shown();
  EXPECT_NE(text.find("0 of 3 files "), std::string::npos) << text;
  EXPECT_NE(text.find("\nfile\xEF\xBF\xBD"
                      "0 "),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("59 %  612 B of 1.0 KiB  512 B/s  0 s left  2 sources"), std::string::npos)
      << text;
  EXPECT_EQ(text.find("file\xEF\xBF\xBD"
                      "1"),
            std::string::npos)
      << "it told nothing yet";
  EXPECT_EQ(text.find("\x1b[32m"), std::string::npos) << "no colour";
  board.note(0, "left");
  EXPECT_EQ(shown().rfind("\r\x1b[1A\x1b[J", 0), 0U) << "both lines are cleared first";
}

TEST_F(Board, WhatFailedIsNeitherDoneNorLeftToDo) {
  const DownloadQueue queue(files(4), true);
  ProgressBoard board({stream_, false, true}, clock_, queue);
  board.begun(0);
  board.begun(1);
  board.progress(0, 1024, 1024);
  board.ended(0, DownloadOutcome{});
  board.progress(1, 512, 1024);
  clock_.advance(seconds(5));
  board.progress(1, 1000, 1024);
  EXPECT_EQ(shown().substr(0, 29), "1 of 4 files: 49 %  2.0 KiB o");
  clock_.advance(seconds(5));
  board.ended(1, make_error(Code::kDataLoss, "no source gave the right file"));
  EXPECT_EQ(shown().substr(0, 48), "2 of 4 files, 1 failed: 33 %  1.0 KiB of 3.0 KiB");
}

TEST_F(Board, SourcesAreThoseThereAreNow) {
  const DownloadQueue queue(files(1), true);
  ProgressBoard board({stream_, false, true}, clock_, queue);
  board.begun(0);
  const auto line = [&] {
    clock_.advance(seconds(5));
    board.progress(0, 512, 1024);
    return shown();
  };
  EXPECT_EQ(line().find("source"), std::string::npos) << "nobody was asked yet";
  board.sources(0, {"ana", "bob"});
  EXPECT_TRUE(line().ends_with("  2 sources\n"));
  board.sources(0, {"bob"});
  EXPECT_TRUE(line().ends_with("  1 source\n"));
}

TEST_F(Board, InTheWholeWhoGivesSeveralFilesIsOneSource) {
  const DownloadQueue queue(files(5), true);
  ProgressBoard board({stream_, false, true}, clock_, queue);
  const auto line = [&] {
    clock_.advance(seconds(5));
    board.progress(0, 512, 1024);
    return shown();
  };
  board.begun(0);
  board.begun(1);
  EXPECT_EQ(line().find("source"), std::string::npos) << "none is known yet";
  board.sources(0, {"ana", "bob"});
  board.sources(1, {"bob", "eva"});
  EXPECT_TRUE(line().ends_with("  3 sources\n"));
  board.sources(0, {"bob"});
  EXPECT_TRUE(line().ends_with("  2 sources\n"));
  board.ended(1, DownloadOutcome{});
  EXPECT_TRUE(line().ends_with("  1 source\n"));
  board.sources(0, {});
  EXPECT_EQ(line().find("source"), std::string::npos);
}

TEST_F(Board, OfTheEndThereIsNoLine) {
  for (const bool terminal : {false, true}) {
    const DownloadQueue queue(files(1), true);
    ProgressBoard board({stream_, terminal, false}, clock_, queue);
    board.begun(0);
    clock_.advance(seconds(60));
    board.ended(0, make_error(Code::kUnavailable, "nobody can be reached"));
    EXPECT_EQ(shown(), "");
  }
}

TEST_F(Board, OfOneFileThereIsItsOwnLineAlone) {
  const DownloadQueue queue(files(1), true);
  ProgressBoard board({stream_, true, true}, clock_, queue);
  board.begun(0);
  clock_.advance(seconds(1));
  board.progress(0, 512, 1024);
  const std::string text = shown();
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  EXPECT_NE(text.find("\x1b[32m##########\x1b[0m.........."), std::string::npos) << text;
}

}  // namespace
}  // namespace trueque
