#include "server/storage/state_paths.h"

#include <filesystem>

#include "common/base/files.h"

namespace trueque {

Result<StatePaths> state_paths(const std::string& path) {
  const auto paths = locate_state(path);
  if (!paths) return paths.error();
  const std::string folder = std::filesystem::path(paths->state).parent_path().string();
  if (Status status = make_directories(folder); !status) return status.error();
  return paths;
}

Result<StatePaths> locate_state(const std::string& path) {
  std::error_code failed;
  const std::filesystem::path absolute = std::filesystem::absolute(path, failed);
  if (failed || !absolute.has_filename()) {
    return make_error(Code::kInvalidArgument, "'" + path + "' does not name a file.");
  }
  const std::filesystem::path state = std::filesystem::weakly_canonical(absolute, failed);
  if (failed) return system_error("resolve", path, failed.value());
  const std::string extension = state.extension().empty() ? ".json" : state.extension().string();
  const std::string stem = (state.parent_path() / state.stem()).string();
  return StatePaths{state.string(),
                    stem + ".sessions" + extension,
                    stem + ".accounts" + extension,
                    stem + ".journal.",
                    state.string() + ".lock",
                    stem + ".import" + extension,
                    state.string() + ".original"};
}

std::string without_folder(std::string text, const std::string& path) {
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  if (folder.empty()) return text;
  for (std::size_t at = 0; (at = text.find(folder, at)) != std::string::npos;)
    text.erase(at, folder.size());
  return text;
}

}  // namespace trueque
