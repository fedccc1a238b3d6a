// FileIndex in the plainest way: every answer is a look at everything. What the index is
// compared with.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/file_name.h"
#include "server/core/search_query.h"

namespace trueque::testing {

class NaiveIndex {
 public:
  using Peer = std::size_t;
  using Entry = std::pair<Peer, std::string>;

  void put(Peer peer, const std::string& name, const std::optional<Content>& content) {
    entries_[{peer, name}] = content;
  }
  void remove(Peer peer, const std::string& name) { entries_.erase({peer, name}); }
  bool has(Peer peer, const std::string& name) const { return entries_.contains({peer, name}); }
  const std::map<Entry, std::optional<Content>>& entries() const { return entries_; }

  std::set<Entry> find_by_name(std::string_view name) const {
    return those([&](const std::string& each, const std::optional<Content>&) {
      return each == name || last_component(each) == name;
    });
  }
  std::set<Entry> find_by_content(const ContentId& id) const {
    return those([&](const std::string&, const std::optional<Content>& content) {
      return content && content->id == id;
    });
  }
  std::set<std::string> names() const {
    std::set<std::string> names;
    for (const auto& [entry, content] : entries_) names.insert(entry.second);
    return names;
  }

  // All hits, best first.
  std::vector<RankedHit> search(const std::string& words) const {
    std::map<std::pair<std::string, std::optional<Content>>, std::uint64_t> sources;
    for (const auto& [entry, content] : entries_) ++sources[{entry.second, content}];
    const SearchQuery query(words);
    std::vector<RankedHit> hits;
    for (const auto& [file, count] : sources) {
      const auto rank = query.rank(searchable_form(file.first));
      if (rank && !query.words().empty())
        hits.push_back({*rank, {{file.first, file.second}, count}});
    }
    std::sort(hits.begin(), hits.end(), [](const RankedHit& left, const RankedHit& right) {
      return comes_before(position_of(left), position_of(right));
    });
    return hits;
  }

 private:
  template <typename Picks>
  std::set<Entry> those(Picks picks) const {
    std::set<Entry> found;
    for (const auto& [entry, content] : entries_) {
      if (picks(entry.second, content)) found.insert(entry);
    }
    return found;
  }

  std::map<Entry, std::optional<Content>> entries_;
};

}  // namespace trueque::testing
