#include "common/base/glob.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <optional>

#include "common/base/file_name.h"
#include "common/base/text.h"

namespace trueque {
namespace {

constexpr std::size_t kMostStates = kMaxGlobBytes + 1;
constexpr char32_t kBeyondUnicode = 0x110000;

// Takes the first code point off the text. A stray byte is one of its own.
char32_t take_character(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  std::size_t length = 1;
  char32_t character = first;
  if (first >= 0x80) {
    utf8proc_int32_t decoded = 0;
    const utf8proc_ssize_t used =
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                         static_cast<utf8proc_ssize_t>(text.size()), &decoded);
    length = used > 0 ? static_cast<std::size_t>(used) : 1;
    character = used > 0 ? static_cast<char32_t>(decoded) : kBeyondUnicode + first;
  }
  text.remove_prefix(length);
  return character;
}

Error bad(std::string why) { return make_error(Code::kInvalidArgument, std::move(why)); }

Status validate_text(std::string_view pattern) {
  if (pattern.empty()) return bad("is empty");
  if (pattern.size() > kMaxGlobBytes) return bad("is over 1,024 bytes");
  if (!is_valid_utf8(pattern)) return bad("is not UTF-8");
  if (has_control_character(pattern)) return bad("has a control character");
  if (pattern.find('\\') != std::string_view::npos)
    return bad("has a backslash, which no name holds; write [*] for a plain *");
  if (pattern.front() == '/' || pattern.back() == '/' ||
      pattern.find("//") != std::string_view::npos)
    return bad("has an empty component; write folder/** for what is below a folder");
  return {};
}

}  // namespace

// The states of a match: how many tokens are behind each way of reading the text so far.
class Glob::States {
 public:
  bool add(std::size_t state) {
    if (has_[state]) return false;
    has_[state] = true;
    list_[count_++] = static_cast<std::uint16_t>(state);
    return true;
  }
  bool has(std::size_t state) const { return has_[state]; }
  const std::uint16_t* begin() const { return list_.data(); }
  const std::uint16_t* end() const { return list_.data() + count_; }
  std::size_t size() const { return count_; }
  void clear() {
    has_.reset();
    count_ = 0;
  }

 private:
  std::bitset<kMostStates> has_;
  std::array<std::uint16_t, kMostStates> list_;  // the first count_ of them
  std::size_t count_ = 0;
};

class Glob::Parser {
 public:
  Parser(std::string_view pattern, Glob& glob) : rest_(pattern), glob_(glob) {}

  Status run() {
    while (!rest_.empty()) {
      if (at_component_ && take_folders()) continue;
      const std::size_t before = rest_.size();
      const char* start = rest_.data();
      const char32_t character = take_character(rest_);
      at_component_ = character == '/';
      if (character == '*') {
        end_literal();
        if (glob_.tokens_.empty() || glob_.tokens_.back().kind != Kind::kStar) add(Kind::kStar);
      } else if (character == '?') {
        end_literal();
        add(Kind::kAny);
      } else if (character == '[') {
        end_literal();
        if (Status set = take_set(); !set) return set;
      } else {
        literal_.append(start, before - rest_.size());
        add(Kind::kCharacter, character);
      }
    }
    end_literal(true);
    return {};
  }

 private:
  void add(Kind kind, char32_t character = 0, std::size_t set = 0) {
    if (glob_.tokens_.empty()) glob_.begins_plainly_ = kind == Kind::kCharacter;
    glob_.tokens_.push_back({kind, character, set});
  }

  void end_literal(bool at_end = false) {
    if (!literal_.empty()) glob_.literals_.push_back({std::move(literal_), at_end});
    literal_.clear();
  }

  // "**" as a whole component, with the '/' behind it.
  bool take_folders() {
    if (rest_ == "**") {
      end_literal();
      add(Kind::kRest);
      rest_ = {};
      return true;
    }
    if (!rest_.starts_with("**/")) return false;
    end_literal();
    rest_.remove_prefix(3);
    // A second one says no more than the first.
    if (!glob_.tokens_.empty() && glob_.tokens_.back().kind == Kind::kInFolder) return true;
    add(Kind::kFolders);
    add(Kind::kInFolder);
    return true;
  }

