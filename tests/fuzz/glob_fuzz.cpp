// A pattern and a name, a line each: the matcher says what the plainest one says, one
// that tries everything, and does no more work than it promises. What it tells of
// every match is true of this one.
#include "common/base/glob.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/file_name.h"

namespace {

using Characters = std::vector<std::int32_t>;

void require(bool condition) {
  if (!condition) std::abort();
}

// Of valid UTF-8.
Characters characters(std::string_view text) {
  Characters out;
  while (!text.empty()) {
    std::int32_t character = 0;
    const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                         static_cast<utf8proc_ssize_t>(text.size()), &character);
    require(length > 0);
    out.push_back(character);
    text.remove_prefix(static_cast<std::size_t>(length));
  }
  return out;
}

// Tries every way, so it takes time without bound; gives up after so many tries.
class Model {
 public:
  Model(Characters pattern, Characters text)
      : pattern_(std::move(pattern)), text_(std::move(text)) {}

  // Nothing when it gave up.
  std::optional<bool> matches() {
    const bool matched = matches(0, 0);
    return tries_ < kMostTries ? std::optional(matched) : std::nullopt;
  }

 private:
  static constexpr int kMostTries = 20'000;

  bool is(std::size_t p, std::int32_t character) const {
    return p < pattern_.size() && pattern_[p] == character;
  }

  bool matches(std::size_t p, std::size_t t) {
    if (++tries_ >= kMostTries) return false;
    if (p == pattern_.size()) return t == text_.size();
    const bool begins = p == 0 || pattern_[p - 1] == '/';
    if (begins && is(p, '*') && is(p + 1, '*') && p + 2 == pattern_.size()) return true;
    if (begins && is(p, '*') && is(p + 1, '*') && is(p + 2, '/')) return after_folders(p + 3, t);
    if (is(p, '*')) {
      if (matches(p + 1, t)) return true;
      return t < text_.size() && text_[t] != '/' && matches(p, t + 1);
    }
    if (t == text_.size()) return false;
    if (is(p, '?')) return text_[t] != '/' && matches(p + 1, t + 1);
    if (is(p, '[')) {
      const std::size_t end = end_of_set(p);
      return text_[t] != '/' && set_takes(p, end, text_[t]) && matches(end + 1, t + 1);
    }
    return pattern_[p] == text_[t] && matches(p + 1, t + 1);
  }

  // From here, or from behind any '/' further on.
  bool after_folders(std::size_t p, std::size_t t) {
    if (matches(p, t)) return true;
    for (; t < text_.size(); ++t) {
      if (text_[t] == '/' && matches(p, t + 1)) return true;
    }
    return false;
  }

  std::size_t start_of_set(std::size_t open) const {
    return open + (is(open + 1, '!') || is(open + 1, '^') ? 2 : 1);
  }

  // Of a pattern that is valid.
  std::size_t end_of_set(std::size_t open) const {
    std::size_t at = start_of_set(open);
    do {
      at += is(at + 1, '-') && !is(at + 2, ']') ? 3 : 1;
    } while (!is(at, ']'));
    return at;
  }

  bool set_takes(std::size_t open, std::size_t end, std::int32_t character) const {
    bool found = false;
    for (std::size_t at = start_of_set(open); at < end;) {
      const bool is_range = is(at + 1, '-') && at + 2 < end;
      const std::int32_t high = is_range ? pattern_[at + 2] : pattern_[at];
      found = found || (pattern_[at] <= character && character <= high);
      at += is_range ? 3 : 1;
    }
    return found == (start_of_set(open) == open + 1);
  }

  const Characters pattern_;
  const Characters text_;
  int tries_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view pattern = input.substr(0, input.find('\n'));
  const std::string_view name = input.substr(std::min(pattern.size() + 1, input.size()));
  const trueque::Result<trueque::Glob> glob = trueque::Glob::parse(pattern);
  if (!glob) return 0;
  std::uint64_t steps = 0;
  const bool matched = glob->matches_name(name, steps);
  require(steps <= (pattern.size() + 1) * name.size() + 1);
  if (!trueque::validate_file_name(name)) return 0;
  const bool is_path = pattern.find('/') != std::string_view::npos;
  const std::string_view text = is_path ? name : trueque::last_component(name);
  const std::optional<bool> expected = Model(characters(pattern), characters(text)).matches();
  require(!expected || *expected == matched);
  if (!matched) return 0;
  require(name.starts_with(glob->prefix()));
  for (const trueque::Glob::Literal& literal : glob->literals()) {
    require(name.find(literal.text) != std::string_view::npos);
    require(!literal.at_end || name.ends_with(literal.text));
  }
  return 0;
}
