// An array as PostgreSQL reads one from text: {"a","b",NULL}. For statements that take
// many rows at once with unnest().
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace trueque {

class PostgresArray {
 public:
  void add(std::string_view text);
  void add(std::int64_t number);
  void add_bytes(std::span<const std::uint8_t> bytes);
  void add_null();

  // "{...}"; the array is spent then.
  std::string take();

 private:
  void separate();

  std::string text_ = "{";
};

}  // namespace trueque
