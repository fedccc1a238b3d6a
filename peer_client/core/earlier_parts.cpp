#include "peer_client/core/earlier_parts.h"

#include <algorithm>

#include "common/base/file_name.h"
#include "common/content/part_name.h"
#include "peer_client/core/unfinished.h"

namespace trueque {
namespace {

struct SplitPath {
  std::string folder;
  std::string last;
};

SplitPath split(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {"", path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

std::string path_of(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

}  // namespace

std::optional<EarlierParts::Brought> EarlierParts::bring(const FileChoice& choice,
                                                         const TargetFolder& target,
                                                         const std::string& name) const {
  const std::string wanted = part_name(name, *choice.content);
  if (target.has(wanted)) return std::nullopt;
  for (const Place& place : places_of(choice)) {
    const Result<TargetFolder> folder = TargetFolder::open(place.root, place.folder, false);
    if (!folder) continue;
    if (auto part = target.take_part(*folder, place.part, wanted))
      return Brought{std::move(*part), path_of(place.root, path_of(place.folder, place.part))};
  }
  return std::nullopt;
}

// Those that are there and may be of the content, the fullest first. Of two contents with
// the same first digits only the journal tells.
std::vector<EarlierParts::Place> EarlierParts::places_of(const FileChoice& choice) const {
  std::vector<Place> places = places_in_shared(choice);
  const std::string ending = part_ending(*choice.content);
  for (const std::string& path : elsewhere_) {
    if (!path.ends_with(ending)) continue;
    SplitPath parts = split(path);
    places.push_back({std::move(parts.folder), "", std::move(parts.last)});
  }
  std::erase_if(places, [&](Place& place) {
    const auto found = unfinished_part(path_of(place.root, place.folder), place.part);
    if (found) place.there = found->there;
    return !found || (found->content && found->content != choice.content);
  });
  std::stable_sort(places.begin(), places.end(),
                   [](const Place& a, const Place& b) { return a.there > b.there; });
  return places;
}

// What a walk of the folder met, and, since a large one is not walked to its end, what was
// to become one of the listed names.
std::vector<EarlierParts::Place> EarlierParts::places_in_shared(const FileChoice& choice) const {
  std::vector<Place> places;
  if (shared_dir_.empty()) return places;
  for (const std::string& name : held_.parts_of(*choice.content)) {
    SplitPath parts = split(name);
    places.push_back({shared_dir_, std::move(parts.folder), std::move(parts.last)});
  }
  for (const FileSource& source : choice.sources) {
    if (!validate_file_name(source.file.name) || is_hidden(source.file.name)) continue;
    SplitPath parts = split(source.file.name);
    places.push_back(
        {shared_dir_, std::move(parts.folder), part_name(parts.last, *choice.content)});
  }
  return places;
}

}  // namespace trueque
