// What is told of the sources of a download, meanwhile and at its end.
#include "tests/support/downloader_fixture.h"

namespace trueque {
namespace {

using testing::kMiB;

class DownloadReport : public testing::DownloaderFixture {};

TEST_F(DownloadReport, SourcesThatAreLeftOrFailAreNotCounted) {
  honest(1).fetch_lie = [](auto& bytes, auto) { ++bytes[5]; };
  honest(2).stops_at = 2 * kMiB;
  honest(3);
  const auto outcome = fetch({1, 2, 3});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  ASSERT_FALSE(notes_.source_counts.empty());
  EXPECT_EQ(notes_.source_counts.front(), 3U);
  EXPECT_EQ(notes_.source_counts.back(), 1U);
  EXPECT_TRUE(std::is_sorted(notes_.source_counts.rbegin(), notes_.source_counts.rend()));
}

TEST_F(DownloadReport, BytesOfAWrongPieceWereFetchedInVain) {
  honest(1).fetch_lie = [](auto& bytes, auto) { ++bytes[kMiB + 5]; };
  EXPECT_FALSE(fetch({1}).ok());
  ASSERT_EQ(notes_.report.sources.size(), 1U);
  EXPECT_EQ(notes_.report.sources[0].bytes, kMiB);
  EXPECT_TRUE(notes_.report.sources[0].lied);
  EXPECT_EQ(notes_.report.wasted, kMiB);
  EXPECT_EQ(notes_.report.wasted_pieces, 1U);
}

TEST_F(DownloadReport, WhoWasNeverAskedIsNotInIt) {
  honest(1);
  honest(2);
  ASSERT_TRUE(fetch({1, 2}).ok());
  ASSERT_EQ(notes_.report.sources.size(), 1U);
  EXPECT_EQ(notes_.report.sources[0].reason, "");
}

TEST(TransferReport, OneSourceOfTwoTriesIsOneAndALieStaysWhatThereIsToSay) {
  TransferReport report;
  report.add({"ana", 10, true, "lied"});
  report.add(
      TransferReport{{{"ana", 5, false, "cannot be reached"}, {"bob", 1, false, ""}}, 6, 2, 1});
  ASSERT_EQ(report.sources.size(), 2U);
  EXPECT_EQ(report.sources[0].bytes, 15U);
  EXPECT_TRUE(report.sources[0].lied);
  EXPECT_EQ(report.sources[0].reason, "lied");
  EXPECT_EQ(report.fetched, 16U);
  EXPECT_EQ(report.wasted, 2U);
  EXPECT_EQ(report.wasted_pieces, 1U);
}

}  // namespace
}  // namespace trueque
