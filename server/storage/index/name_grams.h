// The grams of a name: one to three bytes in a row of its searchable form, apart by
// where they stand (at the start of a word or inside one), those it begins with, and how
// long it is. A search asks for the grams of its words and looks only at names that may
// have them. A gram is a hash: two may be the same, which costs a look in vain.
// Pages of names are told apart by all of these (GramSet), names within a page by three
// bytes wherever they stand, and the length (each_gram_of_masks).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trueque {

using Gram = std::uint32_t;  // less than kGrams
inline constexpr std::size_t kGrams = 1U << 18U;
inline constexpr std::size_t kLongestGram = 3;

enum class GramPlace : std::uint8_t { kInside, kWordStart, kNameStart, kAnywhere };

// Of `length` bytes, the last of them the least significant.
inline Gram gram_of(GramPlace place, std::size_t length, std::uint32_t bytes) {
  const auto key =
      static_cast<std::uint32_t>(place) << 26U | static_cast<std::uint32_t>(length) << 24U | bytes;
  return key * 0x9E3779B1U >> 14U;
}
// Of one to three bytes.
Gram gram_of(GramPlace place, std::string_view bytes);
Gram gram_of_length(std::size_t searchable_bytes);
// Where the gram at byte `at` stands, which is not in the first code point of `text`: what comes
// before `text` makes no difference.
GramPlace place_within(std::string_view text, std::size_t at);

template <typename Visit>
void each_gram_of_masks(std::string_view searchable_name, Visit visit) {
  std::uint32_t bytes = 0;
  for (std::size_t at = 0; at < searchable_name.size(); ++at) {
    bytes = (bytes << 8U | static_cast<unsigned char>(searchable_name[at])) & 0xFFFFFFU;
    if (at + 1 >= kLongestGram) visit(gram_of(GramPlace::kAnywhere, kLongestGram, bytes));
  }
  visit(gram_of_length(searchable_name.size()));
}

// A set of grams, made once and used again. Names that come in their order share their
// beginnings with the one before, whose grams are not looked at again.
class GramSet {
 public:
  void clear();
  void insert_all_of(std::string_view searchable_name);
  bool has(Gram gram) const { return (has_[gram / 64] >> gram % 64 & 1U) != 0; }
  std::span<const Gram> grams() const { return {grams_.data(), size_}; }

 private:
  std::array<std::uint64_t, kGrams / 64> has_{};  // a bit each
  std::vector<Gram> grams_;                       // and room for those of one name
  std::size_t size_ = 0;
  std::string former_;  // the last name
};

}  // namespace trueque
