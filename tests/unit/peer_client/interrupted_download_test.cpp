// Downloads that find what an interrupted one left.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/downloader_fixture.h"

namespace trueque {
namespace {

using testing::kMiB;

// What an earlier run left is two pieces of a.bin and, unless removed, a journal.
class InterruptedDownload : public testing::DownloaderFixture {
 protected:
  InterruptedDownload() {
    honest(1).stops_at = 2 * kMiB + 100;
    peer(1).stops_with = make_error(Code::kNotFound, "gone");
    EXPECT_FALSE(fetch({1}).ok());
    EXPECT_EQ(text(part_).size(), bytes_.size());
  }

  std::string part_ = ".a.bin." + file_.content_id.hex().substr(0, 8) + ".part";
};

TEST_F(InterruptedDownload, APartWithoutAJournalOutlivesSourcesThatCannotBeReached) {
  std::filesystem::remove(folder_.file(part_ + ".pieces"));
  ASSERT_FALSE(fetch({7}).ok());
  honest(2);
  ASSERT_TRUE(fetch({2}).ok());
  EXPECT_EQ(peer(2).offsets, std::vector<std::uint64_t>{2 * kMiB});
}

TEST_F(InterruptedDownload, ADamagedJournalCostsALookAndNothingElse) {
  ASSERT_TRUE(write_file_atomically(folder_.file(part_ + ".pieces"), "rubbish").ok());
  ASSERT_FALSE(fetch({7}).ok());
  honest(2);
  ASSERT_TRUE(fetch({2}).ok());
  EXPECT_EQ(peer(2).offsets, std::vector<std::uint64_t>{2 * kMiB});
  EXPECT_EQ(text("a.bin"), wanted());
}

TEST_F(InterruptedDownload, InterruptedWhileThePartIsLookedAtItStays) {
  cancellation_.cancel();
  std::filesystem::remove(folder_.file(part_ + ".pieces"));
  honest(2);
  ASSERT_FALSE(fetch({2}).ok());
  EXPECT_EQ(text(part_).size(), bytes_.size());
}

TEST_F(InterruptedDownload, WhatIsHereWholeNeedsNoPart) {
  ASSERT_TRUE(write_file_atomically(folder_.file("b.bin"), wanted()).ok());
  const auto outcome = fetch({1});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(outcome->result, DownloadOutcome::Result::kAlready);
  EXPECT_EQ(text(part_), "(no file)");
  EXPECT_EQ(text(part_ + ".pieces"), "(no file)");
}

TEST_F(InterruptedDownload, PiecesOfAnHonestSourceCountBesideALiars) {
  // The liar gives the rest, and more than it should; the honest one is gone by now.
  honest(1).stops_at = 2 * kMiB + 100;
  peer(1).stops_with = make_error(Code::kNotFound, "gone");
  std::filesystem::remove(folder_.file(part_));
  honest(2).endless = true;
  const auto outcome = fetch({1, 2});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(text("a.bin"), wanted());
  EXPECT_EQ(notes_.liars(), std::vector<std::string>{"peer2 (10.0.0.9:2)"});
}

}  // namespace
}  // namespace trueque
