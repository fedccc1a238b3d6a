// index and get.
#include <filesystem>

#include "common/base/file_name.h"
#include "common/base/text.h"
#include "peer_client/cli/commands.h"
#include "peer_client/cli/human.h"

namespace trueque {
namespace {

using Json = nlohmann::json;

Answer failed(Error error) {
  Answer answer;
  answer.error = std::move(error);
  return answer;
}

Json file_entry(const std::string& name, const std::optional<Content>& content) {
  Json entry = {{"file_name", name}, {"size", nullptr}, {"content_id", nullptr}};
  if (content) {
    entry["size"] = content->size;
    entry["content_id"] = content->id.hex();
  }
  return entry;
}

const char* result_name(DownloadOutcome::Result result) {
  switch (result) {
    case DownloadOutcome::Result::kFetched:
      return "fetched";
    case DownloadOutcome::Result::kAlready:
      return "already";
    case DownloadOutcome::Result::kPlaceholder:
      return "placeholder";
  }
  return "failed";
}

Json failed_entry(Json entry, const Error& error) {
  entry["path"] = nullptr;
  entry["result"] = "failed";
  entry["error"] = error.message;
  return entry;
}

Json fetched_entry(const GetReport& report) {
  const DownloadOutcome& outcome = report.outcome;
  Json entry = file_entry(outcome.file_name, outcome.content);
  entry["path"] = outcome.path.empty() ? Json(nullptr) : Json(outcome.path);
  entry["result"] = result_name(outcome.result);
  entry["error"] = nullptr;
  return entry;
}

// Where a file goes that looking into the shared folder does not find; nothing for others.
std::optional<DownloadNote> note_for(const WantedFile& wanted, const std::string& shared_dir) {
  const FileChoice& choice = wanted.choice;
  if (!choice.content || (!wanted.output && !shared_dir.empty())) return std::nullopt;
  std::error_code failure;
  std::filesystem::path path = wanted.output.value_or(choice.file_name);
  if (std::filesystem::is_directory(path, failure)) path /= last_component(choice.file_name);
  path = std::filesystem::absolute(path, failure).lexically_normal();
  if (failure) return std::nullopt;
  return DownloadNote{choice.file_name, *choice.content, choice.size, path.string()};
}

Json choice_entry(const FileChoice& choice) {
  return {{"file_name", choice.file_name},
          {"size", choice.size},
          {"content_id", choice.content ? Json(choice.content->hex()) : Json(nullptr)},
          {"sources", choice.sources.size()}};
}

}  // namespace

Answer Commands::index(const std::vector<std::string>& names) {
  if (Status status = resume(); !status) return failed(status.error());
  const Result<Indexer::Report> report =
      index_files(parts_, session_, names, parts_.console.err, parts_.console.err_is_terminal);
  if (!report) return failed(report.error());
  Answer answer;
  answer.document["files"] = Json::array();
  for (const SharedFile& file : report->files)
    answer.document["files"].push_back(file_entry(file.name, file.content));
  answer.document["indexed"] = report->indexed ? Json(*report->indexed) : Json(nullptr);
  answer.document["refused"] = report->refused;
  answer.text = describe(*report);
  if (report->files.empty() && !report->refused.empty())
    answer.error = make_error(Code::kInvalidArgument, "nothing was indexed: " + report->refused[0]);
  return answer;
}

Answer Commands::get(const GetOptions& options) {
  std::optional<ContentId> content;
  if (!options.content_id.empty()) {
    content = ContentId::from_hex(options.content_id);
    if (!content)
      return failed(make_error(Code::kInvalidArgument, "--content-id must be 64 hex digits"));
  }
  if (Status status = resume(); !status) return failed(status.error());
  const Result<std::vector<FileChoice>> choices = FileFinder(session_).find(options.name, content);
  if (!choices) return not_found(options, choices.error());
  if (choices->size() > 1) return choose(options, *choices);
  return fetch_all({{choices->front(), options.output}});
}

Answer Commands::not_found(const GetOptions& options, const Error& error) {
  Answer answer = failed(error);
  answer.document["files"] = {failed_entry(file_entry(options.name, std::nullopt), error)};
  if (error.code != Code::kNotFound) return answer;
  const std::vector<std::string> near = FileFinder(session_).near_names(options.name);
  answer.document["near_names"] = near;
  if (near.empty()) {
    answer.error->message += session_.login()->original_directory()
                                 ? "; check the exact name"
                                 : "; look with 'peer-client search WORDS', or see with "
                                   "'peer-client peers' who is there";
    return answer;
  }
  parts_.console.err << "Names like it:" << std::endl;
  for (const std::string& each : near) parts_.console.err << "  " << printable(each) << std::endl;
  return answer;
}

Answer Commands::choose(const GetOptions& options, const std::vector<FileChoice>& choices) {
  parts_.console.err << "Several files have that name:\n" << choices_table(choices) << std::flush;
  if (options.may_ask) {
    const Line line =
        parts_.input.ask(parts_.console.err, "Enter the number of the file to get: ", false);
    if (line.kind == Line::Kind::kInterrupted)
      return failed(make_error(Code::kCancelled, "interrupted"));
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (line.text != std::to_string(i + 1)) continue;
      FileChoice choice = choices[i];
      FileFinder(session_).complete(choice);
      return fetch_all({{choice, options.output}});
    }
  }
  std::string ids;
  for (const FileChoice& each : choices) {
    if (each.content) ids += "\n  " + each.content->hex() + "  " + printable(each.file_name);
  }
  Answer answer = failed(make_error(
      Code::kInvalidArgument, "several contents share the name; choose one with --content-id"));
  answer.document["choices"] = Json::array();
  for (const FileChoice& each : choices) answer.document["choices"].push_back(choice_entry(each));
  parts_.console.err << "Their content ids:" << ids << std::endl;
  return answer;
}

Answer Commands::fetch_all(const std::vector<WantedFile>& wanted) {
  Answer answer;
  answer.document["files"] = Json::array();
  for (const WantedFile& each : wanted) {
    const Result<GetReport> report = fetch(each);
    if (const int code = parts_.interrupts.exit_code(); code != 0)
      answer.exit_code = static_cast<ExitCode>(code);
    if (report) {
      answer.document["files"].push_back(fetched_entry(*report));
      answer.text += describe(*report);
      continue;
    }
    const FileChoice& choice = each.choice;
    std::optional<Content> content;
    if (choice.content) content = Content{choice.size, *choice.content};
    answer.document["files"].push_back(
        failed_entry(file_entry(choice.file_name, content), report.error()));
    if (!answer.error) {
      answer.error = report.error();
    } else {
      parts_.console.err << "peer-client: " << printable(report.error().message) << std::endl;
    }
    if (report.error().code == Code::kCancelled) break;
  }
  return answer;
}

// A part outside the shared folder is noted for as long as it is there.
Result<GetReport> Commands::fetch(const WantedFile& wanted) {
  const std::optional<DownloadNote> note = note_for(wanted, parts_.settings.shared_dir);
  if (note) {
    if (const Status noted = notes_.add(*note); !noted)
      parts_.console.err << "It will not be found by resume: " << printable(noted.error().message)
                         << std::endl;
  }
  Result<GetReport> report = get_file(parts_, session_, wanted.choice, wanted.output,
                                      parts_.console.err, parts_.console.err_is_terminal);
  if (note && !unfinished_at(note->output, note->content)) notes_.remove(*note);
  return report;
}

}  // namespace trueque
