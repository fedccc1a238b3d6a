// A download goes on from what an earlier run left, wherever that is.
#include "peer_client/core/earlier_parts.h"

#include <sys/stat.h>

#include <latch>
#include <thread>

#include "tests/support/downloader_fixture.h"

namespace trueque {
namespace {

namespace fs = std::filesystem;
using testing::kMiB;

class EarlierPartsTest : public testing::DownloaderFixture {
 protected:
  EarlierPartsTest() { fs::create_directories(elsewhere_.path() / "deep"); }

  // Two pieces of three are there, and a journal.
  void begin(const DownloadRequest& request, std::uint64_t bytes = 2 * kMiB) {
    honest(1).stops_at = bytes + 100;
    peer(1).stops_with = make_error(Code::kNotFound, "gone");
    EXPECT_FALSE(fetch(request).ok());
  }
  DownloadRequest named(const std::string& name) const { return {choice({1}, name), std::nullopt}; }
  DownloadRequest to(const std::string& output) const {
    return {choice({1}, "a.bin"), elsewhere_.file(output)};
  }
  // The same of a source that has all.
  Result<DownloadOutcome> go_on(DownloadRequest request) {
    honest(2);
    request.choice.sources = {source(2, request.choice.file_name)};
    return fetch(request);
  }
  std::string part_of(const std::string& name) const {
    const fs::path path(name);
    return (path.parent_path() / part_name(path.filename().string(), file_.content_id)).string();
  }
  std::size_t hidden_files() const {
    std::size_t count = 0;
    for (const fs::path& folder : {folder_.path(), elsewhere_.path()}) {
      for (const auto& entry : fs::recursive_directory_iterator(folder))
        count += entry.path().filename().string().starts_with('.') ? 1 : 0;
    }
    return count;
  }

