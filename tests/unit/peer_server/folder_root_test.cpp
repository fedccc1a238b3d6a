#include "peer_server/core/folder_root.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "tests/unit/peer_server/folder_fixture.h"

namespace trueque {
namespace {

using testing::FolderOnDisk;

// With openat2, and as on systems without.
class FolderRootTest : public ::testing::TestWithParam<bool> {
 protected:
  FolderRoot root() const {
    Result<FolderRoot> root = FolderRoot::open(disk_.path());
    if (!GetParam()) root->set_openat2_missing();
    return std::move(*root);
  }

  FolderOnDisk disk_;
};

INSTANTIATE_TEST_SUITE_P(BothWays, FolderRootTest, ::testing::Bool(), [](const auto& way) {
  return way.param ? "WithOpenat2" : "ByComponents";
});

TEST_P(FolderRootTest, OpensFilesWithin) {
  disk_.write("a.txt", "one");
  disk_.write("photos/2024/b.txt", "two");
  EXPECT_TRUE(root().open_file("a.txt").ok());
  EXPECT_TRUE(root().open_file("photos/2024/b.txt").ok());
  EXPECT_TRUE(root().open_directory("photos/2024").ok());
  EXPECT_TRUE(root().open_directory("").ok());
  EXPECT_EQ(root().stamp("a.txt")->size, 3U);
}

TEST_P(FolderRootTest, RefusesWhatIsNotSharedOrLeadsOut) {
  disk_.write("a.txt", "one");
  disk_.write(".hidden", "x");
  disk_.write(".dot/file", "x");
  disk_.write("folder/.part", "x");
  std::ofstream(disk_.outside("secret")) << "secret";
  std::filesystem::create_directory(disk_.outside("elsewhere"));
  std::ofstream(disk_.outside("elsewhere/secret")) << "secret";
  std::filesystem::create_symlink("../secret", disk_.path("out"));
  std::filesystem::create_symlink(disk_.outside("secret"), disk_.path("absolute"));
  std::filesystem::create_symlink("/proc/self/environ", disk_.path("magic"));
  std::filesystem::create_symlink(disk_.outside("elsewhere"), disk_.path("folder_out"));
  std::filesystem::create_symlink(".hidden", disk_.path("unhide"));
  std::filesystem::create_symlink(disk_.path(".hidden"), disk_.path("unhide_absolute"));
  disk_.write("real/inner.txt", "x");
  std::filesystem::create_symlink("real", disk_.path("linked"));
  std::filesystem::create_symlink("inner.txt", disk_.path("real/again.txt"));
  std::filesystem::create_symlink(".dot/file", disk_.path("unhide_folder"));
  std::filesystem::create_symlink("loop", disk_.path("loop"));
  std::filesystem::create_symlink("nowhere", disk_.path("dangling"));
  for (const std::string name : {"",
                                 ".",
                                 "..",
                                 "../secret",
                                 "/etc/passwd",
                                 "a.txt/../../secret",
                                 "folder/../a.txt",
                                 ".hidden",
                                 ".dot/file",
                                 "folder/.part",
                                 "out",
                                 "absolute",
                                 "magic",
                                 "folder_out/secret",
                                 "unhide",
                                 "unhide_folder",
                                 "unhide_absolute",
                                 "linked/inner.txt",
                                 "linked/again.txt",
                                 "loop",
                                 "dangling",
                                 "missing",
                                 "folder",
                                 "a.txt/b"}) {
    EXPECT_FALSE(root().open_file(name).ok()) << name;
  }
  EXPECT_FALSE(root().open_directory("folder_out").ok());
  EXPECT_FALSE(root().open_directory("..").ok());
}

TEST_P(FolderRootTest, RefusesWhatIsNoRegularFileWithoutWaiting) {
  ASSERT_EQ(::mkfifo(disk_.path("pipe").c_str(), 0600), 0);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, disk_.path("socket").c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const UniqueFd closes(fd);
  EXPECT_FALSE(root().open_file("pipe").ok());
  EXPECT_FALSE(root().open_file("socket").ok());
}

TEST_P(FolderRootTest, FollowsALinkThatEndsInside) {
  disk_.write("real/a.txt", "one");
  const std::string back = "../" + std::filesystem::path(disk_.path()).filename().string();
  std::filesystem::create_symlink("real/a.txt", disk_.path("relative"));
  std::filesystem::create_symlink(disk_.path("real/a.txt"), disk_.path("absolute"));
  std::filesystem::create_symlink(back + "/real/a.txt", disk_.path("out_and_back"));
  std::filesystem::create_symlink("real", disk_.path("folder"));
  std::filesystem::create_symlink("folder/a.txt", disk_.path("through_a_linked_folder"));
  std::filesystem::create_symlink("absolute", disk_.path("twice"));
  std::filesystem::create_symlink("../relative", disk_.path("real/up"));
  for (const char* name :
       {"relative", "absolute", "out_and_back", "through_a_linked_folder", "twice", "real/up"}) {
    const Result<UniqueFd> file = root().open_file(name);
    ASSERT_TRUE(file.ok()) << name << ": " << file.error().message;
    char byte = 0;
    EXPECT_EQ(::read(file->get(), &byte, 1), 1) << name;
    EXPECT_EQ(byte, 'o') << name;
  }
  EXPECT_FALSE(root().open_directory("folder").ok());
}

// A link that somebody turns about all the time gives what is inside or nothing.
TEST_P(FolderRootTest, NoRaceLeadsOut) {
  disk_.write("real/a.txt", "inside");
  std::filesystem::create_directory(disk_.outside("elsewhere"));
  std::ofstream(disk_.outside("elsewhere/a.txt")) << "Secret";
  const auto turn = [&](const std::string& target) {
    std::filesystem::create_symlink(target, disk_.path("next"));
    std::filesystem::rename(disk_.path("next"), disk_.path("turning"));
  };
  turn(disk_.path("real"));
  std::filesystem::create_symlink("turning/a.txt", disk_.path("link"));
  std::atomic<bool> done = false;
  std::thread turner([&] {
    while (!done) {
      turn(disk_.outside("elsewhere"));
      turn(disk_.path("real"));
    }
  });
  const FolderRoot folder = root();
  for (int i = 0; i < 5000; ++i) {
    const Result<UniqueFd> file = folder.open_file("link");
    char byte = 'i';
    if (file) {
      EXPECT_EQ(::read(file->get(), &byte, 1), 1);
    }
    EXPECT_EQ(byte, 'i');
  }
  done = true;
  turner.join();
}

TEST(FolderRoot, SaysThatTheFolderIsMissing) {
  FolderOnDisk disk;
  disk.write("file", "x");
  EXPECT_EQ(FolderRoot::open(disk.path("none")).error().code, Code::kNotFound);
  EXPECT_EQ(FolderRoot::open(disk.path("file")).error().code, Code::kNotFound);
}

}  // namespace
}  // namespace trueque
