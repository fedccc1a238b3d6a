// A set of pages: a bit for each. Not synchronised.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace trueque {

using PageId = std::uint32_t;

class PageBits {
 public:
  static constexpr std::size_t kOfAWord = 64;

  PageBits(std::size_t pages, bool all)
      : words_(pages / kOfAWord + 1, all ? ~std::uint64_t{0} : 0) {}

  bool has(PageId page) const { return (words_[page / kOfAWord] >> page % kOfAWord & 1U) != 0; }
  void set(PageId page) { words_[page / kOfAWord] |= std::uint64_t{1} << page % kOfAWord; }
  void clear() { std::fill(words_.begin(), words_.end(), 0); }
  PageBits& operator&=(const PageBits& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
    return *this;
  }
  bool any() const {
    return std::any_of(words_.begin(), words_.end(), [](std::uint64_t word) { return word != 0; });
  }
  std::vector<std::uint64_t>& words() { return words_; }
  const std::vector<std::uint64_t>& words() const { return words_; }

 private:
  std::vector<std::uint64_t> words_;
};

}  // namespace trueque
