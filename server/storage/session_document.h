// What the server keeps beside the state file: hashes of the tokens of open
// sessions, and who holds a lease. Pure functions.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "server/core/directory_repository.h"
#include "server/storage/json_reading.h"

namespace trueque {

struct SessionDocument {
  std::vector<Session> sessions;  // in the order of opening
  std::vector<PeerKey> leases;
  std::uint64_t journal = 0;  // segments from this one on must not be missing; 0: there may be none
};

// Seconds since 1970: the year 2242. Nanoseconds, which the clock counts, end twenty later.
inline constexpr std::uint64_t kLatestOpening = std::uint64_t{1} << 33U;

std::string write_sessions(const SessionDocument& document);

// kDataLoss saying where.
Result<SessionDocument> read_sessions(std::string_view text);

// The members alone, `"sessions": [...], "leases": [...]`, of any document.
void append_sessions(std::string& out, const SessionDocument& document);
SessionDocument read_session_members(const nlohmann::json& document, JsonShape& shape);

}  // namespace trueque
