#include "peer_client/core/part_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <span>
#include <thread>

#include "common/base/human_size.h"

namespace trueque {
namespace {

constexpr std::size_t kPortion = 256UL * 1024;               // bytes
constexpr std::size_t kMaxJournalBytes = 8UL * 1024 * 1024;  // of a file of 14 TiB
constexpr std::uint64_t kHashedByOne = 32ULL * 1024 * 1024;  // bytes not worth a thread

// Hashes one piece from the part.
Result<Sha256> hash_piece(const PartFile& part, const PieceLayout& layout, PieceHasher& hasher,
                          std::uint64_t index) {
  std::vector<std::uint8_t> buffer(kPortion);
  std::uint64_t offset = layout.piece_offset(index);
  const std::uint64_t end = offset + layout.piece_length(index);
  while (offset < end) {
    const auto portion =
        std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), end - offset));
    if (Status status = part.read_at(offset, portion); !status) return status.error();
    hasher.update(portion);
    offset += portion.size();
  }
  return hasher.finish();
}

std::span<const std::uint8_t> as_bytes(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Threads beside the caller's own.
std::size_t helpers_for(std::uint64_t bytes) {
  const std::uint64_t worth_it = bytes / kHashedByOne;
  const std::uint64_t cores = std::max(1U, std::thread::hardware_concurrency());
  return static_cast<std::size_t>(std::min(cores - 1, worth_it));
}

Error disk_full(const std::string& path, std::uint64_t needed, std::uint64_t free) {
  return make_error(Code::kAborted, "no room for " + path + ": " + human_size(needed) +
                                        " more are needed and " + human_size(free) +
                                        " are free; free another " + human_size(needed - free) +
                                        " there and run it again, or choose another folder with "
                                        "--output");
}

// Bytes that the file takes of its disk.
std::uint64_t taken_by(const PartFile& file) {
  struct stat status {};
  return ::fstat(file.fd(), &status) == 0 ? static_cast<std::uint64_t>(status.st_blocks) * 512 : 0;
}

// What a file of `size` still takes of a disk that gives out `block` bytes at a time.
std::uint64_t still_takes(std::uint64_t size, std::uint64_t block, std::uint64_t there) {
  const std::uint64_t whole = (size + block - 1) / block * block;
  return whole - std::min(whole, there);
}

}  // namespace

PartStore::PartStore(const TargetFolder& folder, PartFile part, const ContentId& content)
    : folder_(folder), part_(std::move(part)), content_(content) {}

PartStore::PartStore(PartStore&& other) noexcept
    : folder_(other.folder_),
      part_(std::move(other.part_)),
      content_(other.content_),
      plan_(std::move(other.plan_)),
      left_by_earlier_run_(other.left_by_earlier_run_),
      claimed_(std::move(other.claimed_)),
      journal_(std::move(other.journal_)),
      journal_end_(other.journal_end_),
      kept_(other.kept_) {}

Result<PartStore> PartStore::open(const TargetFolder& folder, const std::string& name,
                                  const ContentId& content) {
  Result<PartFile> part = folder.open_part(name, content);
  if (!part) return part.error();
  return open(folder, std::move(*part), content);
}

Result<PartStore> PartStore::open(const TargetFolder& folder, PartFile part,
                                  const ContentId& content) {
  PartStore store(folder, std::move(part), content);
  store.read_journal();
  const Result<std::uint64_t> held = store.part_.size();
  if (!held) return held.error();
  const bool says_nothing_is_there = store.plan_ && store.claimed_.empty();
  store.left_by_earlier_run_ = *held > 0 && !says_nothing_is_there;
  return store;
}

