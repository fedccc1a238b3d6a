// The grams of a name: one to three bytes in a row of its searchable form, apart by
// where they stand (at the start of a word or inside one), those it begins with, and how
// long it is. A search asks for the grams of its words and looks only at names that may
// have them. A gram is a hash: two may be the same, which costs a look in vain.
// Pages of names are told apart by all of these (each_gram), names within a page by three
// bytes wherever they stand, and the length (each_gram_of_masks).
#pragma once

#include <algorithm>
#include <bitset>
#include <cstdint>
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

// Calls visit(gram) for each gram of a name, some of them twice, but for those that lie within
// its first `known` bytes.
template <typename Visit>
void each_gram(std::string_view searchable_name, std::size_t known, Visit visit) {
  const std::size_t size = searchable_name.size();
  for (std::size_t at = known < kLongestGram ? 0 : known + 1 - kLongestGram; at < size; ++at) {
    const GramPlace place = at == 0 ? GramPlace::kWordStart : place_within(searchable_name, at);
    std::uint32_t bytes = 0;
    for (std::size_t length = 1; length <= std::min(kLongestGram, size - at); ++length) {
      bytes = bytes << 8U | static_cast<unsigned char>(searchable_name[at + length - 1]);
      visit(gram_of(place, length, bytes));
    }
  }
  for (std::size_t length = 1; length <= std::min(kLongestGram, size); ++length)
    visit(gram_of(GramPlace::kNameStart, searchable_name.substr(0, length)));
  visit(gram_of_length(size));
}

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
  void insert(Gram gram) {
    if (has_[gram]) return;
    has_[gram] = true;
    grams_.push_back(gram);
  }
  void insert_all_of(std::string_view searchable_name);
  bool has(Gram gram) const { return has_[gram]; }
  const std::vector<Gram>& grams() const { return grams_; }

 private:
  std::bitset<kGrams> has_;
  std::vector<Gram> grams_;
  std::string former_;  // the last name
};

}  // namespace trueque
