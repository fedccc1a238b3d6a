// resume and clean: downloads that were begun and not finished. Parts in the shared folder
// are found by looking; of those elsewhere there are notes.
#include <filesystem>
#include <set>

#include "common/base/file_name.h"
#include "common/base/text.h"
#include "common/content/part_name.h"
#include "peer_client/cli/commands.h"
#include "peer_client/cli/fetch_report.h"
#include "peer_client/cli/human.h"

namespace trueque {
namespace {

namespace fs = std::filesystem;
std::string real(const std::string& path) {
  std::error_code failure;
  const fs::path found = fs::weakly_canonical(path, failure);
  return failure ? path : found.string();
}

Json failed_file(const BegunDownload& download, const Error& error) {
  const Unfinished& part = download.part;
  return {{"file_name", part.name},
          {"path", nullptr},
          {"size", part.size > 0 ? Json(part.size) : Json(nullptr)},
          {"content_id", or_null(part.content)},
          {"result", "failed"},
          {"error", error.message}};
}

// The listed name that gives this part its name, where that had to be cut; else the
// part's own.
std::string name_for(const Unfinished& part, const FileChoice& choice) {
  const std::size_t slash = part.name.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : part.name.substr(0, slash + 1);
  for (const FileSource& row : choice.sources) {
    const std::string name(last_component(row.file.name));
    if (part_name(name, *choice.content) == part.part && name.size() > part.part.size() / 2)
      return folder + name;
  }
  return part.name;
}

bool is_meant(const BegunDownload& download, const std::vector<std::string>& names) {
  return names.empty() || std::any_of(names.begin(), names.end(), [&](const std::string& name) {
           return name == download.part.name || name == last_component(download.part.name);
         });
}

void note_failure(Answer& answer, const Error& error, std::ostream& err) {
  if (!answer.error) {
    answer.error = error;
  } else {
    err << "peer-client: " << printable(error.message) << std::endl;
  }
}

}  // namespace

std::vector<BegunDownload> Commands::begun_downloads() const {
  std::vector<BegunDownload> downloads;
  std::set<std::string> known;
  const std::string& shared = parts_.settings.shared_dir;
  if (!shared.empty()) {
    for (Unfinished& part : find_unfinished(shared)) {
      known.insert(real(part.path()));
      downloads.push_back({std::move(part), std::nullopt});
    }
  }
  for (const DownloadNote& note : notes_.all()) {
    std::optional<Unfinished> part = unfinished_at(note.output, note.content);
    if (!part || !known.insert(real(part->path())).second) continue;
    part->name = note.file_name;
    part->size = note.size;
    downloads.push_back({std::move(*part), note});
  }
  return downloads;
}

Result<WantedFile> Commands::find_again(const BegunDownload& download) {
  const Unfinished& part = download.part;
  FileFinder finder(session_);
  Result<std::vector<FileChoice>> choices = finder.find(part.name, part.content);
  if (!choices) return choices.error();
  std::erase_if(*choices, [&](const FileChoice& each) {
    return !each.content || !each.content->hex().starts_with(part.id8);
  });
  if (choices->empty())
    return make_error(Code::kNotFound, "nobody shares that " + part.name + " any more");
  FileChoice choice = std::move(choices->front());
  finder.complete(choice);
  if (!download.note) choice.file_name = name_for(part, choice);
  return WantedFile{std::move(choice),
                    download.note ? std::optional(download.note->output) : std::nullopt};
}

Answer Commands::resume_downloads() {
  Answer answer;
  if (Status status = resume(); !status) {
    answer.error = status.error();
    return answer;
  }
  answer.document["files"] = Json::array();
  const std::vector<BegunDownload> downloads = begun_downloads();
  if (downloads.empty()) answer.text = "There is nothing to resume.\n";
  std::vector<FileChoice> shared;
  std::vector<WantedFile> elsewhere;
  for (const BegunDownload& each : downloads) {
    Result<WantedFile> found = find_again(each);
    if (!found) {
      answer.document["files"].push_back(failed_file(each, found.error()));
      note_failure(answer, found.error(), parts_.console.err);
    } else if (found->output) {
      elsewhere.push_back(std::move(*found));
    } else {
      shared.push_back(std::move(found->choice));
    }
  }
  if (!shared.empty()) take_up(std::move(shared), {}, answer);
  for (WantedFile& each : elsewhere) {
    if (parts_.interrupts.exit_code() != 0) break;
    take_up({std::move(each.choice)}, {each.output}, answer);
  }
  return answer;
}

void Commands::take_up(std::vector<FileChoice> choices, const FetchPlan& plan, Answer& answer) {
  const bool one = choices.size() == 1;
  const Result<FetchReport> report = fetch(std::move(choices), plan);
  if (!report) return note_failure(answer, report.error(), parts_.console.err);
  const Answer part = answer_for(*report);
  for (const Json& file : part.document["files"]) answer.document["files"].push_back(file);
  answer.text += one ? describe_one(*report) : describe_many(*report);
  if (part.error) note_failure(answer, *part.error, parts_.console.err);
  if (part.exit_code) answer.exit_code = part.exit_code;
}

Answer Commands::clean(const std::vector<std::string>& names) {
  Answer answer;
  answer.document = {{"files", Json::array()}, {"freed", 0}};
  std::uint64_t freed = 0;
  bool any = false;
  for (const BegunDownload& each : begun_downloads()) {
    if (!is_meant(each, names)) continue;
    any = true;
    const Result<std::uint64_t> bytes = forget(each.part);
    answer.document["files"].push_back(
        {{"file_name", each.part.name},
         {"path", each.part.path()},
         {"freed", bytes ? Json(*bytes) : Json(nullptr)},
         {"error", bytes ? Json(nullptr) : Json(bytes.error().message)}});
    if (!bytes) {
      note_failure(answer, bytes.error(), parts_.console.err);
      continue;
    }
    freed += *bytes;
    if (each.note) notes_.remove(*each.note);
    answer.text += "Forgot " + printable(each.part.name) + ", " + human_size(*bytes) + " freed.\n";
  }
  answer.document["freed"] = freed;
  if (!any && !names.empty())
    answer.error = make_error(Code::kNotFound, "no download of that name was begun");
  if (!any && names.empty()) answer.text = "There is nothing to forget.\n";
  return answer;
}

void Commands::show_begun(Answer& answer) const {
  answer.document["downloads"] = Json::array();
  std::vector<std::vector<std::string>> rows = {{"to resume", "", "size", "part"}};
  for (const BegunDownload& each : begun_downloads()) {
    const Unfinished& part = each.part;
    const auto percent = part.percent();
    answer.document["downloads"].push_back(
        {{"file_name", part.name},
         {"path", part.path()},
         {"content_id", or_null(part.content)},
         {"size", part.size > 0 ? Json(part.size) : Json(nullptr)},
         {"bytes", part.there},
         {"percent", or_null(percent)}});
    rows.push_back({printable(part.name), percent ? std::to_string(*percent) + " %" : "-",
                    part.size > 0 ? human_size(part.size) : "-", printable(part.path())});
  }
  if (rows.size() == 1) return;
  answer.text +=
      table(rows) + "'peer-client resume' goes on with them, 'peer-client clean' forgets them.\n";
}

}  // namespace trueque
