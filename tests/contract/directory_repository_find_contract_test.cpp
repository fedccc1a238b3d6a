// What every DirectoryRepository promises about listings of many files.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/contract/directory_repository_contract.h"

namespace trueque {
namespace {

using testing::content_id;
using testing::kAna;
using testing::kAnaToo;
using testing::kBob;
using testing::placeholder;
using testing::real_file;
using List = std::vector<std::string>;

class DirectoryRepositoryFindTest : public testing::DirectoryRepositoryContract {
 protected:
  FindResult page(const FileQuery& query, std::optional<SharedFile> after = std::nullopt,
                  std::uint64_t turn = 0) {
    auto filter = FileFilter::make(query);
    EXPECT_TRUE(filter.ok()) << query.pattern;
    if (!filter.ok()) return {};
    return repository().find_files({*filter, query.limit, std::move(after), turn});
  }
  // Every file, through as many pages as it takes.
  std::vector<FoundFile> all(const FileQuery& query) {
    std::vector<FoundFile> files;
    std::optional<SharedFile> after;
    do {
      FindResult result = page(query, after);
      EXPECT_LE(result.files.size(), query.limit);
      for (FoundFile& file : result.files) files.push_back(std::move(file));
      after = result.end;
    } while (after);
    return files;
  }
  List names(const FileQuery& query) {
    List out;
    for (const FoundFile& found : all(query)) out.push_back(found.file.name);
    return out;
  }
};

FileQuery by_names(List names) {
  FileQuery query;
  query.names = std::move(names);
  return query;
}

FileQuery in_folder(const std::string& folder, const std::string& pattern = "") {
  FileQuery query;
  query.folder = folder;
  query.pattern = pattern;
  return query;
}

FileQuery like(const std::string& pattern) { return in_folder("", pattern); }

TEST_P(DirectoryRepositoryFindTest, ListsByNamesContentsFolderPatternAndPerson) {
  open(kAna, 1);
  open(kBob, 2);
  add(kAna, {real_file("p/a.txt", 1, 1), real_file("p/q/b.txt", 2, 2), placeholder("a.txt"),
             placeholder("p.txt"), real_file("z", 9, 9)});
  add(kBob, {real_file("p/a.txt", 1, 1), real_file("copy of a", 1, 1), placeholder("q/a.txt")});
  restart();
  EXPECT_EQ(names(by_names({"a.txt"})), (List{"a.txt", "p/a.txt", "q/a.txt"}));
  EXPECT_EQ(names(by_names({"p/a.txt", "z", "none", "z"})), (List{"p/a.txt", "z"}));
  EXPECT_EQ(names(by_names({"q/b.txt"})), List()) << "with a '/' it is the whole name";
  EXPECT_EQ(names(in_folder("p")), (List{"p/a.txt", "p/q/b.txt"}));
  EXPECT_EQ(names(in_folder("p/q")), List{"p/q/b.txt"});
  EXPECT_EQ(names(in_folder("none")), List());
  EXPECT_EQ(names(like("*.txt")), (List{"a.txt", "p.txt", "p/a.txt", "p/q/b.txt", "q/a.txt"}));
  EXPECT_EQ(names(like("p/*.txt")), List{"p/a.txt"});
  EXPECT_EQ(names(like("**/q/*")), (List{"p/q/b.txt", "q/a.txt"}));
  EXPECT_EQ(names(in_folder("p", "a*")), List{"p/a.txt"});
  EXPECT_EQ(names(in_folder("p", "q/*")), List());
  FileQuery query;
  query.content_ids = {content_id(1), content_id(7)};
  EXPECT_EQ(names(query), (List{"copy of a", "p/a.txt"}));
  query.names = {"z"};
  EXPECT_EQ(names(query), (List{"copy of a", "p/a.txt", "z"})) << "either will do";
  query.peer_name = "ana";
  EXPECT_EQ(names(query), (List{"p/a.txt", "z"})) << "all others must hold as well";
  FileQuery bobs;
  bobs.peer_name = "bob";
  EXPECT_EQ(names(bobs), (List{"copy of a", "p/a.txt", "q/a.txt"}));
  bobs.peer_name = "nobody";
  EXPECT_EQ(names(bobs), List());
}

TEST_P(DirectoryRepositoryFindTest, RowsAreANameAndAContentWithTheirSources) {
  open(kAna, 1);
  open(kAnaToo, 2);
  open(kBob, 3);
  add(kAna, {real_file("f", 1, 1)});
  add(kAnaToo, {placeholder("f")});
  add(kBob, {real_file("f", 1, 1)});
  restart();
  std::vector<FoundFile> found = all(by_names({"f"}));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].file, placeholder("f"));
  EXPECT_EQ(found[0].sources, std::vector<PeerKey>{kAnaToo});
  EXPECT_EQ(found[1].file, real_file("f", 1, 1));
  EXPECT_EQ(std::set<PeerKey>(found[1].sources.begin(), found[1].sources.end()),
            (std::set<PeerKey>{kAna, kBob}));
  FileQuery anas = by_names({"f"});
  anas.peer_name = "ana";
  found = all(anas);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[1].sources, std::vector<PeerKey>{kAna}) << "of that person alone";
}

