// What of Announcer brings files to the directory, batch by batch.
#include <iterator>
#include <utility>

#include "peer_server/core/announcer.h"

namespace trueque {
namespace {

// More than the bytes one file takes as JSON: every character of a name may need an escape.
std::size_t json_bytes(const SharedFile& file) { return 2 * file.name.size() + 160; }

}  // namespace

void Announcer::take_page() {
  const bool first = std::exchange(replacing_, false);
  std::vector<SharedFile> files = folder_.page(*next_page_, kMaxBatchFiles);
  // A page that is not full is the last.
  const bool last = files.size() < kMaxBatchFiles;
  // The original's directory knows no replacing; what it has it keeps.
  const bool replace = first && !original_directory();
  if (first || !files.empty())
    push(replace ? IndexMode::kReplace : IndexMode::kAdd, std::move(files));
  if (!last) return;
  next_page_.reset();
  if (batches_.empty() && telling_) tell_announced();
}

void Announcer::tell_announced() {
  telling_ = false;
  log_.info("folder_announced", {{"directory_has", directory_has_}});
}

// Cuts the files into batches the directory takes. Replacing continues as adding.
void Announcer::push(IndexMode mode, std::vector<SharedFile> files) {
  Batch batch{mode, {}};
  std::size_t bytes = 0;
  for (SharedFile& file : files) {
    const std::size_t size = json_bytes(file);
    if (batch.files.size() == kMaxBatchFiles || bytes + size > kMaxBatchBytes) {
      batches_.push_back(
          std::exchange(batch, {mode == IndexMode::kReplace ? IndexMode::kAdd : mode, {}}));
      bytes = 0;
    }
    if (original_directory()) file.content.reset();
    bytes += size;
    batch.files.push_back(std::move(file));
  }
  batches_.push_back(std::move(batch));
}

void Announcer::send_batch() {
  const Batch& batch = batches_.front();
  const auto indexed =
      directory_.index_files(session_->token, session_->peer, batch.files, batch.mode);
  if (!indexed && indexed.error().code == Code::kInvalidArgument)
    return split_or_drop(indexed.error());
  if (!indexed) return note_failure(indexed.error());
  failures_ = 0;
  log_.debug("files_announced", {{"files", batch.files.size()}});
  batches_.pop_front();
  directory_has_ = indexed->value_or(0);
  if (batches_.empty() && !next_page_ && telling_) tell_announced();
}

// The names it is not to keep are no loss.
void Announcer::note_refused(const Batch& batch) {
  if (batch.mode == IndexMode::kRemove) return;
  for (const SharedFile& file : batch.files) refused_[file.name] = file.content;
}

// The directory will not take this batch as it is: halve it until what it does
// not take stands alone, and leave that out.
void Announcer::split_or_drop(const Error& error) {
  Batch batch = std::move(batches_.front());
  batches_.pop_front();
  if (batch.files.size() <= 1) {
    const std::string name = batch.files.empty() ? "" : batch.files.front().name;
    log_.warning("file_not_announced", {{"name", name}, {"reason", error.message}});
    note_refused(batch);
    return;
  }
  const auto middle = batch.files.begin() + static_cast<std::ptrdiff_t>(batch.files.size() / 2);
  Batch second{batch.mode == IndexMode::kReplace ? IndexMode::kAdd : batch.mode, {}};
  std::move(middle, batch.files.end(), std::back_inserter(second.files));
  batch.files.erase(middle, batch.files.end());
  batches_.push_front(std::move(second));
  batches_.push_front(std::move(batch));
}

}  // namespace trueque