  // What follows a '['.
  Status take_set() {
    Set set;
    set.negated = rest_.starts_with('!') || rest_.starts_with('^');
    if (set.negated) rest_.remove_prefix(1);
    while (true) {
      if (rest_.empty()) return bad("has a '[' without its ']'; write [[] for a plain [");
      if (rest_.front() == ']' && !set.ranges.empty()) break;
      if (rest_.starts_with("[:") || rest_.starts_with("[=") || rest_.starts_with("[."))
        return bad("has a class such as [:alpha:]; write its characters, such as a-z");
      const char32_t low = take_character(rest_);
      char32_t high = low;
      if (rest_.size() > 1 && rest_[0] == '-' && rest_[1] != ']') {
        rest_.remove_prefix(1);
        high = take_character(rest_);
      }
      if (low == '/' || high == '/') return bad("has a '/' between '[' and ']'");
      if (high < low) return bad("has a range between '[' and ']' that runs backwards");
      set.ranges.emplace_back(low, high);
    }
    rest_.remove_prefix(1);
    glob_.sets_.push_back(std::move(set));
    add(Kind::kSet, 0, glob_.sets_.size() - 1);
    return {};
  }

  std::string_view rest_;
  Glob& glob_;
  std::string literal_;  // not in literals_ yet
  bool at_component_ = true;
};

Result<Glob> Glob::parse(std::string_view pattern) {
  if (Status text = validate_text(pattern); !text) return text.error();
  Glob glob;
  glob.about_path_ = pattern.find('/') != std::string_view::npos;
  if (Status parsed = Parser(pattern, glob).run(); !parsed) return parsed.error();
  return glob;
}

bool Glob::Set::takes(char32_t character) const {
  const bool is_in = std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) {
    return range.first <= character && character <= range.second;
  });
  return is_in != negated;
}

std::string_view Glob::prefix() const {
  if (!about_path_ || !begins_plainly_) return {};
  return literals_.front().text;
}

bool Glob::matches_name(std::string_view name, std::uint64_t& steps) const {
  return matches(about_path_ ? name : last_component(name), steps);
}

// All ways of reading the text side by side, a character at a time, so that a pattern
// with many stars never makes it begin again.
bool Glob::matches(std::string_view text, std::uint64_t& steps) const {
  ++steps;
  // Most names fail here already, when '*.pdf' is asked for.
  if (!literals_.empty() && literals_.back().at_end && !text.ends_with(literals_.back().text))
    return false;
  States sets[2];
  States* now = &sets[0];
  States* next = &sets[1];
  enter(0, *now);
  while (!text.empty() && now->size() > 0) {
    const char32_t character = take_character(text);
    next->clear();
    for (const std::size_t state : *now) advance(state, character, *next);
    steps += now->size();
    std::swap(now, next);
  }
  return now->has(tokens_.size());
}

void Glob::enter(std::size_t at, States& states) const {
  while (states.add(at) && at < tokens_.size()) {
    switch (tokens_[at].kind) {
      case Kind::kStar:
      case Kind::kRest:
        at += 1;
        break;
      case Kind::kFolders:
        at += 2;  // past its kInFolder
        break;
      default:
        return;
    }
  }
}

void Glob::advance(std::size_t at, char32_t character, States& states) const {
  if (at == tokens_.size()) return;
  const Token& token = tokens_[at];
  const bool is_slash = character == '/';
  switch (token.kind) {
    case Kind::kCharacter:
      if (character == token.character) enter(at + 1, states);
      return;
    case Kind::kAny:
      if (!is_slash) enter(at + 1, states);
      return;
    case Kind::kSet:
      if (!is_slash && sets_[token.set].takes(character)) enter(at + 1, states);
      return;
    case Kind::kStar:
      if (!is_slash) enter(at, states);
      return;
    case Kind::kFolders:
      if (!is_slash) enter(at + 1, states);
      return;
    case Kind::kInFolder:
      enter(is_slash ? at - 1 : at, states);
      return;
    case Kind::kRest:
      enter(at, states);
      return;
  }
}

}  // namespace trueque
