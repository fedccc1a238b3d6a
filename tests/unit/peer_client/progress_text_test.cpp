#include "peer_client/cli/progress_text.h"

#include <gtest/gtest.h>

#include "common/base/columns.h"

namespace trueque {
namespace {

const char* const kLabels[] = {
    "a.txt",
    "photos/2026/a rather long name of a picture.jpg",
    "\u4F60\u597D\u4F60\u597D\u4F60\u597D\u4F60\u597D\u4F60\u597D\u4F60\u597D.txt",
    "n\u0303an\u0303an\u0303an\u0303an\u0303an\u0303an\u0303an\u0303an\u0303an\u0303a.txt",
};

ProgressRow row_of(const std::string& label) {
  constexpr std::uint64_t kMiB = 1024 * 1024;
  ProgressRow row{label, progress_figures(450 * kMiB, 1000 * kMiB, 10.0 * kMiB), 450, 1000};
  row.figures.emplace_back("2 sources");
  return row;
}

TEST(ProgressText, IsNeverWiderThanTheTerminalAndSaysOfWhatItIs) {
  for (const char* label : kLabels) {
    for (std::size_t width = 1; width <= 200; ++width) {
      const std::string shown = progress_row(row_of(label), width, false);
      EXPECT_LE(columns(shown), std::max<std::size_t>(width - 1, 1)) << width << shown;
      if (width < 20) continue;
      EXPECT_NE(shown.find("45 %"), std::string::npos) << width << shown;
      EXPECT_NE(shown.find(".jpg") != std::string::npos, shown.find(".txt") != std::string::npos)
          << width << shown;
    }
  }
}

TEST(ProgressText, GivesUpFiguresForTheName) {
  const struct {
    std::size_t width;
    const char* shown;
  } rows[] = {
      {20, "photos\u2026ure.jpg 45 %"},
      {40, "photos/2026/a ra\u2026 of a picture.jpg 45 %"},
      {80, "photos/\u2026ure.jpg 45 %  450.0 MiB of 1000.0 MiB  10.0 MiB/s  55 s left  2 sources"},
      {200,
       "photos/2026/a rather long name of a picture.jpg [#########...........] 45 %  450.0 MiB of "
       "1000.0 MiB  10.0 MiB/s  55 s left  2 sources"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(progress_row(row_of(kLabels[1]), row.width, false), row.shown) << row.width;
}

TEST(ProgressText, WhatCountsIsNotCutForABarOrFigures) {
  ProgressRow row = row_of("1119 of 11200 files, 3 failed");
  row.least_label = row.label.size();
  for (std::size_t width = 36; width <= 200; ++width) {
    const std::string shown = progress_row(row, width, false);
    EXPECT_TRUE(shown.starts_with(row.label + " ")) << width << shown;
    EXPECT_NE(shown.find("45 %"), std::string::npos) << width << shown;
  }
}

TEST(ProgressText, AShortNameLeavesRoomForMore) {
  EXPECT_EQ(progress_row(row_of("a.txt"), 40, false), "a.txt 45 %  450.0 MiB of 1000.0 MiB");
  EXPECT_EQ(progress_row(row_of("a.txt"), 60, false),
            "a.txt 45 %  450.0 MiB of 1000.0 MiB  10.0 MiB/s  55 s left");
}

}  // namespace
}  // namespace trueque
