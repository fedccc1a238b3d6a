// The index against the plainest one, with so many names that a search cannot look at all.
#include "server/storage/index/file_index.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "common/base/text.h"
#include "server/storage/index/peer_files.h"
#include "tests/support/directory_fixture.h"
#include "tests/support/naive_index.h"

namespace trueque {
namespace {

using testing::content_id;
using testing::NaiveIndex;

constexpr std::size_t kPeers = 90;
const char* const kWords[] = {"report", "Report", "rep",  "map",  "a",      "Álbum", "alb um",
                              "summer", "x",      "2024", "year", "2",      "ñandú", "straße",
                              "日本",   "日",     "-",    "_map", "portrep"};
const char* const kQueries[] = {"report", "rep",      "a",        "map",    "album",
                                "2",      "20 map",   "port",     "strass", "\u65E5",
                                "ñ",      "report a", "a report", "x x",    "-",
                                "2024 2", "rrr",      "um",       "zz",     "map/"};

class FileIndexTest : public ::testing::Test {
 protected:
  FileIndexTest() {
    for (std::size_t p = 0; p < kPeers; ++p) {
      keys_.push_back({"peer", "10.0.0.1", static_cast<std::uint16_t>(p + 1)});
      peers_.emplace_back(index_, keys_.back());
    }
  }
  ~FileIndexTest() override {
    for (const auto& [entry, content] : model_.entries()) drop(entry.first, entry.second);
  }

  std::size_t below(std::size_t bound) { return random_() % bound; }
  std::string made_name() {
    std::string name;
    for (std::size_t parts = 1 + below(4); parts > 0; --parts) {
      if (!name.empty()) name += std::string(1, " /-a"[below(4)]);
      name += kWords[below(std::size(kWords))];
    }
    return below(3) == 0 ? name : name + std::to_string(below(1000));
  }
  std::optional<Content> made_content() {
    if (below(4) == 0) return std::nullopt;
    return Content{1 + below(2), content_id(static_cast<std::uint8_t>(below(3)))};
  }

  void put(std::size_t peer, const std::string& name, const std::optional<Content>& content) {
    drop(peer, name);
    peers_[peer].add(index_.intern(name), content);
    model_.put(peer, name, content);
  }
  void drop(std::size_t peer, const std::string& name) {
    const NameId known = index_.find_name(name);
    const VariantId variant = known == kNoName ? kNoVariant : peers_[peer].find(known);
    if (variant != kNoVariant) peers_[peer].remove(variant);
  }
  void put_some(std::size_t names) {
    for (std::size_t i = 0; i < names; ++i) {
      const std::string name = made_name();
      const std::optional<Content> content = made_content();
      // Mostly few sources, now and then very many.
      const std::size_t sources = below(50) == 0 ? below(kPeers) : 1 + below(below(3) + 1);
      const std::size_t first = below(kPeers);
      for (std::size_t s = 0; s < sources; ++s) put((first + s) % kPeers, name, content);
      // Some one by one, most of them many together.
      if (i % 1000 < 200 || below(300) == 0) index_.settle();
    }
    index_.settle();
  }
  void remove_some(std::size_t one_in) {
    std::vector<NaiveIndex::Entry> gone;
    for (const auto& [entry, content] : model_.entries()) {
      if (below(one_in) == 0) gone.push_back(entry);
    }
    for (const auto& [peer, name] : gone) {
      drop(peer, name);
      model_.remove(peer, name);
    }
    index_.tidy();
  }