  testing::TemporaryDirectory elsewhere_;
};

TEST_F(EarlierPartsTest, GoesOnWhereverItWasBegunAndWhereverItGoes) {
  const struct {
    DownloadRequest begun;
    DownloadRequest wanted;
  } rows[] = {
      {named("a.bin"), named("sub/a.bin")}, {named("sub/a.bin"), named("a.bin")},
      {named("sub/a.bin"), named("b.bin")}, {named("x/y/a.bin"), named("z/other.bin")},
      {named("sub/a.bin"), to("c.bin")},    {to("c.bin"), named("a.bin")},
      {to("c.bin"), to("deep/d.bin")},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.begun.choice.file_name + " " + row.begun.output.value_or("") + " -> " +
                 row.wanted.choice.file_name + " " + row.wanted.output.value_or(""));
    begin(row.begun);
    settings_.begun_elsewhere = {elsewhere_.file(part_of("c.bin"))};
    peer(2).offsets.clear();
    const auto outcome = go_on(row.wanted);
    ASSERT_TRUE(outcome.ok()) << outcome.error().message;
    EXPECT_EQ(peer(2).offsets, std::vector<std::uint64_t>{2 * kMiB});
    EXPECT_EQ(notes_.notes.back(), "resuming at 66 %");
    EXPECT_EQ(read_file(outcome->path).value_or(""), wanted());
    EXPECT_EQ(hidden_files(), 0U) << "neither part nor journal is left";
    fs::remove(outcome->path);
  }
}

TEST_F(EarlierPartsTest, SaysWhatItTakesUp) {
  begin(named("sub/a.bin"));
  notes_.notes.clear();
  ASSERT_TRUE(go_on(named("b.bin")).ok());
  EXPECT_EQ(notes_.notes.front(),
            "taking up what was begun at " + folder_.file(part_of("sub/a.bin")));
}

TEST_F(EarlierPartsTest, DeathBetweenTheTwoMovesLosesNothing) {
  begin(named("sub/a.bin"));
  fs::rename(folder_.file(part_of("sub/a.bin") + kJournalSuffix),
             folder_.file(part_of("b.bin") + kJournalSuffix));
  ASSERT_TRUE(go_on(named("b.bin")).ok());
  EXPECT_EQ(peer(2).offsets, std::vector<std::uint64_t>{2 * kMiB});
  EXPECT_EQ(hidden_files(), 0U);
}

TEST_F(EarlierPartsTest, APartThatLostItsJournalIsLookedAt) {
  begin(named("sub/a.bin"));
  fs::remove(folder_.file(part_of("sub/a.bin") + kJournalSuffix));
  ASSERT_TRUE(go_on(named("b.bin")).ok());
  EXPECT_EQ(peer(2).offsets, std::vector<std::uint64_t>{2 * kMiB});
}

TEST_F(EarlierPartsTest, TheFullestIsTaken) {
  begin(named("full.bin"));
  fs::create_directories(folder_.path() / "aside");
  for (const char* suffix : {"", kJournalSuffix})
    fs::rename(folder_.file(part_of("full.bin") + suffix), folder_.file("aside/kept") + suffix);
  begin(named("a/less.bin"), kMiB);
  for (const char* suffix : {"", kJournalSuffix})
    fs::rename(folder_.file("aside/kept") + suffix, folder_.file(part_of("full.bin") + suffix));
  ASSERT_TRUE(go_on(named("b.bin")).ok());
  EXPECT_EQ(peer(2).offsets, std::vector<std::uint64_t>{2 * kMiB});
  EXPECT_TRUE(fs::exists(folder_.file(part_of("a/less.bin"))));
}

TEST_F(EarlierPartsTest, WhatAnotherClientIsAtStaysThere) {
  begin(named("sub/a.bin"));
  const auto folder = TargetFolder::open(folder_.path().string(), "sub", false);
  ASSERT_TRUE(folder.ok());
  const auto held = folder->open_part("a.bin", file_.content_id);
  ASSERT_TRUE(held.ok());
  ASSERT_TRUE(go_on(named("b.bin")).ok());
  EXPECT_EQ(peer(2).offsets.front(), 0U);
  EXPECT_TRUE(fs::exists(folder_.file(part_of("sub/a.bin"))));
  EXPECT_TRUE(fs::exists(folder_.file(part_of("sub/a.bin") + kJournalSuffix)));
}

TEST_F(EarlierPartsTest, WhatIsBehindALinkIsLeftAlone) {
  begin(to("c.bin"));
  fs::create_directory_symlink(elsewhere_.path(), folder_.path() / "linked");
  DownloadRequest request = named("b.bin");
  honest(2);
  request.choice.sources = {source(2, "linked/c.bin")};
  ASSERT_TRUE(fetch(request).ok());
  EXPECT_EQ(peer(2).offsets.front(), 0U);
  EXPECT_TRUE(fs::exists(elsewhere_.file(part_of("c.bin"))));
}

TEST_F(EarlierPartsTest, ALinkCalledLikeAPartIsNone) {
  begin(to("c.bin"));
  fs::create_symlink(elsewhere_.file(part_of("c.bin")), folder_.file(part_of("x.bin")));
  ASSERT_TRUE(go_on(named("b.bin")).ok());
  EXPECT_EQ(peer(2).offsets.front(), 0U);
  EXPECT_TRUE(fs::exists(elsewhere_.file(part_of("c.bin"))));
}

TEST_F(EarlierPartsTest, WhatIsOnAnotherFileSystemIsLeftAlone) {
  struct stat here {};
  struct stat there {};
  const fs::path other = "/dev/shm";
  const bool two = ::stat(elsewhere_.path().c_str(), &here) == 0 &&
                   ::stat(other.c_str(), &there) == 0 && here.st_dev != there.st_dev;
  if (!two || ::access(other.c_str(), W_OK) != 0) GTEST_SKIP() << "there is one file system only";
  begin(named("a.bin"));
  const fs::path output = other / ("trueque-" + std::to_string(::getpid()) + ".bin");
  DownloadRequest request = named("a.bin");
  request.output = output.string();
  const auto outcome = go_on(request);
  fs::remove(output);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(peer(2).offsets.front(), 0U);
  EXPECT_TRUE(fs::exists(folder_.file(part_of("a.bin"))));
  EXPECT_TRUE(fs::exists(folder_.file(part_of("a.bin") + kJournalSuffix)));
}

// As in a folder too large to be walked to its end.
TEST_F(EarlierPartsTest, WhereTheFolderWasNotWalkedTheListedNamesTell) {
  HeldFiles held(settings_.shared_dir);
  EXPECT_TRUE(held.parts_of(file_.content_id).empty());
  begin(named("sub/a.bin"));
  const EarlierParts earlier(settings_.shared_dir, {}, held);
  const auto folder = TargetFolder::open(settings_.shared_dir, "", false);
  ASSERT_TRUE(folder.ok());
  EXPECT_FALSE(earlier.bring(choice({1}, "b.bin"), *folder, "b.bin"));
  const auto brought = earlier.bring(choice({1}, "sub/a.bin"), *folder, "b.bin");
  ASSERT_TRUE(brought);
  EXPECT_EQ(brought->from, folder_.file(part_of("sub/a.bin")));
  EXPECT_TRUE(fs::exists(folder_.file(part_of("b.bin") + kJournalSuffix)));
}

TEST_F(EarlierPartsTest, WhoeverTakesItHasItAlone) {
  begin(named("sub/a.bin"));
  HeldFiles held(settings_.shared_dir);
  const EarlierParts earlier(settings_.shared_dir, {}, held);
  const auto folder = TargetFolder::open(settings_.shared_dir, "", false);
  ASSERT_TRUE(folder.ok());
  std::atomic<int> taken = 0;
  std::latch all_are_there(8);
  std::latch all_have_tried(8);
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&, name = "b" + std::to_string(i)] {
      all_are_there.arrive_and_wait();
      const auto brought = earlier.bring(choice({1}), *folder, name);
      taken += brought ? 1 : 0;
      EXPECT_FALSE(brought && folder->open_part(name, file_.content_id).ok()) << "it is locked";
      all_have_tried.arrive_and_wait();
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(taken, 1);
}

}  // namespace
}  // namespace trueque
