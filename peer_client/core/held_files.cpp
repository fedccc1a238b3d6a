#include "peer_client/core/held_files.h"

namespace trueque {
namespace {

constexpr std::size_t kMostOfASize = 4;

}  // namespace

std::optional<std::string> HeldFiles::find(const Content& content,
                                           std::span<const std::string> listed,
                                           const Cancellation& cancellation) {
  if (auto name = known(content.id)) return name;
  for (const std::string& name : listed) {
    if (holds(name, content.id, cancellation)) return name;
  }
  // The others have to wait for the walk in any case: there is nothing they could know.
  std::call_once(walked_, [this] {
    LocalFolder::Sizes sizes = folder_.names_by_size();
    const std::lock_guard lock(mutex_);
    unseen_ = std::move(sizes);
  });
  for (const std::string& name : take_unseen(content.size)) {
    if (holds(name, content.id, cancellation)) return name;
  }
  return std::nullopt;
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

bool HeldFiles::holds(const std::string& name, const ContentId& content,
                      const Cancellation& cancellation) {
  const Result<Content> found = folder_.content_of(name, nullptr, cancellation);
  if (!found) return false;
  add(name, found->id);
  return found->id == content;
}

}  // namespace trueque