void PartStore::read_journal() {
  const Result<PartFile> file = folder_.open_journal(part_, false);
  if (!file) return;
  const Result<std::uint64_t> size = file->size();
  if (!size || *size > kMaxJournalBytes) return;
  std::vector<std::uint8_t> bytes(*size);
  if (!file->read_at(0, bytes)) return;
  std::optional<PartJournal> journal =
      decode_journal({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!journal || journal->content != content_) return;
  plan_ = PiecePlan{PieceLayout(journal->size), std::move(journal->hashes)};
  claimed_ = std::move(journal->pieces);
}

Result<std::vector<std::uint64_t>> PartStore::begin(const PiecePlan& plan,
                                                    const Cancellation& cancellation) {
  const Result<std::uint64_t> held = part_.size();
  if (!held) return held.error();
  if (!plan_ || !(*plan_ == plan)) {
    claimed_.clear();
    // No journal to go by: whatever the part holds is looked at.
    const std::uint64_t whole = plan.layout.piece_count() == 0 ? 0 : plan.hashes.size();
    for (std::uint64_t piece = 0; piece < whole && plan.layout.piece_offset(piece) < *held; ++piece)
      claimed_.push_back(piece);
  }
  plan_ = plan;
  std::erase_if(claimed_, [&](std::uint64_t piece) {
    return plan.layout.piece_offset(piece) + plan.layout.piece_length(piece) > *held;
  });
  Result<std::vector<std::uint64_t>> pieces = look(plan, claimed_, cancellation);
  if (!pieces) return pieces;
  kept_ = pieces->size();
  claimed_ = *pieces;
  if (Status status = find_room(plan); !status) return status.error();
  if (*held < plan.layout.file_size() && plan.hashes.size() > 1) {
    if (Status status = part_.cut(plan.layout.file_size()); !status) return status.error();
  }
  if (Status status = start_journal(plan, *pieces); !status) return status.error();
  return pieces;
}

// Hashing is what takes time: with much to hash each core does its share.
Result<std::vector<std::uint64_t>> PartStore::look(const PiecePlan& plan,
                                                   const std::vector<std::uint64_t>& pieces,
                                                   const Cancellation& cancellation) const {
  std::vector<char> matches(pieces.size());
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  Status failure;
  const auto hash_some = [&] {
    PieceHasher hasher(leaves_per_piece(plan.layout));
    for (std::size_t i = next++; i < pieces.size() && !cancellation.cancelled(); i = next++) {
      const Result<Sha256> hash = hash_piece(part_, plan.layout, hasher, pieces[i]);
      if (hash) {
        matches[i] = *hash == plan.hashes[pieces[i]];
        continue;
      }
      const std::lock_guard lock(mutex);
      failure = hash.error();
      next = pieces.size();
    }
  };
  std::vector<std::thread> helpers(helpers_for(pieces.size() * plan.layout.piece_size()));
  for (std::thread& helper : helpers) helper = std::thread(hash_some);
  hash_some();
  for (std::thread& helper : helpers) helper.join();
  if (cancellation.cancelled()) return make_error(Code::kCancelled, "interrupted");
  if (!failure) return failure.error();
  std::vector<std::uint64_t> right;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (matches[i] != 0) right.push_back(pieces[i]);
  }
  return right;
}

// For all of it, so that a full disk is found before the first byte.
Status PartStore::find_room(const PiecePlan& plan) const {
  struct statvfs disk {};
  // A file system that tells no numbers says 0 blocks in all.
  if (::fstatvfs(part_.fd(), &disk) != 0 || disk.f_blocks == 0 || disk.f_frsize == 0) return {};
  std::uint64_t needed = still_takes(plan.layout.file_size(), disk.f_frsize, taken_by(part_));
  if (plan.hashes.size() > 1) {
    const Result<PartFile> journal = folder_.open_journal(part_, false);
    needed += still_takes(journal_bytes(plan.hashes.size()), disk.f_frsize,
                          journal ? taken_by(*journal) : 0);
  }
  const std::uint64_t free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  if (needed > free) return disk_full(part_.path(), needed, free);
  return {};
}

Status PartStore::reserve(std::uint64_t offset, std::uint64_t length) const {
  const int done =
      ::fallocate(part_.fd(), 0, static_cast<off_t>(offset), static_cast<off_t>(length));
  if (done == 0 || (errno != ENOSPC && errno != EDQUOT)) return {};  // not every system can
  return make_error(Code::kAborted, "no room for " + part_.path() + ", not even for its first " +
                                        human_size(offset + length) +
                                        "; make room and run it again");
}

Status PartStore::start_journal(const PiecePlan& plan, const std::vector<std::uint64_t>& pieces) {
  if (plan.hashes.size() <= 1) return {};
  Result<PartFile> file = folder_.open_journal(part_, true);
  if (!file) return file.error();
  std::string bytes = encode_journal_head(content_, plan.layout.file_size(), plan.hashes);
  for (const std::uint64_t piece : pieces) bytes += encode_journal_piece(piece);
  if (Status status = file->write_at(0, as_bytes(bytes)); !status) return status;
  if (Status status = file->cut(bytes.size()); !status) return status;
  journal_ = std::move(*file);
  journal_end_ = bytes.size();
  return {};
}

Status PartStore::copy_from(const PartFile& scratch, std::uint64_t offset,
                            std::uint64_t length) const {
  std::vector<std::uint8_t> buffer(kPortion);
  for (std::uint64_t done = 0; done < length;) {
    const auto portion =
        std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), length - done));
    if (Status status = scratch.read_at(done, portion); !status) return status;
    if (Status status = part_.write_at(offset + done, portion); !status) return status;
    done += portion.size();
  }
  return {};
}

void PartStore::note(std::uint64_t piece) {
  part_.start_writing_back(plan_->layout.piece_offset(piece), plan_->layout.piece_length(piece));
  const std::lock_guard lock(mutex_);
  ++kept_;
  claimed_.push_back(piece);
  if (!journal_) return;
  const std::string bytes = encode_journal_piece(piece);
  if (journal_->write_at(journal_end_, as_bytes(bytes))) journal_end_ += bytes.size();
}

void PartStore::remove() const {
  folder_.remove(part_);
  remove_journal();
}

void PartStore::remove_journal() const { folder_.remove_journal(part_); }

}  // namespace trueque
