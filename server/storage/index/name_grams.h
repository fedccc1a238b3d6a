// The grams of a name: one to three bytes in a row of its searchable form, apart by
// where they stand (at the start of a word or inside one), those it begins with, and
// the whole of it. A search asks for the grams of its words and looks only at names
// that may have them. A gram is a hash: two may be the same, which costs a look in vain.
#pragma once

#include <bitset>
#include <cstdint>
#include <string_view>
#include <vector>

namespace trueque {

using Gram = std::uint32_t;  // less than GramSet::kGrams

enum class GramPlace : std::uint8_t { kInside, kWordStart, kNameStart };

// Of one to three bytes.
Gram gram_of(GramPlace place, std::string_view bytes);
Gram gram_of_whole(std::string_view searchable_name);
// Where the gram at byte `at` stands, which is not in the first code point of `text`: what comes
// before `text` makes no difference.
GramPlace place_within(std::string_view text, std::size_t at);

// A bit for each three bytes in a row, of which there are 128 kinds: a name holds a word
// only if its signature has all bits of the word's.
struct Signature {
  std::uint64_t first = 0;
  std::uint64_t second = 0;

  void insert_all_of(std::string_view searchable);
  bool has(const Signature& other) const {
    return ((other.first & ~first) | (other.second & ~second)) == 0;
  }
};

// A set of grams, made once and used again.
class GramSet {
 public:
  // Names' beginnings and insides first, then whole names, which would crowd them.
  static constexpr std::size_t kGramsOfBytes = 1U << 19U;
  static constexpr std::size_t kGrams = kGramsOfBytes + (1U << 16U);

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
};

}  // namespace trueque
