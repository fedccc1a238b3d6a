// One request to a directory and its answer as JSON; what HttpDirectoryClient's
// verbs have in common. The only file of the client side that knows HTTP.
#pragma once

#include <atomic>
#include <chrono>
#include <span>
#include <string>

#include "common/directory/directory_endpoint.h"
#include "common/directory/json_document.h"

namespace trueque {

inline constexpr std::size_t kMaxDirectoryAnswer = 64UL * 1024 * 1024;  // bytes

struct DirectoryCall {
  const char* method = "POST";
  std::string target;  // path and query, percent-encoded
  std::string body;    // JSON, for POST
  std::string token;   // none when empty
  std::chrono::milliseconds timeout{0};
};

// The JSON of a success. Anything but 2xx is the directory's own Error; no answer
// is kUnavailable with a sentence that names the directory.
Result<Json> call_directory(const DirectoryEndpoint& endpoint,
                            std::chrono::milliseconds connect_timeout, const DirectoryCall& call);

// Asks `endpoints[good]` first and, as long as one gives kUnavailable, at once the next
// around; `good` is then the one that answered.
Result<Json> call_one_of(std::span<const DirectoryEndpoint> endpoints,
                         std::atomic<std::size_t>& good, std::chrono::milliseconds connect_timeout,
                         const DirectoryCall& call);

// What an HTTP status alone says, for directories that send no more.
Error error_from_status(int status);

}  // namespace trueque
