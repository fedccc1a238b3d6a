#include "peer_client/cli/download_notes.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "common/base/file_name.h"
#include "common/base/files.h"
#include "common/content/piece_layout.h"

namespace trueque {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::uintmax_t kMaxNoteBytes = 64UL * 1024;
constexpr std::size_t kBeginningDigits = 16;

// FNV-1a: tells apart where one content goes to, the same in every run.
std::string digest(const std::string& text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return std::to_string(hash);
}

// Of the name of each note of the content.
std::string beginning(const ContentId& content) {
  return content.hex().substr(0, kBeginningDigits);
}

std::optional<DownloadNote> read_note(const std::string& path) {
  std::error_code failure;
  if (const auto size = fs::file_size(path, failure); failure || size > kMaxNoteBytes)
    return std::nullopt;
  const Result<std::string> text = read_file(path);
  if (!text) return std::nullopt;
  try {
    const Json json = Json::parse(*text);
    const auto content = ContentId::from_hex(json.at("content_id").get<std::string>());
    DownloadNote note{json.at("file_name"), content.value_or(ContentId{}), json.at("size"),
                      json.at("output")};
    const bool usable = content && validate_file_name(note.file_name) &&
                        fs::path(note.output).is_absolute() && fs::path(note.output).has_filename();
    if (usable) return note;
  } catch (const Json::exception&) {
  }
  return std::nullopt;
}

// The file a choice is to become, an absolute path.
std::optional<std::string> output_of(const FileChoice& choice, const FetchPlan& plan) {
  std::error_code failure;
  fs::path path = plan.output.value_or(choice.file_name);
  if (plan.many && plan.output) {
    path /= choice.file_name;
  } else if (fs::is_directory(path, failure)) {
    path /= last_component(choice.file_name);
  }
  path = fs::absolute(path, failure).lexically_normal();
  return failure ? std::nullopt : std::optional(path.string());
}

}  // namespace

std::vector<DownloadNote> notes_for(const std::vector<FileChoice>& choices, const FetchPlan& plan,
                                    const std::string& shared_dir) {
  std::vector<DownloadNote> notes;
  if (!plan.output && !shared_dir.empty()) return notes;
  for (const FileChoice& choice : choices) {
    if (!choice.content || PieceLayout(choice.size).piece_count() <= 1) continue;
    if (auto output = output_of(choice, plan))
      notes.push_back({choice.file_name, *choice.content, choice.size, std::move(*output)});
  }
  return notes;
}

DownloadNotes::DownloadNotes(const std::string& state_folder)
    : folder_(state_folder.empty() ? "" : state_folder + "/downloads") {}

std::vector<DownloadNote> DownloadNotes::all() const {
  return read_those([](const std::string&) { return true; });
}

std::vector<DownloadNote> DownloadNotes::of(const std::vector<FileChoice>& choices) const {
  std::set<std::string> beginnings;
  for (const FileChoice& choice : choices) {
    if (choice.content) beginnings.insert(beginning(*choice.content));
  }
  return read_those([&](const std::string& name) {
    return beginnings.contains(name.substr(0, kBeginningDigits));
  });
}

std::vector<DownloadNote> DownloadNotes::read_those(
    const std::function<bool(const std::string& name)>& wanted) const {
  std::vector<DownloadNote> notes;
  std::error_code failure;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_, failure)) {
    const fs::path& path = entry.path();
    if (path.extension() != ".json" || !wanted(path.filename().string())) continue;
    if (auto note = read_note(path.string())) notes.push_back(std::move(*note));
  }
  std::sort(notes.begin(), notes.end(),
            [](const DownloadNote& a, const DownloadNote& b) { return a.output < b.output; });
  return notes;
}

Status DownloadNotes::add(const DownloadNote& note) const {
  if (folder_.empty()) return {};
  if (Status status = make_directories(folder_, 0700); !status) return status;
  const Json json = {{"file_name", note.file_name},
                     {"content_id", note.content.hex()},
                     {"size", note.size},
                     {"output", note.output}};
  const std::string text = json.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
  return write_file_atomically(path_of(note), text, 0600);
}

void DownloadNotes::remove(const DownloadNote& note) const {
  std::error_code gone;
  if (!folder_.empty()) fs::remove(path_of(note), gone);
}

std::string DownloadNotes::path_of(const DownloadNote& note) const {
  return folder_ + "/" + beginning(note.content) + "-" + digest(note.output) + ".json";
}

}  // namespace trueque
