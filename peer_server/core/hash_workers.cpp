#include "peer_server/core/hash_workers.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "common/content/file_hashing.h"
#include "peer_server/core/open_file.h"

namespace trueque {
namespace {

constexpr std::size_t kMostBegun = 64;  // each keeps its file open
constexpr std::uint64_t kProgressBytes = 256UL * 1024 * 1024;
// With the one above: all that is told of a file is at most 32 times what is kept of it in the end.
constexpr std::uint64_t kProgressParts = 64;

// This thread takes what those that serve leave: the least share of a core, and its turn
// at the disk after theirs. Not SCHED_IDLE nor the idle class of the disk: on a machine
// that is always busy they would wait for ever, and with them whoever wants the file shared.
// Where it is not allowed, hashing goes on as it is.
void give_way_to_others() {
  constexpr int kLeastShare = 19;  // a sixtieth beside a thread of the usual niceness
  // On Linux a niceness belongs to the thread, whatever POSIX says.
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kLeastShare);
  constexpr int kThisThread = 1;                  // IOPRIO_WHO_PROCESS, of no. 0
  constexpr int kLastOfBestEffort = 2 << 13 | 7;  // IOPRIO_CLASS_BE; the C library has no names
  (void)::syscall(SYS_ioprio_set, kThisThread, 0, kLastOfBestEffort);
}

// Time of the processor's, so that waiting for it or for the disk does not count as work.
HashPace::Duration thread_time() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

bool is_larger(const HashJob& one, const HashJob& other) {
  return one.stamp.size > other.stamp.size;
}

// Pieces between one telling of a file's progress and the next.
std::uint64_t progress_step(std::uint64_t file_size) {
  const std::uint64_t bytes = std::max(kProgressBytes, file_size / kProgressParts);
  return bytes / PieceLayout(file_size).piece_size();
}

Result<OpenFile> open_file(const FolderRoot& root, const HashJob& job) {
  if (job.stamp.size > kMaxFileSize)
    return make_error(Code::kOutOfRange, "'" + job.name + "' is too large to be shared");
  Result<UniqueFd> fd = root.open_file(job.name);
  if (!fd) return fd.error();
  return OpenFile::adopt(std::move(*fd), job.name, job.stamp);
}

}  // namespace

// One that is being hashed.
class HashWorkers::File {
 public:
  File(HashJob file_job, OpenFile open, const std::atomic<bool>& stop,
       std::atomic<std::uint64_t>& bytes_hashed)
      : job(std::move(file_job)),
        file(std::move(open)),
        hashing(
            job.stamp.size,
            [this, &stop, &bytes_hashed](std::span<std::uint8_t> bytes, std::uint64_t offset) {
              if (stop) return Status(make_error(Code::kCancelled, "the peer-server is stopping"));
              bytes_hashed += bytes.size();
              return file.read(bytes, offset);
            },
            std::move(job.known)),
        told(hashing.done_count()) {}

  HashJob job;
  const OpenFile file;
  FileHashing hashing;
  std::uint64_t told;  // pieces; guarded by the workers' mutex
};

HashWorkers::HashWorkers(const FolderRoot& root, const HashPace& pace, unsigned threads,
                         std::function<void()> on_result)
    : root_(root), pace_(pace), on_result_(std::move(on_result)) {
  for (unsigned i = 0; i < std::max(1U, threads); ++i) threads_.emplace_back([this] { run(); });
}

HashWorkers::~HashWorkers() { stop(); }

void HashWorkers::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  stopping_.notify_all();
  for (std::thread& thread : std::exchange(threads_, {})) thread.join();
  const std::lock_guard lock(mutex_);
  for (const auto& file : std::exchange(begun_, {}))
    progress_.push_back({file->job.name, file->job.stamp, file->hashing.done()});
}

void HashWorkers::add(HashJob job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    std::push_heap(jobs_.begin(), jobs_.end(), is_larger);
  }
  wake_.notify_one();
}

