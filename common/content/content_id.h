// The identity of a file's content: the pieces root of BEP 52, 32 bytes, written
// as 64 lower-case hex digits. All zeros is the empty file.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/hex.h"

namespace trueque {

using Sha256 = std::array<std::uint8_t, 32>;

struct ContentId {
  Sha256 bytes{};

  auto operator<=>(const ContentId&) const = default;

  std::string hex() const { return to_hex(bytes); }

  // Nothing unless `text` is 64 hex digits, of either case.
  static std::optional<ContentId> from_hex(std::string_view text);
  // Nothing unless there are exactly 32 bytes.
  static std::optional<ContentId> from_bytes(std::string_view raw);
};

// For unordered containers. All bytes count: an id is only what somebody claims,
// and many that begin alike must not meet in one bucket.
struct ContentIdHash {
  std::size_t operator()(const ContentId& id) const noexcept;
};

}  // namespace trueque
