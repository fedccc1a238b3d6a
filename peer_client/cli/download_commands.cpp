// resume and clean: downloads that were begun and not finished. Parts in the shared folder
// are found by looking; of those elsewhere there are notes.
#include <filesystem>
#include <set>

#include "common/base/file_name.h"
#include "common/base/text.h"
#include "peer_client/cli/commands.h"
#include "peer_client/cli/fetch_report.h"
#include "peer_client/cli/human.h"
#include "peer_client/core/unfinished_finder.h"

namespace trueque {
namespace {

namespace fs = std::filesystem;
std::string real(const std::string& path) {
  std::error_code failure;
  const fs::path found = fs::weakly_canonical(path, failure);
  return failure ? path : found.string();
}

std::optional<Content> content_of(const Unfinished& part) {
  if (!part.content) return std::nullopt;
  return Content{part.size, *part.content};
}

// Takes the names that mean it out of `missing`.
bool is_meant(const BegunDownload& download, const std::vector<std::string>& names,
              std::set<std::string>& missing) {
  bool meant = names.empty();
  for (const std::string& name : names) {
    if (name != download.part.name && name != last_component(download.part.name)) continue;
    meant = true;
    missing.erase(name);
  }
  return meant;
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

Answer Commands::resume_downloads() {
  if (Status status = resume(); !status) return Answer::failed(status.error());
  const std::vector<BegunDownload> downloads = begun_downloads();
  std::vector<Unfinished> parts;
  for (const BegunDownload& each : downloads) parts.push_back(each.part);
  std::vector<Result<FileChoice>> found = UnfinishedFinder(session_).find(parts);
  FetchReport report{DownloadQueue({}, false), {}, {}, {}, false};
  std::vector<FileChoice> shared;
  std::vector<WantedFile> elsewhere;
  for (std::size_t i = 0; i < downloads.size(); ++i) {
    if (!found[i]) {
      report.misses.push_back({parts[i].name, found[i].error(), content_of(parts[i])});
    } else if (downloads[i].note) {
      elsewhere.push_back({std::move(*found[i]), *downloads[i].note});
    } else {
      shared.push_back(std::move(*found[i]));
    }
  }
  if (Status done = take_up(std::move(shared), std::move(elsewhere), report); !done)
    return Answer::failed(done.error());
  Answer answer = answer_for(report);
  answer.text = downloads.empty()       ? "There is nothing to resume.\n"
                : downloads.size() == 1 ? describe_one(report)
                                        : describe_many(report);
  return answer;
}

Status Commands::take_up(std::vector<FileChoice> shared, std::vector<WantedFile> elsewhere,
                         FetchReport& report) {
  if (!shared.empty()) {
    Result<FetchReport> fetched = fetch(std::move(shared), {});
    if (!fetched) return fetched.error();
    report.add(std::move(*fetched));
  }
  for (WantedFile& each : elsewhere) {
    if (parts_.interrupts.exit_code() != 0) {
      const Error interrupted = make_error(Code::kCancelled, "interrupted");
      report.misses.push_back(
          {each.note.file_name, interrupted, Content{each.note.size, each.note.content}});
      continue;
    }
    each.choice.file_name = each.note.file_name;
    Result<FetchReport> fetched = fetch({std::move(each.choice)}, {each.note.output});
    if (!fetched) return fetched.error();
    report.add(std::move(*fetched));
  }
  return {};
}

Answer Commands::clean(const std::vector<std::string>& names) {
  Answer answer;
  answer.document = {{"files", Json::array()}, {"freed", 0}};
  std::uint64_t freed = 0;
  bool any = false;
  std::set<std::string> missing(names.begin(), names.end());
  for (const BegunDownload& each : begun_downloads()) {
    if (!is_meant(each, names, missing)) continue;
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
  for (const std::string& name : missing) {
    note_failure(answer,
                 make_error(Code::kNotFound, "no download of " + name +
                                                 " was begun; 'peer-client status' shows those "
                                                 "that were"),
                 parts_.console.err);
  }
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