std::vector<HashOutcome> HashWorkers::take_results() {
  const std::lock_guard lock(mutex_);
  return std::exchange(results_, {});
}

std::vector<HashProgress> HashWorkers::take_progress() {
  const std::lock_guard lock(mutex_);
  return std::exchange(progress_, {});
}

void HashWorkers::run() {
  give_way_to_others();
  Lock lock(mutex_);
  while (true) {
    std::shared_ptr<File> file;
    HashJob job;
    wake_.wait(lock, [&] { return stop_ || choose(file, job); });
    if (stop_) return;
    lock.unlock();
    const HashPace::Duration before = thread_time();
    if (!file) file = begin(std::move(job));
    if (file) work_on(file);
    const HashPace::Duration worked = thread_time() - before;
    lock.lock();
    rest(lock, pace_.rest_after(worked));
  }
}

// Shorter where serving is over sooner.
void HashWorkers::rest(Lock& lock, HashPace::Duration time) {
  constexpr HashPace::Duration kLook = std::chrono::milliseconds(50);
  while (!stop_ && time > HashPace::Duration::zero()) {
    stopping_.wait_for(lock, std::min(time, kLook), [this] { return stop_.load(); });
    time -= kLook;
    if (!pace_.must_yield()) return;
  }
}

bool HashWorkers::choose(std::shared_ptr<File>& file, HashJob& job) {
  for (const auto& each : begun_) {
    if (each->hashing.has_more() && (!file || each->job.stamp.size < file->job.stamp.size))
      file = each;
  }
  if (jobs_.empty()) return file != nullptr;
  const bool sooner = file && is_larger(file->job, jobs_.front()) && begun_.size() < kMostBegun;
  if (file && !sooner) return true;
  file = nullptr;
  std::pop_heap(jobs_.begin(), jobs_.end(), is_larger);
  job = std::move(jobs_.back());
  jobs_.pop_back();
  if (jobs_.empty()) jobs_.shrink_to_fit();
  return true;
}

// Null when the file cannot be opened, of which the result tells.
std::shared_ptr<HashWorkers::File> HashWorkers::begin(HashJob job) {
  Result<OpenFile> open = open_file(root_, job);
  if (!open) {
    add_result({std::move(job), open.error(), {}, {}});
    return nullptr;
  }
  open->expect_in_order();
  auto file = std::make_shared<File>(std::move(job), std::move(*open), stop_, bytes_hashed_);
  {
    const std::lock_guard lock(mutex_);
    begun_.push_back(file);
  }
  if (PieceLayout(file->file.size()).piece_count() > 1) wake_.notify_all();
  return file;
}

void HashWorkers::work_on(const std::shared_ptr<File>& file) {
  if (file->hashing.hash_next()) {
    finish(file);
  } else {
    note_progress(*file);
  }
}

void HashWorkers::note_progress(File& file) {
  {
    const std::lock_guard lock(mutex_);
    if (file.hashing.done_count() < file.told + progress_step(file.job.stamp.size)) return;
    std::vector<Sha256> pieces = file.hashing.done();
    file.told = pieces.size();
    progress_.push_back({file.job.name, file.job.stamp, std::move(pieces)});
  }
  on_result_();
}

void HashWorkers::finish(const std::shared_ptr<File>& file) {
  Status status = file->hashing.status();
  // stop() will tell how far it came.
  if (!status && status.error().code == Code::kCancelled) return;
  if (status) status = file->file.check();
  {
    const std::lock_guard lock(mutex_);
    std::erase(begun_, file);
  }
  HashOutcome outcome{std::move(file->job), status, {}, {}};
  if (status) {
    outcome.id = file->hashing.id();
    outcome.pieces = file->hashing.done();
  }
  add_result(std::move(outcome));
}

void HashWorkers::add_result(HashOutcome outcome) {
  {
    const std::lock_guard lock(mutex_);
    results_.push_back(std::move(outcome));
  }
  on_result_();
}

}  // namespace trueque
