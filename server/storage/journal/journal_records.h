// The journal's records (proto/trueque/journal/v1): what is durable of a change, as it is
// from then on. Records, one written behind another, are a batch. Pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "server/core/directory_repository.h"
#include "server/storage/directory_tables.h"

namespace trueque {

std::string session_opened_record(const Session& session);
std::string lease_began_record(const PeerKey& peer);
std::string files_put_record(const PeerKey& peer, std::span<const SharedFile> files);
std::string files_replaced_record(const PeerKey& peer, std::span<const SharedFile> files);
std::string files_removed_record(const PeerKey& peer, std::span<const std::string> names);
// Of the sessions and peers that ended; empty when none did.
std::string ended_records(const Change& change);

// Applies a batch to the tables. Over a state that has some of its changes, or later ones,
// already, the records up to that state and the rest of them end in the same. Records about
// peers that are not there do nothing. kDataLoss for bytes that are no batch, of which some
// records may have been applied.
Status replay_batch(std::string_view batch, Clock::Steady now, DirectoryTables& tables);

}  // namespace trueque
