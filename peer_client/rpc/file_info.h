// What a peer tells of a file, read from the wire.
#pragma once

#include "peer_client/core/peer_channel.h"
#include "trueque/v1/file_transfer.pb.h"

namespace trueque {

// The lengths fit each other; nothing is checked against a content id yet. kDataLoss where
// they do not.
Result<RemoteFile> read_file_info(const trueque::v1::FileInfo& info);

}  // namespace trueque
