// What a file holds: how much, and which bytes.
#pragma once

#include <compare>
#include <cstdint>

#include "common/content/content_id.h"

namespace trueque {

struct Content {
  std::uint64_t size = 0;  // bytes, at most 2^53 - 1
  ContentId id;

  auto operator<=>(const Content&) const = default;
};

}  // namespace trueque
