#include "server/storage/index/name_order.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

namespace trueque {
namespace {

constexpr std::size_t kStep = sizeof(std::uint64_t);

struct Key {
  std::uint64_t bytes;   // the next eight, the first of them the most significant
  std::uint32_t length;  // of what is left of the name, as far as it is in them
  NameId name;
};

Key key_at(const NameStore& store, NameId name, std::size_t offset) {
  const std::string_view text = store.text(name);
  Key key{0, 0, name};
  if (offset >= text.size()) return key;
  key.length = static_cast<std::uint32_t>(std::min(text.size() - offset, kStep));
  std::memcpy(&key.bytes, text.data() + offset, key.length);
  key.bytes = __builtin_bswap64(key.bytes);
  return key;
}

// The keys' names are the same up to `offset`, from where the keys are.
void sort_from(std::span<Key> keys, const NameStore& store, std::size_t offset) {
  std::sort(keys.begin(), keys.end(), [](const Key& left, const Key& right) {
    return left.bytes != right.bytes ? left.bytes < right.bytes : left.length < right.length;
  });
  while (!keys.empty()) {
    std::size_t same = 1;
    while (same < keys.size() && keys[same].bytes == keys[0].bytes &&
           keys[same].length == keys[0].length)
      ++same;
    if (same > 1 && keys[0].length == kStep) {
      for (Key& key : keys.first(same)) key = key_at(store, key.name, offset + kStep);
      sort_from(keys.first(same), store, offset + kStep);
    }
    keys = keys.subspan(same);
  }
}

}  // namespace

void sort_names(std::span<NameId> names, const NameStore& store) {
  std::vector<Key> keys;
  keys.reserve(names.size());
  for (const NameId name : names) keys.push_back(key_at(store, name, 0));
  sort_from(keys, store, 0);
  std::transform(keys.begin(), keys.end(), names.begin(), [](const Key& key) { return key.name; });
}

}  // namespace trueque
