#include "server/http/error_response.h"

#include <algorithm>

#include "common/directory/json_messages.h"

namespace trueque {
namespace {

Code code_of_fault(int status) {
  switch (status) {
    case 404:
      return Code::kNotFound;
    case 405:
    case 501:
    case 505:
      return Code::kUnimplemented;
    case 408:
      return Code::kDeadlineExceeded;
    case 429:
      return Code::kResourceExhausted;
    case 500:
      return Code::kInternal;
    case 503:
      return Code::kUnavailable;
    default:
      return Code::kInvalidArgument;
  }
}

}  // namespace

int http_status(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
    case Code::kOutOfRange:
      return 422;
    case Code::kUnauthenticated:
      return 401;
    case Code::kPermissionDenied:
      return 403;
    case Code::kNotFound:
      return 404;
    case Code::kAlreadyExists:
    case Code::kFailedPrecondition:
      return 409;
    case Code::kResourceExhausted:
      return 429;
    case Code::kUnimplemented:
      return 501;
    case Code::kUnavailable:
    case Code::kAborted:  // the disk: reads go on, writes may work later
    case Code::kCancelled:
      return 503;
    case Code::kDeadlineExceeded:
      return 504;
    case Code::kDataLoss:
    case Code::kInternal:
      return 500;
  }
  return 500;
}

HttpResponse error_response(const Error& error) {
  return error_response(http_status(error.code), error);
}

HttpResponse error_response(int status, const Error& error) {
  using std::chrono::ceil;
  using std::chrono::seconds;
  HttpResponse response{status, write_error(error), {}};
  if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (error.retry_after || status == 429 || status == 503) {
    const seconds wait = error.retry_after ? ceil<seconds>(*error.retry_after) : seconds(1);
    response.headers.emplace_back("Retry-After",
                                  std::to_string(std::max(wait, seconds(1)).count()));
  }
  return response;
}

HttpResponse fault_response(int status, const std::string& message) {
  return error_response(status, make_error(code_of_fault(status), message));
}

}  // namespace trueque
