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
  for (const Gram gram : grams()) has_[gram / 64] = 0;
  size_ = 0;
  former_.clear();
}

void GramSet::insert_all_of(std::string_view name) {
  const std::size_t size = name.size();
  grams_.resize(std::max(grams_.size(), size_ + kLongestGram * (size + 1) + 1));
  Gram* end = grams_.data() + size_;
  // Without a branch: half of them are there already, and nothing tells which.
  const auto insert = [&](Gram gram) {
    std::uint64_t& bits = has_[gram / 64];
    *end = gram;
    end += ~(bits >> gram % 64) & 1U;
    bits |= std::uint64_t{1} << gram % 64;
  };
  const auto differs = std::mismatch(former_.begin(), former_.end(), name.begin(), name.end());
  const auto shared = static_cast<std::size_t>(differs.first - former_.begin());
  // Those that lie within what is shared are there.
  for (std::size_t at = shared < kLongestGram ? 0 : shared + 1 - kLongestGram; at < size; ++at) {
    const GramPlace place = at == 0 ? GramPlace::kWordStart : place_within(name, at);
    std::uint32_t bytes = byte_of(name[at]);
    insert(gram_of(place, 1, bytes));
    if (at + 1 == size) break;
    bytes = bytes << 8U | byte_of(name[at + 1]);
    insert(gram_of(place, 2, bytes));
    if (at + 2 == size) continue;
    insert(gram_of(place, 3, bytes << 8U | byte_of(name[at + 2])));
  }
  for (std::size_t length = 1; length <= std::min(kLongestGram, size); ++length)
    insert(gram_of(GramPlace::kNameStart, name.substr(0, length)));
  insert(gram_of_length(size));
  size_ = static_cast<std::size_t>(end - grams_.data());
  former_ = name;
}

}  // namespace trueque
