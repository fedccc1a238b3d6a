#include "server/storage/trigram_index.h"

#include <algorithm>

namespace trueque {
namespace {

std::uint32_t trigram_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at + i]));
  };
  return byte(0) << 16U | byte(1) << 8U | byte(2);
}

}  // namespace

void TrigramIndex::add(NameId id, std::string_view searchable_name) {
  for (std::size_t at = 0; at + 3 <= searchable_name.size(); ++at) {
    std::vector<NameId>& list = lists_[trigram_at(searchable_name, at)];
    // The same trigram again in this name: its id is already the last one.
    if (list.empty() || list.back() != id) list.push_back(id);
  }
}

const std::vector<TrigramIndex::NameId>* TrigramIndex::candidates(
    std::span<const std::string> words) const {
  static const std::vector<NameId> kNone;
  const std::vector<NameId>* shortest = nullptr;
  for (const std::string& word : words) {
    for (std::size_t at = 0; at + 3 <= word.size(); ++at) {
      const auto found = lists_.find(trigram_at(word, at));
      if (found == lists_.end()) return &kNone;
      if (shortest == nullptr || found->second.size() < shortest->size()) {
        shortest = &found->second;
      }
    }
  }
  return shortest;
}

void TrigramIndex::sweep(const std::function<bool(NameId)>& is_gone) {
  for (auto list = lists_.begin(); list != lists_.end();) {
    std::erase_if(list->second, is_gone);
    list->second.shrink_to_fit();
    list = list->second.empty() ? lists_.erase(list) : std::next(list);
  }
}

}  // namespace trueque
