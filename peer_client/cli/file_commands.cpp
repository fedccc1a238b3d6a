// index.
#include "peer_client/cli/commands.h"

namespace trueque {
namespace {

Json file_entry(const std::string& name, const std::optional<Content>& content) {
  Json entry = {{"file_name", name}, {"size", nullptr}, {"content_id", nullptr}};
  if (content) {
    entry["size"] = content->size;
    entry["content_id"] = content->id.hex();
  }
  return entry;
}

}  // namespace

Answer Commands::index(const std::vector<std::string>& names) {
  if (Status status = resume(); !status) return Answer::failed(status.error());
  const Result<Indexer::Report> report =
      index_files(parts_, session_, names, parts_.console.err, parts_.console.err_is_terminal);
  if (!report) return Answer::failed(report.error());
  Answer answer;
  answer.document["files"] = Json::array();
  for (const SharedFile& file : report->files)
    answer.document["files"].push_back(file_entry(file.name, file.content));
  answer.document["indexed"] = or_null(report->indexed);
  answer.document["refused"] = report->refused;
  answer.document["not_served"] = or_null(report->not_served);
  answer.text = describe(*report);
  if (report->files.empty() && !report->refused.empty())
    answer.error = make_error(Code::kInvalidArgument, "nothing was indexed: " + report->refused[0]);
  return answer;
}

}  // namespace trueque
