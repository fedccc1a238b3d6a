#include "peer_server/core/hash_workers.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "common/content/merkle_tree.h"
#include "peer_server/core/open_file.h"

namespace trueque {
namespace {

constexpr std::size_t kPortion = 256UL * 1024;  // bytes
constexpr int kNiceness = 10;

Status hash_bytes(const OpenFile& file, ContentHasher& hasher, const std::atomic<bool>& stop,
                  std::atomic<std::uint64_t>& progress) {
  std::vector<std::uint8_t> buffer(std::min<std::uint64_t>(kPortion, file.size()));
  while (hasher.position() < file.size()) {
    if (stop) return make_error(Code::kCancelled, "the peer-server is stopping");
    const auto size = static_cast<std::size_t>(
        std::min<std::uint64_t>(buffer.size(), file.size() - hasher.position()));
    const std::span<std::uint8_t> portion(buffer.data(), size);
    if (Status read = file.read(portion, hasher.position()); !read) return read;
    hasher.update(portion);
    progress += size;
  }
  return {};
}

Status hash_into(HashOutcome& outcome, const FolderRoot& root, const std::atomic<bool>& stop,
                 std::atomic<std::uint64_t>& progress) {
  const HashJob& job = outcome.job;
  if (job.stamp.size > kMaxFileSize)
    return make_error(Code::kOutOfRange, "'" + job.name + "' is too large to be shared");
  Result<UniqueFd> fd = root.open_file(job.name);
  if (!fd) return fd.error();
  const Result<OpenFile> file = OpenFile::adopt(std::move(*fd), job.name, job.stamp);
  if (!file) return file.error();
  file->expect_in_order();
  ContentHasher hasher(file->size());
  if (Status hashed = hash_bytes(*file, hasher, stop, progress); !hashed) return hashed;
  outcome.pieces = hasher.take_piece_hashes();
  outcome.id = root_of_pieces(PieceLayout(file->size()), outcome.pieces);
  return file->check();
}

}  // namespace

HashOutcome hash_file(const FolderRoot& root, const HashJob& job, const std::atomic<bool>& stop,
                      std::atomic<std::uint64_t>& progress) {
  HashOutcome outcome{job, {}, {}, {}};
  outcome.status = hash_into(outcome, root, stop, progress);
  return outcome;
}

HashWorkers::HashWorkers(const FolderRoot& root, unsigned threads, std::function<void()> on_result)
    : root_(root), on_result_(std::move(on_result)) {
  for (unsigned i = 0; i < std::max(1U, threads); ++i) threads_.emplace_back([this] { run(); });
}

HashWorkers::~HashWorkers() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void HashWorkers::add(HashJob job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
}

std::vector<HashOutcome> HashWorkers::take_results() {
  const std::lock_guard lock(mutex_);
  return std::exchange(results_, {});
}

void HashWorkers::run() {
  // On Linux a niceness belongs to the thread, whatever POSIX says.
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stop_ || !jobs_.empty(); });
    if (stop_) return;
    const HashJob job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    HashOutcome outcome = hash_file(root_, job, stop_, bytes_hashed_);
    lock.lock();
    results_.push_back(std::move(outcome));
    lock.unlock();
    on_result_();
    lock.lock();
  }
}

}  // namespace trueque