TEST_P(DirectoryRepositoryFindTest, OfManySourcesSomeAreToldAndOthersTheNextTime) {
  constexpr std::size_t kPeers = kMaxSourcesOfAFile + 20;
  for (std::uint16_t i = 0; i < kPeers; ++i) {
    const PeerKey peer{"ana", "10.0.0.1", static_cast<std::uint16_t>(1000 + i)};
    open(peer, static_cast<std::uint8_t>(i));
    add(peer, {real_file("f", 1, 1)});
  }
  restart();
  FileQuery query = by_names({"f"});
  for (const char* person : {"", "ana"}) {
    query.peer_name = person;
    std::set<PeerKey> seen;
    for (std::uint64_t turn = 0; turn < 2; ++turn) {
      const FindResult result = page(query, std::nullopt, turn);
      ASSERT_EQ(result.files.size(), 1U);
      const std::vector<PeerKey>& sources = result.files[0].sources;
      EXPECT_EQ(std::set<PeerKey>(sources.begin(), sources.end()).size(), kMaxSourcesOfAFile);
      seen.insert(sources.begin(), sources.end());
    }
    EXPECT_EQ(seen.size(), kPeers);
  }
}

// A literal of a pattern is looked up in names that are folded for searching.
TEST_P(DirectoryRepositoryFindTest, PatternsAreAboutNamesAsTheyAre) {
  open(kAna, 1);
  std::vector<SharedFile> files;
  for (int i = 0; i < 50; ++i) files.push_back(placeholder("filler " + std::to_string(i)));
  for (const char* name : {"Report.TXT", "cafe\u0301.txt", "a  b  cde", "\u00A0xyz\u00A0 w",
                           "stra\u00DFe", "abc\u0338d", "ABC/def"})
    files.push_back(placeholder(name));
  add(kAna, files);
  restart();
  const std::pair<const char*, List> rows[] = {
      {"Repo*", {"Report.TXT"}},
      {"repo*", {}},
      {"*.TXT", {"Report.TXT"}},
      {"*cafe*", {"cafe\u0301.txt"}},
      {"*afe?.txt", {"cafe\u0301.txt"}},
      {"a  b  c*", {"a  b  cde"}},
      {"a b c*", {}},
      {"*xyz\u00A0 w", {"\u00A0xyz\u00A0 w"}},
      {"*stra\u00DFe", {"stra\u00DFe"}},
      {"*strass*", {}},
      {"*abc*", {"abc\u0338d"}},
      {"ABC/*", {"ABC/def"}},
  };
  for (const auto& [pattern, expected] : rows) EXPECT_EQ(names(like(pattern)), expected) << pattern;
}

TEST_P(DirectoryRepositoryFindTest, PagesMakeUpTheWholeAndAFullLastPageHasNoNext) {
  open(kAna, 1);
  open(kBob, 2);
  for (std::uint8_t i = 0; i < 12; ++i) {
    const std::string name = "d/" + std::string(1, static_cast<char>('a' + i / 3));
    add(i % 2 == 0 ? kAna : kBob, {real_file(name, 1, i)});
    add(i % 2 == 0 ? kBob : kAna, {placeholder("d/p" + std::to_string(i))});
  }
  restart();
  FileQuery query = in_folder("d");
  const auto whole = all(query);
  ASSERT_EQ(whole.size(), 20U) << "a peer has one content under a name";
  for (const std::uint32_t limit : {1U, 2U, 3U, 7U, 19U, 20U, 21U}) {
    query.limit = limit;
    const auto paged = all(query);
    ASSERT_EQ(paged.size(), whole.size()) << limit;
    for (std::size_t i = 0; i < whole.size(); ++i) EXPECT_EQ(paged[i].file, whole[i].file);
  }
  query.limit = 20;
  EXPECT_FALSE(page(query).end);
  query.limit = 19;
  EXPECT_TRUE(page(query).end);
}

