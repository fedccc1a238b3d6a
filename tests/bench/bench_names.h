// Names of files as people have them: folders and words of very different frequency,
// numbers, endings; about 40 bytes each, the same ones for the same seed.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace trueque::bench {

class NameMaker {
 public:
  explicit NameMaker(std::uint64_t seed = 7) : random_(seed) {
    for (const std::string_view word : {"report", "photo", "music", "invoice", "summer", "draft"})
      words_.emplace_back(word);
    while (words_.size() < kWords) words_.push_back(made_up_word());
  }

  // The `number` is part of the name, so that different numbers give different names.
  std::string make(std::size_t number) {
    std::string name = word() + "/" + word() + "/";
    std::string file = capital(word()) + "_" + word();
    const std::string ending = "-" + std::to_string(number) + endings_[below(endings_.size())];
    while (name.size() + file.size() + ending.size() < 32) file += " " + word();
    return name + file + ending;
  }

  // The n-th most frequent word.
  const std::string& word_at(std::size_t n) const { return words_[n]; }

 private:
  static constexpr std::size_t kWords = 20'000;

  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }
  // The n-th word comes about 1/n as often as the first.
  const std::string& word() {
    const double u = std::uniform_real_distribution<double>(0, 1)(random_);
    const auto n = static_cast<std::size_t>(std::exp(u * std::log(double{kWords}))) - 1;
    return words_[std::min(n, kWords - 1)];
  }
  std::string made_up_word() {
    static constexpr std::string_view kConsonants = "bcdfghjklmnprstvz";
    static constexpr std::string_view kVowels = "aeiou";
    std::string made;
    for (std::size_t syllables = 2 + below(3); syllables > 0; --syllables) {
      made += kConsonants[below(kConsonants.size())];
      made += kVowels[below(kVowels.size())];
      if (below(3) == 0) made += kConsonants[below(kConsonants.size())];
    }
    return made;
  }
  static std::string capital(std::string word) {
    word[0] = static_cast<char>(word[0] - 'a' + 'A');
    return word;
  }

  std::mt19937_64 random_;
  std::vector<std::string> words_;
  std::vector<std::string> endings_ = {".pdf", ".jpg", ".mp3", ".txt", ".tar.gz"};
};

}  // namespace trueque::bench
