// Which names hold which three bytes in a row, so that a search for a word looks
// only at names that may have it. Numbers stand for names. Entries are never
// taken out one by one (a common trigram has a very long list): the owner leaves
// a gone name in, checks what candidates() gives, and calls sweep() now and then.
// Not synchronised.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace trueque {

class TrigramIndex {
 public:
  using NameId = std::uint32_t;

  // `id` must be new, or have been swept since it was last added.
  void add(NameId id, std::string_view searchable_name);

  // Every name that may hold all words: the shortest list of any trigram in them.
  // nullptr when no word has three bytes, and any name may hold them.
  const std::vector<NameId>* candidates(std::span<const std::string> words) const;

  // Forgets the names `is_gone` says so of.
  void sweep(const std::function<bool(NameId)>& is_gone);

 private:
  std::unordered_map<std::uint32_t, std::vector<NameId>> lists_;
};

}  // namespace trueque
