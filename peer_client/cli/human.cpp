#include "peer_client/cli/human.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace trueque {
namespace {

bool starts_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

std::string two_digits(long long number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

// Byte offset of code point `index`.
std::size_t offset_of(const std::string& text, std::size_t index) {
  std::size_t offset = 0;
  for (; offset < text.size(); ++offset) {
    if (starts_code_point(text[offset]) && index-- == 0) break;
  }
  return offset;
}

}  // namespace

std::string human_rate(double bytes_per_second) {
  return human_size(static_cast<std::uint64_t>(std::max(0.0, bytes_per_second))) + "/s";
}

std::string human_duration(std::chrono::seconds time) {
  const long long seconds = time.count();
  if (seconds < 60) return std::to_string(seconds) + " s";
  if (seconds < 3600) return std::to_string(seconds / 60) + ":" + two_digits(seconds % 60) + " min";
  return std::to_string(seconds / 3600) + ":" + two_digits(seconds / 60 % 60) + ":" +
         two_digits(seconds % 60) + " h";
}

std::string plural(std::uint64_t count, const std::string& singular) {
  return std::to_string(count) + " " + singular + (count == 1 ? "" : "s");
}

std::string short_id(const std::string& hex) { return hex.substr(0, 8); }

std::size_t code_points(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_code_point));
}

std::string shortened(const std::string& text, std::size_t limit) {
  const std::size_t length = code_points(text);
  if (length <= limit) return text;
  if (limit <= 3) return text.substr(0, offset_of(text, limit));
  const std::size_t head = (limit - 3) / 2;
  const std::size_t tail = limit - 3 - head;
  return text.substr(0, offset_of(text, head)) + "..." +
         text.substr(offset_of(text, length - tail));
}

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], code_points(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - code_points(row[i]) + 2, ' ');
    }
    text += line + "\n";
  }
  return text;
}

}  // namespace trueque
