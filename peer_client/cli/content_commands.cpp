// hash and verify: no directory, no login.
#include "common/base/text.h"
#include "peer_client/cli/commands.h"
#include "peer_client/cli/progress_line.h"

namespace trueque {

Result<Content> Commands::hash_one(const std::string& path) {
  Interrupts::Operation operation(parts_.interrupts);
  ProgressLine line(parts_.console.err, parts_.console.err_is_terminal, parts_.console.color,
                    parts_.clock, path);
  const auto progress = [&line](std::uint64_t done, std::uint64_t total) {
    line.progress(done, total);
  };
  return hash_file(path, progress, operation.cancellation());
}

// All files that can be read are answered for; the first failure decides the code.
Answer Commands::hash(const std::vector<std::string>& paths) {
  Answer answer;
  answer.document["files"] = Json::array();
  for (const std::string& path : paths) {
    const Result<Content> content = hash_one(path);
    if (content) {
      answer.document["files"].push_back(
          {{"path", path}, {"size", content->size}, {"content_id", content->id.hex()}});
      answer.text += content->id.hex() + "  " + printable(path) + "\n";
      continue;
    }
    if (!answer.error) {
      answer.error = content.error();
    } else {
      parts_.console.err << "peer-client: " << printable(content.error().message) << std::endl;
    }
    if (content.error().code == Code::kCancelled) break;
  }
  return answer;
}

Answer Commands::verify(const std::string& path, const std::string& content_id) {
  Answer answer;
  const std::optional<ContentId> wanted = ContentId::from_hex(content_id);
  if (!wanted) {
    answer.error = make_error(Code::kInvalidArgument, "the content id must be 64 hex digits");
    return answer;
  }
  const Result<Content> content = hash_one(path);
  if (!content) {
    answer.error = content.error();
    return answer;
  }
  const bool match = content->id == *wanted;
  answer.document["match"] = match;
  answer.complete = true;
  answer.text = match ? printable(path) + " matches.\n" : "";
  if (!match) {
    answer.error = make_error(Code::kDataLoss,
                              path + " does not match: its content id is " + content->id.hex());
  }
  return answer;
}

}  // namespace trueque
