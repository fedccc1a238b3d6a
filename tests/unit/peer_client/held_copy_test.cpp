// What the shared folder holds is copied to an --output elsewhere.
#include "tests/support/downloader_fixture.h"

namespace trueque {
namespace {

using testing::kMiB;

class HeldCopy : public testing::DownloaderFixture {
 protected:
  HeldCopy() { honest(1); }

  void hold(const std::string& name, const std::string& text) {
    ASSERT_TRUE(write_file_atomically(folder_.file(name), text).ok());
  }
  Result<DownloadOutcome> fetch_to(const std::string& output) {
    return fetch(DownloadRequest{choice({1}), output});
  }
  std::size_t files_elsewhere() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(elsewhere_.path()), {}));
  }

  testing::TemporaryDirectory elsewhere_;
};

TEST_F(HeldCopy, NothingIsFetchedForACopyOfWhatIsHeld) {
  hold("mine.bin", wanted());
  const auto outcome = fetch_to(elsewhere_.file("b.bin"));
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(outcome->result, DownloadOutcome::Result::kFetched);
  EXPECT_EQ(outcome->copied_from, folder_.file("mine.bin"));
  EXPECT_EQ(outcome->path, elsewhere_.file("b.bin"));
  EXPECT_EQ(outcome->shared_name, std::nullopt);
  EXPECT_EQ(read_file(elsewhere_.file("b.bin")).value_or(""), wanted());
  EXPECT_EQ(read_file(folder_.file("mine.bin")).value_or(""), wanted());
  EXPECT_EQ(peer(1).fetches + peer(1).stats, 0);
  EXPECT_EQ(files_elsewhere(), 1U) << "no part is left";
}

TEST_F(HeldCopy, ACopyIsOfItsOwn) {
  hold("mine.bin", wanted());
  ASSERT_TRUE(fetch_to(elsewhere_.file("b.bin")).ok());
  std::string changed = wanted();
  changed[5] ^= 1;
  ASSERT_TRUE(write_file_atomically(elsewhere_.file("b.bin"), changed).ok());
  EXPECT_EQ(read_file(folder_.file("mine.bin")).value_or(""), wanted());
}

TEST_F(HeldCopy, WhatOnlyLooksTheSameIsFetched) {
  std::string other = wanted();
  other[kMiB] ^= 1;
  hold("a.bin", other);
  const auto outcome = fetch_to(elsewhere_.file("b.bin"));
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(outcome->copied_from, std::nullopt);
  EXPECT_EQ(read_file(elsewhere_.file("b.bin")).value_or(""), wanted());
}

TEST_F(HeldCopy, ABegunDownloadBecomesTheCopy) {
  honest(1).stops_at = 2 * kMiB;
  settings_.transfer.wait = std::chrono::seconds(0);
  ASSERT_FALSE(fetch_to(elsewhere_.file("b.bin")).ok());
  ASSERT_EQ(files_elsewhere(), 2U) << "its part and journal";
  hold("mine.bin", wanted());
  const auto outcome = fetch_to(elsewhere_.file("b.bin"));
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_TRUE(outcome->copied_from);
  EXPECT_EQ(read_file(elsewhere_.file("b.bin")).value_or(""), wanted());
  EXPECT_EQ(files_elsewhere(), 1U);
}

TEST_F(HeldCopy, ADifferentFileIsNotOverwritten) {
  hold("mine.bin", wanted());
  ASSERT_TRUE(write_file_atomically(elsewhere_.file("b.bin"), "other").ok());
  const auto outcome = fetch_to(elsewhere_.file("b.bin"));
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, Code::kAlreadyExists);
  EXPECT_EQ(read_file(elsewhere_.file("b.bin")).value_or(""), "other");
}

TEST_F(HeldCopy, WithNobodyElseItIsStillACopy) {
  hold("mine.bin", wanted());
  DownloadRequest request{choice({}), elsewhere_.file("b.bin")};
  request.choice.sources.push_back(
      {own_.username, own_.ip, own_.port, {"mine.bin", Content{file_.size, file_.content_id}}, ""});
  const auto outcome = fetch(request);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(outcome->path, elsewhere_.file("b.bin"));
}

}  // namespace
}  // namespace trueque
