// Reads JSON straight off its text, an event for each value, without a document of it in
// memory: several times as fast as parse_json_document(), and silent. It takes nothing that
// is no JSON, but gives up on some that is (a byte order mark, numbers beyond their types,
// deeper than kMaxJsonDepth): whoever uses it asks parse_json_document() then, which also
// says what is wrong.
//
// Events has these functions, each of which gives false to end the scan:
//   bool key(std::string_view), string(std::string_view), number(std::uint64_t),
//   bool other()   null, true, false, and numbers that are negative or not whole
//   bool start_object(), end_object(), start_array(), end_array()
// Texts are UTF-8 and stay until the next event.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/directory/json_document.h"

namespace trueque {

// The words JSON is made of, one behind another. Space between them is passed over.
class JsonTokens {
 public:
  explicit JsonTokens(std::string_view text) : text_(text) {}

  // The next character that is no space; '\0' at the end.
  char peek();
  // Whether the next is this one, which is then behind us.
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  // Nothing where none stands there.
  std::optional<std::string_view> string();
  // null, true, false or a number; `number` is set where it is a whole one, not negative.
  bool plain(std::optional<std::uint64_t>& number);
  bool is_end() { return peek() == '\0' && at_ == text_.size(); }

 private:
  std::optional<std::string_view> with_escapes(std::size_t begin);
  bool append_escape();
  std::optional<std::uint32_t> four_hex_digits();
  bool append_code_point();

  const std::string_view text_;
  std::size_t at_ = 0;
  std::string room_;  // a string whose escapes had to be replaced
};

template <typename Events>
class JsonScan {
 public:
  JsonScan(std::string_view text, Events& events) : tokens_(text), events_(events) {}

  bool whole() { return value(0) && tokens_.is_end(); }

 private:
  bool value(int depth) {
    switch (tokens_.peek()) {
      case '{':
        return object(depth);
      case '[':
        return array(depth);
      case '"': {
        const auto text = tokens_.string();
        return text && events_.string(*text);
      }
      default: {
        std::optional<std::uint64_t> number;
        return tokens_.plain(number) && (number ? events_.number(*number) : events_.other());
      }
    }
  }

  bool object(int depth) {
    if (depth >= kMaxJsonDepth || !tokens_.take('{') || !events_.start_object()) return false;
    if (tokens_.take('}')) return events_.end_object();
    do {
      const auto key = tokens_.string();
      if (!key || !events_.key(*key) || !tokens_.take(':') || !value(depth + 1)) return false;
    } while (tokens_.take(','));
    return tokens_.take('}') && events_.end_object();
  }

  bool array(int depth) {
    if (depth >= kMaxJsonDepth || !tokens_.take('[') || !events_.start_array()) return false;
    if (tokens_.take(']')) return events_.end_array();
    do {
      if (!value(depth + 1)) return false;
    } while (tokens_.take(','));
    return tokens_.take(']') && events_.end_array();
  }

  JsonTokens tokens_;
  Events& events_;
};

// Whether the text is one JSON document and every event gave true.
template <typename Events>
bool scan_json(std::string_view text, Events& events) {
  return JsonScan<Events>(text, events).whole();
}

}  // namespace trueque
