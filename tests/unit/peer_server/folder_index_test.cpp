#include "peer_server/core/folder_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace trueque {
namespace {

ContentId some_id(std::uint8_t byte) {
  ContentId id;
  id.bytes.fill(byte);
  return id;
}

class FolderIndexTest : public ::testing::Test {
 protected:
  void share(const std::string& name, std::uint8_t content) {
    const FileStamp stamp{content, content, content};
    index_.observe(name, stamp, 1);
    index_.set_hashed(name, stamp, {some_id(content), {}});
  }
  std::string found(const std::string& name) const {
    const auto file = index_.find_shared(name);
    return file ? file->first : std::string(code_name(file.error().code));
  }
  std::string found(std::uint8_t content) const {
    const auto files = index_.find_content(some_id(content));
    return files ? files->front().first : std::string(code_name(files.error().code));
  }

  FolderIndex index_;
};

TEST_F(FolderIndexTest, FindsByWholeNameAndByAnUnambiguousLastComponent) {
  share("a.txt", 1);
  share("x/a.txt", 2);
  share("x/b.txt", 3);
  share("y/b.txt", 4);
  share("x/c.txt", 5);
  share("y/c.txt", 5);
  share("y/d.txt", 6);
  EXPECT_EQ(found("a.txt"), "a.txt");  // a whole name first
  EXPECT_EQ(found("x/a.txt"), "x/a.txt");
  EXPECT_EQ(found("b.txt"), "failed_precondition");
  EXPECT_EQ(found("y/b.txt"), "y/b.txt");
  EXPECT_EQ(found("c.txt"), "x/c.txt");  // two names, one content
  EXPECT_EQ(found("d.txt"), "y/d.txt");
  EXPECT_EQ(found("txt"), "not_found");
  EXPECT_EQ(found("x"), "not_found");
}

TEST_F(FolderIndexTest, SaysThatAFileIsStillBeingHashed) {
  share("a", 1);
  index_.observe("b", {1, 1, 1}, 1);
  index_.observe("x/a", {1, 1, 1}, 1);
  EXPECT_EQ(found("b"), "unavailable");
  EXPECT_EQ(found("a"), "a");
  EXPECT_TRUE(index_.find_shared("b").error().retry_after);
  EXPECT_EQ(found(9), "not_found");  // a resting file may rest for long
  index_.set_state("b", FileState::kHashing);
  EXPECT_EQ(index_.hashing(), 1U);
  EXPECT_EQ(found(9), "unavailable");
  EXPECT_EQ(found(1), "a");
}

TEST_F(FolderIndexTest, TheDigestIsOfWhatIsShared) {
  const auto expect = [this](const std::vector<std::pair<std::string, std::uint8_t>>& files) {
    FileSetDigest digest;
    for (const auto& [name, content] : files)
      digest.toggle(name, Content{content, some_id(content)});
    EXPECT_EQ(index_.digest(), digest);
    EXPECT_EQ(index_.shared(), files.size());
  };
  expect({});
  share("a", 1);
  share("x/b", 2);
  expect({{"a", 1}, {"x/b", 2}});
  index_.observe("a", {9, 9, 9}, 2);  // changed, and not hashed yet
  expect({{"x/b", 2}});
  share("a", 3);
  share("a", 3);  // once more
  expect({{"a", 3}, {"x/b", 2}});
  index_.set_state("a", FileState::kUnusable);
  expect({{"x/b", 2}});
  index_.observe("a", {3, 3, 3}, 2);
  index_.remove_unseen("", 2);
  expect({});
  EXPECT_TRUE(index_.has_changes());
  index_.take_changes();
  EXPECT_FALSE(index_.has_changes());
}

TEST_F(FolderIndexTest, RemembersWhatAChangedFileWas) {
  share("a", 1);
  EXPECT_FALSE(index_.observe("a", {1, 1, 1}, 2));
  EXPECT_TRUE(index_.observe("a", {2, 1, 1}, 2));
  EXPECT_EQ(found(1), "failed_precondition");
  EXPECT_EQ(index_.shared(), 0U);
  index_.set_hashed("a", {1, 1, 1}, {some_id(1), {}});  // of the state before: too late
  EXPECT_EQ(found("a"), "unavailable");
  index_.set_hashed("a", {2, 1, 1}, {some_id(2), {}});
  EXPECT_EQ(found(2), "a");
  index_.remove("a");
  EXPECT_EQ(found(2), "not_found");
  EXPECT_EQ(found("a"), "not_found");
}

TEST_F(FolderIndexTest, TellsWhatJoinedAndLeftInOrder) {
  share("a", 1);
  share("b", 2);
  index_.observe("a", {9, 9, 9}, 2);
  index_.remove("b");
  const std::vector<FolderChange> expected = {{"a", Content{1, some_id(1)}},
                                              {"b", Content{2, some_id(2)}},
                                              {"a", std::nullopt},
                                              {"b", std::nullopt}};
  EXPECT_EQ(index_.take_changes(), expected);
  EXPECT_TRUE(index_.take_changes().empty());
}

TEST_F(FolderIndexTest, RemovesWhatAScanDidNotSeeBelowAFolderOnly) {
  for (const char* name : {"a", "x/a", "x/b", "x/y/c", "xy/d"}) share(name, 1);
  index_.observe("x/b", {1, 1, 1}, 2);
  const std::vector<std::string> gone = {"x/a", "x/y/c"};
  EXPECT_EQ(index_.remove_unseen("x", 2), gone);
  EXPECT_TRUE(index_.remove_unseen("x", 2).empty());
  EXPECT_EQ(index_.shared(), 3U);
  EXPECT_EQ(index_.remove_unseen("", 2).size(), 2U);
  EXPECT_EQ(index_.shared(), 1U);
}

TEST_F(FolderIndexTest, GivesWhatIsSharedInPages) {
  for (int i = 0; i < 10; ++i) share("x/" + std::to_string(i), 1);
  index_.observe("rests", {1, 1, 1}, 1);
  index_.remove("x/3");
  std::set<std::string> names;
  std::size_t from = 0;
  std::vector<std::size_t> sizes;
  do {
    const std::vector<SharedFile> page = index_.page(from, 4);
    sizes.push_back(page.size());
    for (const SharedFile& file : page) names.insert(file.name);
  } while (sizes.back() == 4);
  EXPECT_EQ(sizes, (std::vector<std::size_t>{4, 4, 1}));
  EXPECT_EQ(names.size(), 9U);
  EXPECT_FALSE(names.contains("x/3") || names.contains("rests"));
  EXPECT_TRUE(index_.page(from, 4).empty());
}

// Whatever comes and goes, it finds what a plain map would.
TEST_F(FolderIndexTest, KeepsUpWithFilesThatComeAndGo) {
  std::map<std::string, std::uint8_t> expected;
  std::mt19937 random(11);
  for (int turn = 0; turn < 20'000; ++turn) {
    // Several folders, few last components, fewer contents.
    const std::string name =
        "f" + std::to_string(random() % 40) + "/" + std::to_string(random() % 20);
    if (random() % 3 == 0) {
      index_.remove(name);
      expected.erase(name);
    } else {
      const auto content = static_cast<std::uint8_t>(1 + random() % 5);
      share(name, content);
      expected[name] = content;
    }
    if (turn % 500 == 0) {
      const std::string folder = "f" + std::to_string(random() % 40);
      index_.remove_unseen(folder, 2);
      std::erase_if(expected,
                    [&](const auto& each) { return each.first.starts_with(folder + "/"); });
    }
    if (turn % 1000 != 0) continue;
    ASSERT_EQ(index_.shared(), expected.size());
    for (const auto& [each, content] : expected) {
      ASSERT_EQ(found(each), each);
      ASSERT_EQ(index_.find(each)->hash.id, some_id(content));
    }
    for (std::uint8_t content = 1; content <= 5; ++content) {
      const auto files = index_.find_content(some_id(content));
      const auto count = std::count_if(expected.begin(), expected.end(),
                                       [&](const auto& each) { return each.second == content; });
      ASSERT_EQ(files.ok() ? files->size() : 0,
                std::min<std::size_t>(8, static_cast<std::size_t>(count)));
      for (std::size_t i = 0; files.ok() && i < files->size(); ++i)
        ASSERT_EQ(expected.at((*files)[i].first), content);
    }
  }
  std::size_t from = 0;
  EXPECT_EQ(index_.page(from, 10'000).size(), expected.size());
  EXPECT_LE(from, 800U);  // places are used again
}

TEST_F(FolderIndexTest, ManyWithOneNameAndContentCostTheOthersNothing) {
  for (int i = 0; i < 100'000; ++i) share(std::to_string(i) + "/README", 1);
  for (int i = 99'999; i > 0; --i) index_.remove(std::to_string(i) + "/README");
  EXPECT_EQ(found("README"), "0/README");
  EXPECT_EQ(found(1), "0/README");
}

TEST_F(FolderIndexTest, AFileThatCannotBeReadIsNotFoundMissing) {
  share("a", 1);
  index_.set_state("a", FileState::kUnusable);
  EXPECT_EQ(found("a"), "failed_precondition");
}

}  // namespace
}  // namespace trueque
