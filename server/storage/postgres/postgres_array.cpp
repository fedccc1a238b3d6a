#include "server/storage/postgres/postgres_array.h"

#include <utility>

#include "common/base/hex.h"

namespace trueque {

void PostgresArray::separate() {
  if (text_.size() > 1) text_ += ',';
}

void PostgresArray::add(std::string_view text) {
  separate();
  text_ += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') text_ += '\\';
    text_ += c;
  }
  text_ += '"';
}

void PostgresArray::add(std::int64_t number) {
  separate();
  text_ += std::to_string(number);
}

void PostgresArray::add_bytes(std::span<const std::uint8_t> bytes) {
  separate();
  text_ += "\"\\\\x" + to_hex(bytes) + "\"";
}

void PostgresArray::add_null() {
  separate();
  text_ += "NULL";
}

std::string PostgresArray::take() {
  text_ += '}';
  return std::exchange(text_, "{");
}

}  // namespace trueque
