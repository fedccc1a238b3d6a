#include "peer_client/rpc/status_table.h"

#include <array>
#include <charconv>
#include <string_view>

namespace trueque {
namespace {

struct Row {
  grpc::StatusCode status;
  Code code;
  std::string_view sentence;  // when the peer gives none
};

constexpr std::array kTable = {
    Row{grpc::StatusCode::CANCELLED, Code::kCancelled, "ended the call"},
    Row{grpc::StatusCode::INVALID_ARGUMENT, Code::kInvalidArgument, "refused the request"},
    Row{grpc::StatusCode::DEADLINE_EXCEEDED, Code::kDeadlineExceeded, "does not answer"},
    Row{grpc::StatusCode::NOT_FOUND, Code::kNotFound, "does not have the file"},
    Row{grpc::StatusCode::ALREADY_EXISTS, Code::kAlreadyExists, "refused the request"},
    Row{grpc::StatusCode::PERMISSION_DENIED, Code::kPermissionDenied, "refused the request"},
    Row{grpc::StatusCode::UNAUTHENTICATED, Code::kUnauthenticated, "refused the request"},
    Row{grpc::StatusCode::RESOURCE_EXHAUSTED, Code::kResourceExhausted, "is busy"},
    Row{grpc::StatusCode::FAILED_PRECONDITION, Code::kFailedPrecondition,
        "has another file by now"},
    Row{grpc::StatusCode::ABORTED, Code::kAborted, "ended the call"},
    Row{grpc::StatusCode::OUT_OF_RANGE, Code::kOutOfRange, "has a file of another size"},
    Row{grpc::StatusCode::UNIMPLEMENTED, Code::kUnimplemented, "cannot send files"},
    Row{grpc::StatusCode::UNAVAILABLE, Code::kUnavailable, "cannot be reached"},
    Row{grpc::StatusCode::DATA_LOSS, Code::kDataLoss, "lost data of the file"},
    Row{grpc::StatusCode::INTERNAL, Code::kInternal, "failed"},
    Row{grpc::StatusCode::UNKNOWN, Code::kInternal, "failed"},
};

constexpr Row kOther{grpc::StatusCode::UNKNOWN, Code::kInternal, "failed"};

std::optional<std::chrono::milliseconds> retry_after(const grpc::ClientContext& context) {
  const auto& metadata = context.GetServerTrailingMetadata();
  const auto found = metadata.find("retry-after-ms");
  if (found == metadata.end()) return std::nullopt;
  const std::string_view text(found->second.data(), found->second.size());
  std::uint32_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return std::chrono::milliseconds(number);
}

// gRPC's own words for a failed connection, down to the system's reason.
std::string shortened(const std::string& message) {
  if (message.starts_with("DNS resolution failed")) return "its host name cannot be resolved";
  if (message.find("failed to connect to all addresses") == std::string::npos) return message;
  const std::size_t colon = message.rfind(": ");
  return colon == std::string::npos ? message : message.substr(colon + 2);
}

}  // namespace

Error error_from_status(const grpc::Status& status, const grpc::ClientContext& context) {
  const auto says = [&status](grpc::StatusCode code, const char* words) {
    return status.error_code() == code && status.error_message().find(words) != std::string::npos;
  };
  // gRPC reports a message over our own limit with the code of a busy peer,
  if (says(grpc::StatusCode::RESOURCE_EXHAUSTED, "message larger than max"))
    return make_error(Code::kDataLoss, "sent a message larger than it may");
  // and one we do not unpack with the code of a peer that has no FileTransfer.
  if (says(grpc::StatusCode::UNIMPLEMENTED, "ompression algorithm"))
    return make_error(Code::kDataLoss, "sent a compressed message");
  Row row = kOther;
  for (const Row& each : kTable) {
    if (each.status == status.error_code()) row = each;
  }
  std::string message(row.sentence);
  const std::string detail = shortened(status.error_message());
  if (!detail.empty()) message += " (" + detail + ")";
  Error error = make_error(row.code, std::move(message));
  error.retry_after = retry_after(context);
  return error;
}

}  // namespace trueque
