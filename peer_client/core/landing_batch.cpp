#include "peer_client/core/landing_batch.h"

#include <map>
#include <set>

namespace trueque {
namespace {

constexpr std::size_t kMostFiles = 256;
constexpr std::chrono::seconds kLongestWait{1};

}  // namespace

Status LandingBatch::add(File file, std::span<const std::uint8_t> bytes) {
  const TargetFolder& folder = *file.place.folder;
  const Result<PartFile> part = folder.create_part(file.place.name, *file.request.choice.content);
  if (!part) return part.error();
  if (Status written = part->write_at(0, bytes); !written) {
    folder.remove(*part);
    return written;
  }
  file.part = part->name();
  if (files_.empty()) first_ = clock_.steady();
  files_.push_back(std::move(file));
  return {};
}

bool LandingBatch::due() const {
  return files_.size() >= kMostFiles ||
         (!files_.empty() && clock_.steady() - first_ >= kLongestWait);
}

std::vector<LandingBatch::Landed> LandingBatch::land(const Cancellation& cancellation) {
  std::vector<Landed> landed;
  const Status synced = sync_parts();
  for (File& file : files_) {
    landed.push_back({file.item, synced ? give_name(file, cancellation)
                                        : Result<DownloadOutcome>(synced.error())});
  }
  sync_folders(landed);
  files_.clear();
  return landed;
}

// Once a file system: below one folder there may be several.
Status LandingBatch::sync_parts() const {
  std::set<const TargetFolder*> folders;
  std::set<std::uint64_t> devices;
  for (const File& file : files_) {
    const TargetFolder& folder = *file.place.folder;
    if (!folders.insert(&folder).second || !devices.insert(folder.device()).second) continue;
    if (Status status = folder.sync_file_system(); !status) return status;
  }
  return {};
}

Result<DownloadOutcome> LandingBatch::give_name(File& file,
                                                const Cancellation& cancellation) const {
  Result<std::optional<DownloadOutcome>> held =
      landing_.give_name(file.request, file.place, file.part, cancellation);
  if (!held && !file.place.folder->has(file.part))
    return make_error(Code::kUnavailable, "another client took the part of " + file.place.name);
  if (!held) return held.error();
  if (*held) {
    file.place.folder->remove(file.part);
    return std::move(**held);
  }
  DownloadOutcome outcome = outcome_of(DownloadOutcome::Result::kFetched, file.request.choice);
  outcome.path = file.place.path();
  outcome.shared_name = file.place.shared_name();
  return outcome;
}

void LandingBatch::sync_folders(std::vector<Landed>& landed) const {
  std::map<const TargetFolder*, Status> folders;
  for (std::size_t i = 0; i < landed.size(); ++i) {
    if (!landed[i].outcome) continue;
    const TargetFolder* folder = files_[i].place.folder.get();
    auto known = folders.find(folder);
    if (known == folders.end()) known = folders.emplace(folder, folder->sync()).first;
    if (!known->second) landed[i].outcome = known->second.error();
  }
}

}  // namespace trueque