  void expect_same_search(const std::string& words) {
    const std::vector<RankedHit> expected = model_.search(words);
    SearchRequest request{words, static_cast<std::uint32_t>(1 + below(200)), std::nullopt};
    // Some pages from the beginning, then some from anywhere.
    for (std::size_t page = 0, at = 0; page < 6 && at < expected.size() + 1; ++page) {
      const std::vector<RankedHit> hits = index_.search(request);
      ASSERT_EQ(hits.size(), std::min<std::size_t>(request.limit + 1, expected.size() - at));
      for (std::size_t i = 0; i < hits.size(); ++i) {
        ASSERT_EQ(hits[i].hit.file, expected[at + i].hit.file) << words << " " << at + i;
        ASSERT_EQ(hits[i].rank, expected[at + i].rank);
        ASSERT_EQ(hits[i].hit.sources, expected[at + i].hit.sources);
      }
      if (expected.empty()) return;
      at = page < 2 ? at + request.limit : 1 + below(expected.size());
      if (at > expected.size()) return;
      request.after = position_of(expected[at - 1]);
    }
  }
  // One to three pieces of names, most of which some name has, though not all in one.
  std::string made_query() {
    const std::set<std::string> names = model_.names();
    std::string query;
    for (std::size_t pieces = 1 + below(3); pieces > 0 && !names.empty(); --pieces) {
      const std::string name =
          *std::next(names.begin(), static_cast<std::ptrdiff_t>(below(names.size())));
      const std::size_t begin = below(name.size());
      const std::string piece = name.substr(begin, 1 + below(6));
      if (is_valid_utf8(piece)) query += (query.empty() ? "" : " ") + piece;
    }
    return query;
  }
  void expect_same() {
    for (const char* words : kQueries) expect_same_search(words);
    for (int i = 0; i < 8; ++i) expect_same_search(made_query());
    EXPECT_EQ(index_.name_count(), model_.names().size());
    auto place = index_.pages().lower_bound("");
    for (const std::string& name : model_.names()) {
      while (index_.variants_of(index_.pages().name_at(place)).empty())
        index_.pages().advance(place);
      ASSERT_EQ(index_.text(index_.pages().name_at(place)), name);
      index_.pages().advance(place);
    }
    for (const char* name : {"report", "map", "a", "x-2", "Report/map"})
      EXPECT_EQ(entries(index_.find_by_name(name, 100'000)), model_.find_by_name(name)) << name;
    for (std::uint8_t id = 0; id < 4; ++id) {
      EXPECT_EQ(entries(index_.find_by_content(content_id(id), 100'000)),
                model_.find_by_content(content_id(id)));
    }
  }
  static std::set<NaiveIndex::Entry> entries(const std::vector<Source>& sources) {
    std::set<NaiveIndex::Entry> found;
    for (const Source& source : sources)
      found.insert({static_cast<std::size_t>(source.peer.port) - 1, source.file.name});
    EXPECT_EQ(found.size(), sources.size());
    return found;
  }

  std::mt19937_64 random_{5};
  FileIndex index_;
  std::deque<PeerKey> keys_;
  std::deque<PeerFiles> peers_;
  NaiveIndex model_;
};

TEST_F(FileIndexTest, AnswersAsThePlainestIndexWhileThingsComeAndGo) {
  for (const std::size_t names : {100U, 4'000U, 12'000U}) {
    put_some(names);
    expect_same();
    remove_some(3);
    expect_same();
  }
  EXPECT_GT(model_.search("a").size(), 5'000U) << "more than a search looks at";
  remove_some(1);
  expect_same();
  put_some(50);
  expect_same();
}

TEST_F(FileIndexTest, WhatWasLoadedIsAsWhatCameOneByOne) {
  index_.begin_loading(2'000);
  put_some(9'000);
  index_.finish_loading();
  expect_same();
  remove_some(2);
  put_some(3'000);
  expect_same();
}

TEST_F(FileIndexTest, IdleNamesAreSweptWhenTheyOutnumberTheOthers) {
  put_some(8'000);
  const std::size_t names = index_.names().size();
  remove_some(20);
  EXPECT_EQ(index_.names().size(), names) << "they stay a while";
  remove_some(1);
  EXPECT_LE(index_.names().size(), 1'024U);
}

}  // namespace
}  // namespace trueque
