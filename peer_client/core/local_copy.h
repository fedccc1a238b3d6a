// Copies a file of this machine into a part: as a clone of it where the file system can,
// which takes neither time nor room, else within the kernel, else byte by byte.
#pragma once

#include "peer_client/core/cancellation.h"
#include "peer_client/core/target_folder.h"

namespace trueque {

// The part is a copy of `path`, or kAborted, kCancelled, kNotFound. Nothing is verified.
Status copy_file(const std::string& path, const PartFile& part, const Cancellation& cancellation);

}  // namespace trueque
