// get: one file by its name, or many by names, folders, patterns and persons.
#include <filesystem>

#include "common/base/text.h"
#include "peer_client/cli/commands.h"
#include "peer_client/cli/fetch_report.h"
#include "peer_client/cli/human.h"

namespace trueque {
namespace {

Json choice_entry(const FileChoice& choice) {
  return {{"file_name", choice.file_name},
          {"size", choice.size},
          {"content_id", or_null(choice.content)},
          {"sources", choice.sources.size()}};
}

Error several_contents(const std::string& name, const std::string& what_to_do) {
  return make_error(Code::kInvalidArgument,
                    "several contents share the name " + name + "; " + what_to_do);
}

// One file, whose name is given as it is.
bool is_single(const GetOptions& options) {
  if (options.names.size() > 1) return false;
  if (!options.content_id.empty()) return true;
  return options.names.size() == 1 && options.names.front() != "-" &&
         NameKind::of(options.names.front()).kind == NameKind::Kind::kExact;
}

Status check_beside_content_id(const std::vector<std::string>& names) {
  const bool one = names.empty() || (names.size() == 1 && names.front() != "-" &&
                                     NameKind::of(names.front()).kind != NameKind::Kind::kFolder);
  if (one) return {};
  return make_error(Code::kInvalidArgument,
                    names.size() > 1 || names.front() == "-"
                        ? "--content-id goes with one NAME"
                        : "--content-id means one file, and " + names.front() +
                              " is a folder; give the NAME of a file, or none");
}

Status check(const GetOptions& options) {
  const bool none = options.names.empty() && options.from.empty() && options.content_id.empty();
  if (none) {
    return make_error(Code::kInvalidArgument,
                      "give the NAME of a file, a folder like photos/, a pattern like '*.pdf', or "
                      "--from USER");
  }
  if (options.output && options.output->empty())
    return make_error(Code::kInvalidArgument, "--output is empty; name a file or a folder");
  if (!options.content_id.empty()) return check_beside_content_id(options.names);
  if (is_single(options)) return {};
  std::error_code failure;
  if (options.output && !std::filesystem::is_directory(*options.output, failure)) {
    return make_error(Code::kInvalidArgument,
                      "--output must be an existing folder for several "
                      "files; " +
                          *options.output + " is none");
  }
  return {};
}

}  // namespace

Answer Commands::get(const GetOptions& options) {
  if (Status usage = check(options); !usage) return Answer::failed(usage.error());
  std::optional<ContentId> content;
  if (!options.content_id.empty()) {
    content = ContentId::from_hex(options.content_id);
    if (!content)
      return Answer::misused(
          "--content-id must be 64 hex digits, as 'peer-client search --json' shows "
          "them, not '" +
          options.content_id + "'");
  }
  if (Status status = resume(); !status) return Answer::failed(status.error());
  return is_single(options) ? get_one(options, content) : get_many(options);
}

Answer Commands::get_one(const GetOptions& options, const std::optional<ContentId>& content) {
  const std::string name = options.names.empty() ? "" : options.names.front();
  FileFinder finder(session_, options.from);
  Result<std::vector<FileChoice>> choices = finder.find(name, content);
  if (!choices) return not_found(name, choices.error());
  if (choices->size() == 1) return fetch_one(options, choices->front());
  const std::optional<Result<FileChoice>> picked = pick(options.may_ask, name, *choices);
  if (!picked) return list_choices(name, *choices);
  if (!*picked) return Answer::failed(picked->error());
  FileChoice choice = **picked;
  finder.complete(choice);
  return fetch_one(options, choice);
}

Answer Commands::not_found(const std::string& name, const Error& error) {
  Answer answer = answer_for(FetchReport{DownloadQueue({}, false), {Selection::Miss{name, error}}});
  if (error.code != Code::kNotFound || name.empty()) return answer;
  const std::vector<std::string> near = FileFinder(session_).near_names(name);
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

std::optional<Result<FileChoice>> Commands::pick(bool may_ask, const std::string& name,
                                                 const std::vector<FileChoice>& choices) {
  parts_.console.err << printable("Several files have the name " + name + ":") << "\n"
                     << choices_table(choices) << std::flush;
  if (!may_ask) return std::nullopt;
  const Line line =
      parts_.input.ask(parts_.console.err, "Enter the number of the file to get: ", false);
  if (line.kind == Line::Kind::kInterrupted)
    return Result<FileChoice>(make_error(Code::kCancelled, "interrupted"));
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (line.text == std::to_string(i + 1)) return Result<FileChoice>(choices[i]);
  }
  return std::nullopt;
}

Answer Commands::list_choices(const std::string& name, const std::vector<FileChoice>& choices) {
  Answer answer = Answer::failed(several_contents(name, "choose one with --content-id"));
  answer.document["choices"] = Json::array();
  parts_.console.err << "Their content ids:";
  for (const FileChoice& each : choices) {
    answer.document["choices"].push_back(choice_entry(each));
    if (each.content)
      parts_.console.err << "\n  " << each.content->hex() << "  " << printable(each.file_name);
  }
  parts_.console.err << std::endl;
  return answer;
}

Answer Commands::fetch_one(const GetOptions& options, const FileChoice& choice) {
  const Result<FetchReport> report = fetch({choice}, {options.output, false, options.jobs});
  if (!report) return Answer::failed(report.error());
  Answer answer = answer_for(*report);
  answer.text = describe_one(*report);
  return answer;
}

Result<FetchReport> Commands::fetch(std::vector<FileChoice> choices, FetchPlan plan) {
  std::vector<DownloadNote> notes;
  for (DownloadNote& note : notes_.of(choices)) {
    std::error_code missing;
    // It may be of a disk that is not there now.
    if (!std::filesystem::is_directory(std::filesystem::path(note.output).parent_path(), missing))
      continue;
    if (const auto part = unfinished_at(note.output, note.content))
      plan.begun_elsewhere.push_back(part->path());
    notes.push_back(std::move(note));
  }
  for (DownloadNote& note : notes_for(choices, plan, parts_.settings.shared_dir)) {
    if (const Status noted = notes_.add(note); !noted)
      parts_.console.err << "It will not be found by resume: " << printable(noted.error().message)
                         << std::endl;
    notes.push_back(std::move(note));
  }
  Result<FetchReport> report = fetch_files(parts_, session_, std::move(choices), plan,
                                           parts_.console.err, parts_.console.err_is_terminal);
  for (const DownloadNote& note : notes) {
    if (!unfinished_at(note.output, note.content)) notes_.remove(note);
  }
  return report;
}

Answer Commands::get_many(const GetOptions& options) {
  const Result<std::vector<std::string>> names = names_of(options);
  if (!names) return Answer::failed(names.error());
  if (names->empty() && options.from.empty())
    return Answer::misused("there is no NAME in the input");
  // Who types the names into a pipe is not there to choose.
  const bool may_ask = options.may_ask && names->size() == options.names.size();
  Result<Selection> selection = Selector(session_, options.from).select(*names);
  if (!selection) return Answer::failed(selection.error());
  for (const Selection::Question& question : selection->questions) {
    const auto picked = pick(may_ask, question.name, question.choices);
    if (picked && !*picked) return Answer::failed(picked->error());
    if (picked) {
      selection->choices.push_back(**picked);
    } else {
      selection->misses.push_back(
          {question.name, several_contents(question.name, "get it alone, with --content-id")});
    }
  }
  Result<FetchReport> report =
      fetch(std::move(selection->choices), {options.output, true, options.jobs});
  if (!report) return Answer::failed(report.error());
  report->misses = std::move(selection->misses);
  Answer answer = answer_for(*report);
  answer.text = describe_beside_error(*report);
  return answer;
}

// '-' stands for the lines of standard input.
Result<std::vector<std::string>> Commands::names_of(const GetOptions& options) {
  std::vector<std::string> names;
  for (const std::string& name : options.names) {
    if (name != "-") {
      names.push_back(name);
      continue;
    }
    while (true) {
      const Line line = parts_.input.ask(parts_.console.err, "", false);
      if (line.kind == Line::Kind::kInterrupted) return make_error(Code::kCancelled, "interrupted");
      if (line.kind == Line::Kind::kEnd) break;
      if (!line.text.empty()) names.push_back(line.text);
    }
  }
  return names;
}

Answer Commands::answer_for(const FetchReport& report) const {
  Answer answer;
  answer.document = document_of(report);
  answer.error = summary_of(report).failure;
  if (const int code = parts_.interrupts.exit_code(); code != 0)
    answer.exit_code = static_cast<ExitCode>(code);
  return answer;
}

}  // namespace trueque
