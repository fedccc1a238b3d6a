#include "server/storage/index/name_grams.h"

#include <array>

#include "common/base/text.h"

namespace trueque {
namespace {

constexpr std::uint32_t kLongestLength = 0xFFFFFF;

std::uint8_t byte_of(char c) { return static_cast<unsigned char>(c); }

enum class Kind : std::uint8_t { kInWord, kBetweenWords, kContinues, kBeginsCodePoint };

constexpr std::array<Kind, 256> kKinds = [] {
  std::array<Kind, 256> kinds{};
  for (unsigned c = 0; c < kinds.size(); ++c) {
    const bool is_in_word =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    kinds[c] = c >= 0xC0    ? Kind::kBeginsCodePoint
               : c >= 0x80  ? Kind::kContinues
               : is_in_word ? Kind::kInWord
                            : Kind::kBetweenWords;
  }
  return kinds;
}();

}  // namespace

Gram gram_of(GramPlace place, std::string_view bytes) {
  std::uint32_t packed = 0;
  for (const char c : bytes) packed = packed << 8U | byte_of(c);
  return gram_of(place, bytes.size(), packed);
}

Gram gram_of_length(std::size_t searchable_bytes) {
  const auto length =
      static_cast<std::uint32_t>(std::min<std::size_t>(searchable_bytes, kLongestLength));
  return gram_of(GramPlace::kAnywhere, 0, length);
}

GramPlace place_within(std::string_view text, std::size_t at) {
  if (kKinds[byte_of(text[at])] == Kind::kContinues) return GramPlace::kInside;
  const Kind before = kKinds[byte_of(text[at - 1])];
  const bool starts =
      before == Kind::kBetweenWords || (before != Kind::kInWord && starts_word(text, at));
  return starts ? GramPlace::kWordStart : GramPlace::kInside;
}

void GramSet::clear() {
  for (const Gram gram : grams_) has_[gram] = false;
  grams_.clear();
  former_.clear();
}

void GramSet::insert_all_of(std::string_view searchable_name) {
  const auto differs =
      std::mismatch(former_.begin(), former_.end(), searchable_name.begin(), searchable_name.end());
  const auto shared = static_cast<std::size_t>(differs.first - former_.begin());
  each_gram(searchable_name, shared, [this](Gram gram) { insert(gram); });
  former_ = searchable_name;
}

}  // namespace trueque
