// What every DirectoryRepository promises about search.
#include <gtest/gtest.h>

#include "server/core/search_query.h"
#include "tests/contract/directory_repository_contract.h"

namespace trueque {
namespace {

using testing::kAna;
using testing::kBob;
using testing::placeholder;
using testing::real_file;
using List = std::vector<std::string>;

class DirectoryRepositorySearchTest : public testing::DirectoryRepositoryContract {};

TEST_P(DirectoryRepositorySearchTest, SearchRanksWholeNameThenPrefixThenWordStartThenInside) {
  open(kAna, 1);
  add(kAna, {placeholder("unmapped.txt"), placeholder("the map.txt"), placeholder("map.txt"),
             placeholder("MAP"), placeholder("amap 1"), placeholder("other")});
  restart();
  EXPECT_EQ(search("map"), (List{"MAP", "map.txt", "the map.txt", "amap 1", "unmapped.txt"}));
  EXPECT_EQ(search("  Map\t"), search("map"));
  EXPECT_EQ(search("map", 1).size(), 2U) << "one more tells that a page follows";
}

TEST_P(DirectoryRepositorySearchTest, SearchTakesAnyWhiteSpaceForOneBlank) {
  open(kAna, 1);
  const List best_first = {"report\u00A02024", "report  2024 b", "2024 report", "myreport 2024"};
  for (const std::string& name : best_first) add(kAna, {placeholder(name)});
  restart();
  for (const char* words : {"report 2024", "report  2024", "\u3000Report\t2024 ",
                            "report\u00A02024", "report\u2003\u00A0 2024"}) {
    EXPECT_EQ(search(words), best_first) << words;
  }
}

TEST_P(DirectoryRepositorySearchTest, NeitherCaseNorAccentsMatter) {
  open(kAna, 1);
  add(kAna, {placeholder("Résumé.pdf"), placeholder("resume"), placeholder("Straße 9"),
             placeholder("İstanbul"), placeholder("ΣΊΣΥΦΟΣ"), placeholder("Tiếng Việt")});
  restart();
  const struct {
    const char* words;
    List names;
  } rows[] = {
      {"resume", {"resume", "Résumé.pdf"}},
      {"RE\u0301SUME", {"resume", "Résumé.pdf"}},
      {"sum\u00E9", {"Résumé.pdf", "resume"}},
      {"STRASSE", {"Straße 9"}},
      {"ıstanbul", {}},
      {"istan", {"İstanbul"}},
      {"σίσυφος", {"ΣΊΣΥΦΟΣ"}},
      {"viet tieng", {"Tiếng Việt"}},
      {"\u0301", {}},
  };
  for (const auto& row : rows) EXPECT_EQ(search(row.words), row.names) << row.words;
}

TEST_P(DirectoryRepositorySearchTest, SearchWantsEveryWordInAnyOrder) {
  open(kAna, 1);
  add(kAna, {placeholder("photos/Ávila summer.jpg"), placeholder("summer/notes.txt"),
             placeholder("ñ"), placeholder("ab"), placeholder("xaby")});
  restart();
  const struct {
    const char* words;
    List names;
  } rows[] = {
      {"summer photos", {"photos/Ávila summer.jpg"}},
      {"SUMMER", {"summer/notes.txt", "photos/Ávila summer.jpg"}},
      {"ávila", {"photos/Ávila summer.jpg"}},
      {"summer winter", {}},
      {"Ñ", {"ñ", "summer/notes.txt"}},
      {"ab", {"ab", "xaby"}},
      {"ummer jp", {"photos/Ávila summer.jpg"}},
      {"zzz", {}},
  };
  for (const auto& row : rows) EXPECT_EQ(search(row.words), row.names) << row.words;
}

TEST_P(DirectoryRepositorySearchTest, SearchGroupsByContentAndPutsMoreSourcesFirst) {
  open(kAna, 1);
  open(kBob, 2);
  add(kAna, {real_file("b map", 1, 1), real_file("a map", 1, 2), real_file("c map", 3, 3)});
  add(kBob, {real_file("b map", 1, 1), real_file("c map", 4, 4), placeholder("a map")});
  restart();
  const auto hits = repository().search({"map", 50, std::nullopt});
  ASSERT_EQ(hits.size(), 5U);
  EXPECT_EQ(hits[0].hit.file, real_file("b map", 1, 1));
  EXPECT_EQ(hits[0].hit.sources, 2U);
  EXPECT_EQ(hits[1].hit.file, placeholder("a map"));
  EXPECT_EQ(hits[2].hit.file, real_file("a map", 1, 2));
  EXPECT_EQ(hits[3].hit.file, real_file("c map", 3, 3));
  EXPECT_EQ(hits[4].hit.file, real_file("c map", 4, 4));
}

TEST_P(DirectoryRepositorySearchTest, PagesOfASearchMakeUpTheWhole) {
  open(kAna, 1);
  open(kBob, 2);
  std::vector<SharedFile> files;
  for (std::uint8_t i = 0; i < 30; ++i) {
    files.push_back(real_file((i % 3 == 0 ? "map " : "x map ") + std::to_string(i / 2), 1, i));
  }
  files.push_back(placeholder("map 1"));
  add(kAna, files);
  add(kBob, {files[4], files[5]});
  restart();
  const auto all = repository().search({"map", 1000, std::nullopt});
  std::vector<RankedHit> paged;
  SearchRequest request{"map", 7, std::nullopt};
  while (true) {
    auto page = repository().search(request);
    const bool more = page.size() > 7;
    if (more) page.resize(7);
    paged.insert(paged.end(), page.begin(), page.end());
    if (!more) break;
    request.after = position_of(page.back());
  }
  ASSERT_EQ(paged.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(paged[i].hit.file, all[i].hit.file) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(All, DirectoryRepositorySearchTest, testing::kEveryRepository,
                         testing::repository_name);

}  // namespace
}  // namespace trueque
