#include "peer_client/cli/answer.h"

#include <utility>

namespace trueque {

Answer Answer::failed(Error error) {
  Answer answer;
  answer.error = std::move(error);
  return answer;
}

Answer Answer::misused(std::string sentence) {
  return failed(make_error(Code::kInvalidArgument, std::move(sentence)));
}

ExitCode Answer::code() const {
  if (exit_code) return *exit_code;
  return error ? exit_code_for(error->code) : ExitCode::kDone;
}

}  // namespace trueque
