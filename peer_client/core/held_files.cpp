#include "peer_client/core/held_files.h"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "common/content/part_name.h"

namespace trueque {
namespace {

constexpr std::size_t kMostOfASize = 4;

}  // namespace

std::optional<std::string> HeldFiles::find(const Content& content,
                                           std::span<const std::string> listed,
                                           const Cancellation& cancellation) {
  if (auto name = known(content.id)) return name;
  for (const std::string& name : listed) {
    if (has_size(name, content.size) && holds(name, content.id, cancellation)) return name;
  }
  walk_once();
  for (const std::string& name : take_unseen(content.size)) {
    if (holds(name, content.id, cancellation)) return name;
  }
  return std::nullopt;
}

// Others have to wait for the walk in any case: there is nothing they could know.
void HeldFiles::walk_once() {
  std::call_once(walked_, [this] {
    LocalFolder::Survey survey = folder_.survey();
    parts_ = std::move(survey.parts);
    const std::lock_guard lock(mutex_);
    unseen_ = std::move(survey.names);
  });
}

std::vector<std::string> HeldFiles::parts_of(const ContentId& content) {
  walk_once();
  const std::string ending = part_ending(content);
  std::vector<std::string> names;
  std::copy_if(parts_.begin(), parts_.end(), std::back_inserter(names),
               [&](const std::string& name) { return name.ends_with(ending); });
  return names;
}

void HeldFiles::add(const std::string& name, const ContentId& content) {
  const std::lock_guard lock(mutex_);
  by_content_.emplace(content, name);
}

std::optional<std::string> HeldFiles::known(const ContentId& content) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_content_.find(content);
  if (found == by_content_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> HeldFiles::take_unseen(std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  const auto [first, last] = unseen_.equal_range(size);
  for (auto each = first; each != last; ++each) {
    // Too many to be worth it.
    if (names.size() == kMostOfASize) return {};
    names.push_back(each->second);
  }
  unseen_.erase(first, last);
  return names;
}

bool HeldFiles::has_size(const std::string& name, std::uint64_t size) const {
  std::error_code failure;
  return folder_.configured() && std::filesystem::file_size(path_of(name), failure) == size &&
         !failure;
}

bool HeldFiles::holds(const std::string& name, const ContentId& content,
                      const Cancellation& cancellation) {
  const Result<Content> found = folder_.content_of(name, nullptr, cancellation);
  if (!found) return false;
  add(name, found->id);
  return found->id == content;
}

}  // namespace trueque
