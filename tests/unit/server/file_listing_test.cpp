// A listing looks at a bounded number of names at a time, and still finds everything.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "server/storage/memory_directory_repository.h"
#include "tests/support/directory_fixture.h"

namespace trueque {
namespace {

using testing::content_id;
using testing::placeholder;

const PeerKey kAna{"ana", "10.0.0.1", 1};
const PeerKey kBob{"bob", "10.0.0.2", 2};
constexpr std::size_t kNames = 120'000;

struct Listed {
  std::vector<std::string> names;
  std::size_t pages = 0;
  std::size_t empty_pages = 0;
};

class FileListingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const PeerKey& peer : {kAna, kBob}) {
      const auto first = static_cast<std::uint8_t>(peer.port);
      ASSERT_TRUE(
          repository_.open_session({content_id(first).bytes, peer, {}}, {}, std::chrono::seconds(9))
              .ok());
    }
    std::vector<SharedFile> files;
    for (std::size_t i = 0; i < kNames; ++i) {
      std::string number = std::to_string(1'000'000 + i);
      files.push_back(placeholder("d" + number.substr(1, 3) + "/" + number + "/index"));
    }
    ASSERT_TRUE(repository_.add_files(kAna, files).ok());
    ASSERT_TRUE(
        repository_
            .add_files(kBob, std::vector<SharedFile>{placeholder("zz/q"), placeholder("zz/index")})
            .ok());
  }

  Listed list(const FileQuery& query) {
    Listed listed;
    std::optional<SharedFile> after;
    const auto filter = FileFilter::make(query);
    EXPECT_TRUE(filter.ok());
    do {
      const FindResult page = *repository_.find_files({*filter, query.limit, after, 0});
      ++listed.pages;
      listed.empty_pages += page.files.empty() ? 1U : 0U;
      for (const FoundFile& found : page.files) listed.names.push_back(found.file.name);
      after = page.end;
    } while (after && listed.pages < 1000);
    return listed;
  }

  MemoryDirectoryRepository repository_;
};

TEST_F(FileListingTest, AWalkEndsItsPageAfterSoManyNamesAndGoesOnInTheNext) {
  FileQuery query;
  query.pattern = "?";
  const Listed listed = list(query);
  EXPECT_EQ(listed.names, std::vector<std::string>{"zz/q"});
  EXPECT_EQ(listed.pages, 3U);
  EXPECT_EQ(listed.empty_pages, 2U);
}

TEST_F(FileListingTest, WhatHasAnIndexNeedsNoWalk) {
  FileQuery by_name;
  by_name.names = {"q"};
  FileQuery of_person;
  of_person.peer_name = "bob";
  FileQuery in_folder;
  in_folder.folder = "zz";
  FileQuery below_start;
  below_start.pattern = "zz/*";
  FileQuery by_word;
  by_word.pattern = "*1119999/*";
  for (const auto& [query, files] :
       {std::pair(by_name, 1U), std::pair(of_person, 2U), std::pair(in_folder, 2U),
        std::pair(below_start, 2U), std::pair(by_word, 0U)}) {
    const Listed listed = list(query);
    EXPECT_EQ(listed.names.size(), files);
    EXPECT_EQ(listed.pages, 1U);
  }
}

TEST_F(FileListingTest, ANameThatEverybodyHasIsFoundThroughout) {
  FileQuery query;
  query.names = {"index"};
  const Listed listed = list(query);
  EXPECT_EQ(listed.names.size(), kNames + 1);
  EXPECT_EQ(std::set<std::string>(listed.names.begin(), listed.names.end()).size(), kNames + 1);
  EXPECT_TRUE(std::is_sorted(listed.names.begin(), listed.names.end()));
  query.names = {};
  query.peer_name = "ana";
  EXPECT_EQ(list(query).names.size(), kNames);
}

// The dearer a pattern, the fewer names a page looks at.
TEST_F(FileListingTest, AHostilePatternGetsShorterPages) {
  std::vector<SharedFile> files;
  for (int i = 0; i < 3000; ++i) {
    files.push_back(placeholder("long/" + std::string(200, 'a') + std::to_string(i)));
  }
  ASSERT_TRUE(repository_.add_files(kBob, files).ok());
  FileQuery query;
  query.folder = "long";
  query.pattern = "*a?";
  EXPECT_EQ(list(query).pages, 1U);
  query.pattern.clear();
  for (int i = 0; i < 100; ++i) query.pattern += "*a";
  query.pattern += "*?[!0-9]";
  const Listed hostile = list(query);
  EXPECT_EQ(hostile.names.size(), 0U);
  EXPECT_GT(hostile.pages, 3U);
}

}  // namespace
}  // namespace trueque