TEST_P(DirectoryRepositoryFindTest, WhatStaysComesOnceWhileOthersComeAndGo) {
  open(kAna, 1);
  open(kBob, 2);
  std::set<std::string> staying;
  for (int i = 0; i < 40; ++i) {
    const std::string name = "s" + std::to_string(100 + i);
    staying.insert(name);
    add(kAna, {placeholder(name)});
    add(kBob, {placeholder(name + "x")});
  }
  FileQuery query = like("s*");
  query.limit = 7;
  std::multiset<std::string> seen;
  std::optional<SharedFile> after;
  int round = 0;
  do {
    const FindResult result = page(query, after);
    for (const FoundFile& found : result.files) seen.insert(found.file.name);
    after = result.end;
    // The file the page ended with goes, others come on both sides of it.
    if (after && !staying.contains(after->name)) {
      EXPECT_TRUE(repository().remove_files(kBob, List{after->name}).ok());
    }
    add(kBob, {placeholder("s000" + std::to_string(round)), placeholder("t")});
    ++round;
  } while (after && round < 100);
  for (const std::string& name : staying) EXPECT_EQ(seen.count(name), 1U) << name;
}

// Against the plainest way of listing: look at everything.
TEST_P(DirectoryRepositoryFindTest, ListsWhatAPlainLookAtEverythingLists) {
  std::mt19937 random(7);
  const auto below = [&](std::size_t bound) { return random() % bound; };
  const PeerKey peers[] = {kAna, kBob, kAnaToo};
  std::map<SharedFile, std::set<PeerKey>,
           decltype([](const SharedFile& left, const SharedFile& right) {
             return std::tie(left.name, left.content) < std::tie(right.name, right.content);
           })>
      model;
  const char* const parts[] = {"a", "b.txt", "cc", "report", "d.pdf"};
  for (std::uint8_t p = 0; p < 3; ++p) {
    open(peers[p], p);
    std::map<std::string, SharedFile> files;
    for (int i = 0; i < 60; ++i) {
      std::string name = parts[below(5)];
      for (std::size_t depth = below(3); depth > 0; --depth)
        name = std::string(parts[below(5)]) + "/" + name;
      files[name] = below(4) == 0 ? placeholder(name)
                                  : real_file(name, 1, static_cast<std::uint8_t>(below(9)));
    }
    for (const auto& [name, file] : files) {
      add(peers[p], {file});
      model[file].insert(peers[p]);
    }
  }
  restart();
  const char* const folders[] = {"", "", "a", "cc", "a/report", "nowhere"};
  const char* const patterns[] = {"", "", "*.txt", "rep*", "**/a/*", "a/**", "cc/*/d.pdf", "?"};
  const char* const persons[] = {"", "", "ana", "bob"};
  int matched = 0;
  for (int round = 0; round < 400; ++round) {
    FileQuery query = in_folder(folders[below(6)], patterns[below(8)]);
    query.peer_name = persons[below(4)];
    query.limit = static_cast<std::uint32_t>(1 + below(40));
    for (std::size_t i = below(3); i > 0; --i) query.names.emplace_back(parts[below(5)]);
    for (std::size_t i = below(3); i > 0; --i)
      query.content_ids.push_back(content_id(static_cast<std::uint8_t>(below(9))));
    const auto filter = FileFilter::make(query);
    ASSERT_TRUE(filter.ok());
    std::vector<FoundFile> expected;
    for (const auto& [file, sources] : model) {
      std::uint64_t steps = 0;
      if (!filter->takes_place(file.name, steps)) continue;
      if (!filter->takes_name(file.name) && !filter->takes_content(file.content)) continue;
      FoundFile found{file, {}};
      for (const PeerKey& peer : sources) {
        if (query.peer_name.empty() || query.peer_name == peer.username)
          found.sources.push_back(peer);
      }
      if (!found.sources.empty()) expected.push_back(std::move(found));
    }
    std::vector<FoundFile> found = all(query);
    ASSERT_EQ(found.size(), expected.size()) << query.folder << " " << query.pattern;
    for (std::size_t i = 0; i < found.size(); ++i) {
      std::sort(found[i].sources.begin(), found[i].sources.end());
      EXPECT_EQ(found[i].file, expected[i].file);
      EXPECT_EQ(found[i].sources, expected[i].sources);
      ++matched;
    }
  }
  EXPECT_GT(matched, 1000) << "the rounds must be about something";
}

INSTANTIATE_TEST_SUITE_P(All, DirectoryRepositoryFindTest, testing::kEveryRepository,
                         testing::repository_name);

}  // namespace
}  // namespace trueque
