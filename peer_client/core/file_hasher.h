// The content of a file on this machine.
#pragma once

#include <functional>
#include <string>

#include "common/base/result.h"
#include "common/directory/directory_types.h"
#include "peer_client/core/cancellation.h"

namespace trueque {

// Bytes done, bytes in all.
using Progress = std::function<void(std::uint64_t, std::uint64_t)>;

// Hashes what the descriptor holds, from its start; a regular file. kAborted when
// it cannot be read or grows or shrinks meanwhile, kCancelled when cancelled.
// `path` is for messages.
Result<Content> hash_file(int fd, const std::string& path, const Progress& progress,
                          const Cancellation& cancellation);

// The same by name, links followed. kNotFound for a missing file, kAborted for
// anything that is not a readable regular file.
Result<Content> hash_file(const std::string& path, const Progress& progress,
                          const Cancellation& cancellation);

}  // namespace trueque
