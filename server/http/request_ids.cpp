#include "server/http/request_ids.h"

#include <algorithm>
#include <array>

#include "common/base/hex.h"

namespace trueque {
namespace {

constexpr std::size_t kMaxLength = 64;

bool is_fit(std::string_view id) {
  return !id.empty() && id.size() <= kMaxLength && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.:").find(c) != std::string_view::npos;
  });
}

}  // namespace

RequestIds::RequestIds() : random_(std::random_device()()) {}

std::string RequestIds::id_of(const HttpRequest& request) {
  const auto sent = request.header("x-request-id");
  return sent && is_fit(*sent) ? std::string(*sent) : make();
}

std::string RequestIds::make() {
  std::array<std::uint8_t, 8> bytes{};
  std::uint64_t number = random_();
  for (std::uint8_t& byte : bytes) {
    byte = static_cast<std::uint8_t>(number);
    number >>= 8U;
  }
  return to_hex(bytes);
}

}  // namespace trueque
