#include "peer_server/core/shared_folder.h"

#include <gtest/gtest.h>
#include <sys/fsuid.h>

#include "tests/unit/peer_server/folder_fixture.h"

namespace trueque {
namespace {

using testing::FolderOnDisk;
using testing::id_of;
using testing::kPatience;
using testing::patterned;

std::set<std::string> names_in(const SharedFolder& folder) {
  std::set<std::string> names;
  std::size_t from = 0;
  for (const SharedFile& file : folder.page(from, 100)) names.insert(file.name);
  return names;
}

Result<std::string> content_of(SharedFolder& folder, const ContentId& id) {
  const Result<OpenFile> file = folder.open_content(id);
  if (!file) return file.error();
  std::string bytes(file->size(), '\0');
  const Status read = file->read({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()}, 0);
  if (!read) return read.error();
  return bytes;
}

Code code_of(const Result<std::string>& result) {
  return result ? Code::kInternal : result.error().code;
}

TEST(SharedFolder, SharesWhatIsThereAndNothingElse) {
  FolderOnDisk disk;
  disk.write("a.txt", "one");
  disk.write("photos/2024/b.jpg", "two");
  disk.write("empty", "");
  disk.write(".hidden", "x");
  disk.write(".git/config", "x");
  disk.write("photos/.b.jpg.1a.part", "x");
  disk.write("bad\\name", "x");
  disk.write("bad\nname", "x");
  std::ofstream(disk.outside("secret")) << "secret";
  std::filesystem::create_symlink(disk.outside("secret"), disk.path("out"));
  std::filesystem::create_symlink("a.txt", disk.path("link"));
  std::filesystem::create_symlink("photos", disk.path("folder_link"));
  ASSERT_EQ(::mkfifo(disk.path("pipe").c_str(), 0600), 0);
  const auto folder = disk.share_settled();
  ASSERT_TRUE(folder);
  const std::set<std::string> expected = {"a.txt", "empty", "link", "photos/2024/b.jpg"};
  EXPECT_EQ(names_in(*folder), expected);
  EXPECT_EQ(folder->find_by_name("b.jpg")->name, "photos/2024/b.jpg");
  EXPECT_EQ(folder->find_by_name("empty")->content.id, ContentId());
  EXPECT_TRUE(folder->find_by_name("empty")->pieces.empty());
  EXPECT_EQ(*content_of(*folder, id_of("two")), "two");
  for (const char* name : {"", "..", "../secret", "/etc/passwd", ".hidden", ".git/config", "out",
                           "pipe", "photos", "config", "photos/2024/../2024/b.jpg"}) {
    EXPECT_EQ(folder->find_by_name(name).error().code, Code::kNotFound) << name;
    EXPECT_FALSE(folder->contains(name).ok()) << name;
  }
}

TEST(SharedFolder, KnowsContentAndPieces) {
  FolderOnDisk disk;
  const std::string large = patterned(3 * kMinPieceSize + 5);
  disk.write("large", large);
  const auto folder = disk.share_settled();
  ASSERT_TRUE(folder);
  const Result<FileDetails> details = folder->find_by_content(id_of(large));
  ASSERT_TRUE(details.ok());
  EXPECT_EQ(details->content.size, large.size());
  ASSERT_EQ(details->pieces.size(), 4U);
  EXPECT_EQ(root_of_pieces(PieceLayout(large.size()), details->pieces), id_of(large));
  EXPECT_EQ(*content_of(*folder, id_of(large)), large);
  EXPECT_EQ(folder->find_by_content(id_of("other")).error().code, Code::kNotFound);
}

TEST(SharedFolder, SeesEveryKindOfChange) {
  FolderOnDisk disk;
  disk.write("stays", "stays");
  disk.write("old/sub/file", "moved");
  const auto folder = disk.share_settled();
  ASSERT_TRUE(folder);
  disk.write("new", "new");
  EXPECT_TRUE(disk.names.wait_for("new", id_of("new")));
  disk.write("fresh/deep/file", "deep");  // folders that come with files in them
  EXPECT_TRUE(disk.names.wait_for("fresh/deep/file", id_of("deep")));
  disk.write("fresh/deep/second", "second");  // and are watched from then on
  EXPECT_TRUE(disk.names.wait_for("fresh/deep/second", id_of("second")));
  disk.write("stays", "stays not");
  EXPECT_TRUE(disk.names.wait_for("stays", id_of("stays not")));
  std::filesystem::rename(disk.path("new"), disk.path("renamed"));
  EXPECT_TRUE(disk.names.wait_for("renamed", id_of("new")));
  EXPECT_TRUE(disk.names.wait_gone("new"));
  std::filesystem::rename(disk.path("old"), disk.path("fresh/old"));
  EXPECT_TRUE(disk.names.wait_for("fresh/old/sub/file", id_of("moved")));
  EXPECT_TRUE(disk.names.wait_gone("old/sub/file"));
  disk.write("fresh/old/sub/later", "later");  // watched under the new name
  EXPECT_TRUE(disk.names.wait_for("fresh/old/sub/later", id_of("later")));
  std::filesystem::rename(disk.path("fresh"), disk.outside("gone"));
  EXPECT_TRUE(disk.names.wait_gone("fresh/deep/file"));
  EXPECT_TRUE(disk.names.wait_gone("fresh/old/sub/later"));
  std::filesystem::rename(disk.outside("gone"), disk.path("back"));
  EXPECT_TRUE(disk.names.wait_for("back/deep/file", id_of("deep")));
  std::filesystem::remove(disk.path("stays"));
  EXPECT_TRUE(disk.names.wait_gone("stays"));
  std::filesystem::remove_all(disk.path("back"));
  EXPECT_TRUE(disk.names.wait_gone("back/old/sub/file"));
}

TEST(SharedFolder, ARescanFindsWhatNoEventTold) {
  FolderOnDisk disk;
  disk.write("a", "one");
  // A link's target changes without an event under the link's name.
  disk.write("folder/target", "one");
  std::filesystem::create_symlink("folder/target", disk.path("link"));
  FolderOptions options = disk.options();
  options.rescan = std::chrono::milliseconds(50);
  const auto folder = disk.share(options);
  ASSERT_TRUE(disk.names.wait_for("link", id_of("one")));
  disk.write("folder/target", "another");
  EXPECT_TRUE(disk.names.wait_for("link", id_of("another")));
}

TEST(SharedFolder, AFileThatGrowsIsSharedOnceItRests) {
  FolderOnDisk disk;
  FolderOptions options = disk.options();
  options.rest = std::chrono::milliseconds(400);
  const auto folder = disk.share(options);
  ASSERT_TRUE(folder);
  ASSERT_TRUE(folder->wait_until_settled(kPatience));
  std::string whole;
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(1'200);
  while (std::chrono::steady_clock::now() < until) {
    whole += "more";
    std::ofstream(disk.path("log"), std::ios::app) << "more" << std::flush;
  }
  EXPECT_TRUE(disk.names.wait_for("log", id_of(whole)));
  EXPECT_EQ(disk.names.times_shared("log"), 1);
}

TEST(SharedFolder, NeverGivesOutBytesOfAFileThatChanged) {
  FolderOnDisk disk;
  disk.write("a", "before");
  const auto folder = disk.share_settled();
  ASSERT_TRUE(folder);
  const Result<OpenFile> open = folder->open_content(id_of("before"));
  ASSERT_TRUE(open.ok());
  disk.write("a", "after!");
  std::string bytes(6, '\0');
  const std::span<std::uint8_t> into(reinterpret_cast<std::uint8_t*>(bytes.data()), 6);
  EXPECT_EQ(open->read(into, 0).error().code, Code::kFailedPrecondition);
  // Noticed or not, the old content is answered the same way.
  EXPECT_EQ(code_of(content_of(*folder, id_of("before"))), Code::kFailedPrecondition);
  EXPECT_TRUE(disk.names.wait_for("a", id_of("after!")));
  EXPECT_EQ(*content_of(*folder, id_of("after!")), "after!");
}

TEST(SharedFolder, ATruncatedFileFails) {
  FolderOnDisk disk;
  disk.write("a", "before");
  const auto folder = disk.share_settled();
  ASSERT_TRUE(folder);
  const Result<OpenFile> open = folder->open_content(id_of("before"));
  std::filesystem::resize_file(disk.path("a"), 2);
  std::string bytes(6, '\0');
  const std::span<std::uint8_t> into(reinterpret_cast<std::uint8_t*>(bytes.data()), 6);
  EXPECT_EQ(open->read(into, 0).error().code, Code::kFailedPrecondition);
}

TEST(SharedFolder, ServesTheOtherNameOfAContentWhenOneIsGone) {
  FolderOnDisk disk;
  disk.write("a", "same");
  disk.write("b", "same");
  const auto folder = disk.share_settled();
  ASSERT_TRUE(folder);
  std::filesystem::remove(disk.path("a"));
  EXPECT_EQ(*content_of(*folder, id_of("same")), "same");
  ASSERT_TRUE(disk.names.wait_gone("a"));
  EXPECT_EQ(*content_of(*folder, id_of("same")), "same");
  EXPECT_EQ(folder->find_by_content(id_of("same"))->name, "b");
}

TEST(SharedFolder, AFolderSwappedForALinkOutIsNotFollowed) {
  FolderOnDisk disk;
  disk.write("folder/file", "inside");
  std::filesystem::create_directory(disk.outside("elsewhere"));
  std::ofstream(disk.outside("elsewhere/file")) << "secret";
  const auto folder = disk.share_settled();
  ASSERT_TRUE(folder);
  std::filesystem::rename(disk.path("folder"), disk.outside("aside"));
  std::filesystem::create_directory_symlink(disk.outside("elsewhere"), disk.path("folder"));
  EXPECT_FALSE(content_of(*folder, id_of("inside")).ok());
  EXPECT_TRUE(disk.names.wait_gone("folder/file"));
  EXPECT_TRUE(names_in(*folder).empty());
}

TEST(SharedFolder, ALinkFollowsWhatItLeadsTo) {
  FolderOnDisk disk;
  disk.write("sub/a.txt", "before");
  std::filesystem::create_symlink("sub/a.txt", disk.path("link"));
  std::filesystem::create_symlink("link", disk.path("second"));
  std::filesystem::create_symlink("sub/later", disk.path("early"));
  const auto folder = disk.share_settled();
  ASSERT_TRUE(folder);
  ASSERT_TRUE(disk.names.wait_for("second", id_of("before")));
  disk.write("sub/a.txt", "and after");
  EXPECT_TRUE(disk.names.wait_for("link", id_of("and after")));
  EXPECT_TRUE(disk.names.wait_for("second", id_of("and after")));
  disk.write("sub/later", "late");
  EXPECT_TRUE(disk.names.wait_for("early", id_of("late")));
  std::filesystem::create_symlink("a.txt", disk.path("sub/new"));
  EXPECT_TRUE(disk.names.wait_for("sub/new", id_of("and after")));
  std::filesystem::remove(disk.path("sub/a.txt"));
  for (const char* name : {"link", "second", "sub/new"}) EXPECT_TRUE(disk.names.wait_gone(name));
  disk.write("sub/a.txt", "again");
  EXPECT_TRUE(disk.names.wait_for("sub/new", id_of("again")));
  std::filesystem::rename(disk.path("sub"), disk.path("moved"));
  EXPECT_TRUE(disk.names.wait_gone("link"));
  EXPECT_TRUE(disk.names.wait_for("moved/new", id_of("again")));
}

TEST(SharedFolder, IsFollowedWhenItIsRemovedMovedOrMadeAnew) {
  FolderOnDisk disk;
  disk.write("sub/a", "one");
  const auto folder = disk.share_settled();
  ASSERT_TRUE(folder);
  std::filesystem::remove_all(disk.path());
  EXPECT_TRUE(disk.names.wait_gone("sub/a"));
  disk.write("sub/b", "two");
  EXPECT_TRUE(disk.names.wait_for("sub/b", id_of("two")));
  EXPECT_EQ(*content_of(*folder, id_of("two")), "two");
  disk.write("sub/c", "three");  // watched again
  EXPECT_TRUE(disk.names.wait_for("sub/c", id_of("three")));

  std::filesystem::rename(disk.path(), disk.outside("aside"));
  EXPECT_TRUE(disk.names.wait_gone("sub/c"));
  EXPECT_TRUE(names_in(*folder).empty());
  std::ofstream(disk.outside("aside/sub/d")) << "four";  // not shared there
  std::filesystem::create_directory_symlink("aside", disk.path());
  EXPECT_TRUE(disk.names.wait_for("sub/d", id_of("four")));
  std::ofstream(disk.outside("aside/e")) << "five";
  EXPECT_TRUE(disk.names.wait_for("e", id_of("five")));
  EXPECT_EQ(disk.names.times_shared("sub/d"), 1);
}

// What this thread and those it starts may read, as somebody who is not root.
class AsNobody {
 public:
  AsNobody() { ::setfsuid(65534); }
  ~AsNobody() { ::setfsuid(::geteuid()); }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
};

TEST(SharedFolder, SaysOnceWhyAFileThatComesIsNotShared) {
  FolderOnDisk disk;
  std::filesystem::permissions(std::filesystem::path(disk.path()).parent_path(),
                               std::filesystem::perms(0755));
  const Log log(LogLevel::kWarning, LogFormat::kText);
  FolderOptions options = disk.options();
  options.cache_directory.clear();
  ::testing::internal::CaptureStderr();
  const auto folder = [&] {
    const AsNobody nobody;
    return SharedFolder::open(options, log,
                              [&](const std::vector<FolderChange>& all) { disk.names.apply(all); });
  }();
  ASSERT_TRUE(folder.ok());
  ASSERT_TRUE((*folder)->wait_until_settled(kPatience));
  for (const char* last : {"z1", "z2"}) {
    disk.write("bad\nname", last);
    std::ofstream(disk.outside("closed")) << last;
    std::filesystem::permissions(disk.outside("closed"), std::filesystem::perms(0));
    std::filesystem::rename(disk.outside("closed"), disk.path("closed"));
    std::filesystem::create_symlink("/etc/passwd", disk.path(std::string("out") + last));
    disk.write(last, last);
    ASSERT_TRUE(disk.names.wait_for(last, id_of(last)));
  }
  const std::string said = ::testing::internal::GetCapturedStderr();
  std::size_t lines = 0;
  for (auto at = said.find("file_not_shared"); at != std::string::npos; ++lines)
    at = said.find("file_not_shared", at + 1);
  EXPECT_EQ(lines, 2U) << said;
  EXPECT_NE(said.find("the name has a control character"), std::string::npos) << said;
  EXPECT_NE(said.find("name=closed reason=\"cannot open closed: Permission denied\""),
            std::string::npos)
      << said;
}

TEST(SharedFolder, AnUnchangedFolderIsNotHashedAgain) {
  FolderOnDisk disk;
  disk.write("a", "one");
  const std::string large = patterned(2 * kMinPieceSize);
  disk.write("large", large);
  ASSERT_TRUE(disk.share_settled());
  // Were it read again, it would hash to something else.
  struct stat before {};
  ASSERT_EQ(::stat(disk.path("large").c_str(), &before), 0);
  std::fstream file(disk.path("large"), std::ios::in | std::ios::out | std::ios::binary);
  file << "CHANGED";
  file.close();
  const timespec times[2] = {before.st_atim, before.st_mtim};
  ASSERT_EQ(::utimensat(AT_FDCWD, disk.path("large").c_str(), times, 0), 0);
  const auto again = disk.share_settled();
  ASSERT_TRUE(again);
  const Result<FileDetails> details = again->find_by_name("large");
  ASSERT_TRUE(details.ok());
  EXPECT_EQ(details->content.id, id_of(large));
  EXPECT_EQ(root_of_pieces(PieceLayout(large.size()), details->pieces), id_of(large));
}

TEST(SharedFolder, AnswersWhileItHashesAndStopsInTheMiddle) {
  FolderOnDisk disk;
  disk.write("small", "small");
  disk.write_sparse("huge", 64UL << 30);
  const auto folder = disk.share();
  ASSERT_TRUE(folder);
  ASSERT_TRUE(disk.names.wait_for("small", id_of("small")));
  EXPECT_EQ(folder->find_by_name("huge").error().code, Code::kUnavailable);
  EXPECT_TRUE(folder->find_by_name("huge").error().retry_after);
  EXPECT_TRUE(folder->contains("huge").ok());
  EXPECT_EQ(*content_of(*folder, id_of("small")), "small");
}

TEST(SharedFolder, IsNotThere) {
  FolderOnDisk disk;
  FolderOptions options = disk.options();
  options.path = disk.path("none");
  EXPECT_EQ(SharedFolder::open(options, disk.log()).error().code, Code::kNotFound);
}

}  // namespace
}  // namespace trueque
