#include "common/content/file_hashing.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

#include "common/content/merkle_tree.h"

namespace trueque {

FileHashing::FileHashing(std::uint64_t file_size, Read read, std::vector<Sha256> known)
    : layout_(file_size),
      read_(std::move(read)),
      turns_(std::max<std::uint64_t>(1, layout_.piece_count())),
      pieces_(layout_.piece_count()),
      hashed_(pieces_.size()) {
  // One is always left, so that some call ends it.
  next_ = std::min<std::uint64_t>(known.size(), turns_ - 1);
  std::copy_n(known.begin(), next_, pieces_.begin());
  std::fill_n(hashed_.begin(), next_, true);
  done_ = next_;
}

bool FileHashing::has_more() const {
  const std::lock_guard lock(mutex_);
  return more();
}

bool FileHashing::hash_next() {
  std::unique_lock lock(mutex_);
  if (!more()) return false;
  const std::uint64_t piece = next_++;
  ++at_work_;
  lock.unlock();
  const Result<Sha256> hashed = hash(piece);
  lock.lock();
  --at_work_;
  if (!hashed && !failure_) failure_ = hashed.error();
  if (hashed && piece < pieces_.size()) {
    pieces_[piece] = *hashed;
    hashed_[piece] = true;
    while (done_ < pieces_.size() && hashed_[done_]) ++done_;
  }
  return !more() && at_work_ == 0;
}

Result<Sha256> FileHashing::hash(std::uint64_t piece) const try {
  const std::uint64_t length = layout_.piece_length(piece);
  const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(kReadSize, length));
  // Not filled with zeros first.
  const auto buffer = std::make_unique_for_overwrite<std::uint8_t[]>(room);
  PieceHasher hasher(leaves_per_piece(layout_));
  for (std::uint64_t done = 0; done < length;) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(room, length - done));
    const std::span<std::uint8_t> portion(buffer.get(), size);
    if (Status read = read_(portion, layout_.piece_offset(piece) + done); !read)
      return read.error();
    hasher.update(portion);
    done += size;
  }
  return hasher.finish();
} catch (const std::exception& failure) {
  return make_error(Code::kInternal, std::string("cannot hash: ") + failure.what());
}

std::vector<Sha256> FileHashing::done() const {
  const std::lock_guard lock(mutex_);
  return {pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(done_)};
}

std::uint64_t FileHashing::done_count() const {
  const std::lock_guard lock(mutex_);
  return done_;
}

Status FileHashing::status() const {
  const std::lock_guard lock(mutex_);
  return failure_ ? Status(*failure_) : Status();
}

ContentId FileHashing::id() const { return root_of_pieces(layout_, done()); }

Status hash_all(FileHashing& hashing, unsigned threads) {
  const auto help = [&hashing] {
    while (hashing.has_more()) hashing.hash_next();
  };
  std::vector<std::thread> helpers;
  helpers.reserve(threads);
  try {
    while (helpers.size() + 1 < threads) helpers.emplace_back(help);
  } catch (const std::system_error&) {
    // No more threads are to be had: those there are do it.
  }
  help();
  for (std::thread& helper : helpers) helper.join();
  return hashing.status();
}

}  // namespace trueque
