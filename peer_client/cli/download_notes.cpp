#include "peer_client/cli/download_notes.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "common/base/file_name.h"
#include "common/base/files.h"

namespace trueque {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::uintmax_t kMaxNoteBytes = 64UL * 1024;

// FNV-1a: tells apart where one content goes to, the same in every run.
std::string digest(const std::string& text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return std::to_string(hash);
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

}  // namespace

DownloadNotes::DownloadNotes(const std::string& state_folder)
    : folder_(state_folder.empty() ? "" : state_folder + "/downloads") {}

std::vector<DownloadNote> DownloadNotes::all() const {
  std::vector<DownloadNote> notes;
  std::error_code failure;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_, failure)) {
    if (entry.path().extension() != ".json") continue;
    if (auto note = read_note(entry.path().string())) notes.push_back(std::move(*note));
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
  return folder_ + "/" + note.content.hex().substr(0, 16) + "-" + digest(note.output) + ".json";
}

}  // namespace trueque
