#include "server/storage/index/name_grams.h"

#include <algorithm>
#include <functional>

#include "common/base/text.h"

namespace trueque {
namespace {

constexpr std::size_t kLongest = 3;

std::uint32_t byte_of(char c) { return static_cast<unsigned char>(c); }

bool is_ascii_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

Gram hashed(GramPlace place, std::size_t length, std::uint32_t bytes) {
  const auto key =
      static_cast<std::uint32_t>(place) << 26U | static_cast<std::uint32_t>(length) << 24U | bytes;
  return key * 0x9E3779B1U >> 13U;
}

}  // namespace

Gram gram_of(GramPlace place, std::string_view bytes) {
  std::uint32_t packed = 0;
  for (const char c : bytes) packed = packed << 8U | byte_of(c);
  return hashed(place, bytes.size(), packed);
}

Gram gram_of_whole(std::string_view searchable_name) {
  const std::size_t hash = std::hash<std::string_view>()(searchable_name);
  return static_cast<Gram>(GramSet::kGramsOfBytes +
                           hash % (GramSet::kGrams - GramSet::kGramsOfBytes));
}

void Signature::insert_all_of(std::string_view searchable) {
  std::uint32_t bytes = 0;
  for (std::size_t at = 0; at < searchable.size(); ++at) {
    bytes = (bytes << 8U | byte_of(searchable[at])) & 0xFFFFFFU;
    if (at + 1 < kLongest) continue;
    const std::uint32_t kind = bytes * 0x9E3779B1U >> 25U;
    (kind < 64 ? first : second) |= std::uint64_t{1} << kind % 64;
  }
}

GramPlace place_within(std::string_view text, std::size_t at) {
  const bool begins_code_point = (byte_of(text[at]) & 0xC0U) != 0x80U;
  const char before = text[at - 1];
  bool starts = begins_code_point;
  if (byte_of(before) < 0x80) {
    starts = starts && !is_ascii_word_character(before);
  } else {
    starts = starts && starts_word(text, at);
  }
  return starts ? GramPlace::kWordStart : GramPlace::kInside;
}

void GramSet::clear() {
  for (const Gram gram : grams_) has_[gram] = false;
  grams_.clear();
}

void GramSet::insert_all_of(std::string_view searchable_name) {
  const std::size_t size = searchable_name.size();
  for (std::size_t at = 0; at < size; ++at) {
    const GramPlace place = at == 0 ? GramPlace::kWordStart : place_within(searchable_name, at);
    std::uint32_t bytes = 0;
    for (std::size_t length = 1; length <= std::min(kLongest, size - at); ++length) {
      bytes = bytes << 8U | byte_of(searchable_name[at + length - 1]);
      insert(hashed(place, length, bytes));
    }
  }
  for (std::size_t length = 1; length <= std::min(kLongest, size); ++length)
    insert(gram_of(GramPlace::kNameStart, searchable_name.substr(0, length)));
  insert(gram_of_whole(searchable_name));
}

}  // namespace trueque
