// What a valid request is, apart from who asks. Each failure is kInvalidArgument
// and begins with the JSON member it is about. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/directory/directory_types.h"

namespace trueque {

inline constexpr std::size_t kMaxUsernameBytes = 255;
inline constexpr std::size_t kMaxPasswordBytes = 1024;
inline constexpr std::size_t kMaxWantedPerRequest = 1'000;  // names, and as many content ids
inline constexpr std::uint64_t kMaxFileSize = (std::uint64_t{1} << 53U) - 1;

Status validate_username(std::string_view username);
Status validate_password(std::string_view password);
Status validate_port(std::uint16_t port);
Status validate_limit(std::uint32_t limit);
Status validate_query(std::string_view words);
// As `file_name` of a request for sources.
Status validate_wanted_name(std::string_view name);
Status validate_wanted(std::span<const std::string> file_names, std::span<const ContentId> ids);
Status validate_files(std::span<const SharedFile> files);
Status validate_content(const Content& content);
// All but the pattern and the cursor, which are checked where they are read.
Status validate_file_query(const FileQuery& query);
// The canonical form of `peer_ip`.
Result<std::string> canonical_peer_ip(std::string_view peer_ip);

}  // namespace trueque
