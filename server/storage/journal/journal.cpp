#include "server/storage/journal/journal.h"

#include "server/storage/journal/journal_segments.h"

namespace trueque {
namespace {

constexpr mode_t kSecret = 0600;  // it holds hashes of tokens

}  // namespace

Journal::Journal(StorageFiles& files, std::string prefix, const JournalTail& tail, Salt salt)
    : files_(files), prefix_(std::move(prefix)), salt_(std::move(salt)), tail_(tail) {}

Status Journal::append(std::string_view payload) {
  if (!file_) {
    if (Status status = begin_segment(); !status) return status;
  }
  const std::string frame = encode_frame(current_salt_, tail_.next_sequence, payload);
  Status status = file_->append(frame);
  if (status) status = file_->sync();
  if (!status) {
    // Failing again is no news; the next append() tries once more.
    static_cast<void>(begin_segment().ok());
    return status;
  }
  ++tail_.next_sequence;
  tail_.counted += frame.size();
  tail_.bytes += frame.size();
  return {};
}

Result<std::uint64_t> Journal::rotate() {
  const bool is_fresh = file_ && tail_.counted == kSegmentHeaderBytes;
  if (is_fresh) return tail_.number;
  if (Status status = begin_segment(); !status) return status.error();
  tail_.bytes = 0;
  return tail_.number;
}

// Whether or not it succeeds the file before is done with: a header of the new one that
// made it to the disk would cut off what was appended to that one after.
Status Journal::begin_segment() {
  file_.reset();
  const SegmentHeader header{tail_.next_number, tail_.number, tail_.counted, tail_.next_sequence,
                             salt_()};
  const std::string path = segment_path(prefix_, header.number);
  if (Status status = create(path, header); !status) {
    file_.reset();
    // What is left of it belongs to nobody. Its number is not used again unless it goes.
    if (!files_.remove(path)) ++tail_.next_number;
    return status;
  }
  tail_.number = header.number;
  tail_.counted = kSegmentHeaderBytes;
  ++tail_.next_number;
  current_salt_ = header.salt;
  return {};
}

Status Journal::create(const std::string& path, const SegmentHeader& header) {
  auto file = files_.create(path, kSecret);
  if (!file) return file.error();
  file_ = *std::move(file);
  if (Status status = file_->append(encode_segment_header(header)); !status) return status;
  if (Status status = file_->sync(); !status) return status;
  return files_.sync_folder(path);
}

}  // namespace trueque
