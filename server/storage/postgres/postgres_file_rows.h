// A peer's files as rows of the database.
#pragma once

#include <cstdint>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <unordered_map>

#include "common/directory/directory_types.h"

namespace trueque {

using FileContents = std::unordered_map<std::string, std::optional<Content>>;  // by name

// Each with the content given, whether or not the peer had the name before.
void put_files(pqxx::transaction_base& transaction, std::int64_t peer_id,
               const FileContents& files);

// Gives the number of files the peer has then.
std::uint64_t change_file_count(pqxx::transaction_base& transaction, std::int64_t peer_id,
                                std::int64_t by);

}  // namespace trueque
