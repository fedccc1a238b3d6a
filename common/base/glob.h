// A pattern for names of files, as of a shell:
//   *       any run of characters within a component, also none
//   ?       one character (one code point, not one byte) within a component
//   [a-z]   one of these characters; [!a-z] one within a component that is none of them;
//           ']' first and '-' last stand for themselves, so that '[*]' is a plain '*'
//   **      as a whole component: any number of components, also none; otherwise like '*'
// Everything else stands for itself, in its case. A pattern without a '/' is about a
// name's last component, one with a '/' about the whole name.
//
// Immutable, any thread. Matching takes time in proportion to the length of the text
// times that of the pattern at the very most, whatever the pattern.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"

namespace trueque {

inline constexpr std::size_t kMaxGlobBytes = 1024;

class Glob {
 public:
  // kInvalidArgument says what is wrong with the pattern ("is empty").
  static Result<Glob> parse(std::string_view pattern);

  // `steps` grows by the work done, a few nanoseconds each.
  bool matches_name(std::string_view name, std::uint64_t& steps) const;

  // A run of characters that stand for themselves: every name that matches holds it.
  struct Literal {
    std::string text;
    bool at_end = false;  // the name ends in it
  };
  const std::vector<Literal>& literals() const { return literals_; }
  // What every whole name that matches begins with; mostly empty.
  std::string_view prefix() const;

 private:
  enum class Kind : std::uint8_t {
    kCharacter,
    kAny,
    kSet,
    kStar,      // stays over anything but '/'
    kFolders,   // "**/" before a component: goes on, or into one
    kInFolder,  // "**/" inside a component, until its '/' leads back to kFolders
    kRest,      // "**" at the end: stays over anything
  };
  struct Set {
    bool negated = false;
    std::vector<std::pair<char32_t, char32_t>> ranges;  // both ends included
    bool takes(char32_t character) const;
  };
  struct Token {
    Kind kind = Kind::kCharacter;
    char32_t character = 0;
    std::size_t set = 0;  // in sets_
  };
  class Parser;
  class States;

  Glob() = default;
  bool matches(std::string_view text, std::uint64_t& steps) const;
  // Adds the state `at` and those reached from it without a character.
  void enter(std::size_t at, States& states) const;
  // Adds what the state `at` becomes when it takes the character.
  void advance(std::size_t at, char32_t character, States& states) const;

  std::vector<Token> tokens_;
  std::vector<Set> sets_;
  std::vector<Literal> literals_;
  bool about_path_ = false;      // holds a '/'
  bool begins_plainly_ = false;  // the first literal is the start
};

}  // namespace trueque
