#include "peer_server/rpc/uploads.h"

#include <algorithm>

namespace trueque {
namespace {

// Measured: 256 KiB cost the server half as much CPU again, 2 MiB save a tenth and
// take twice the memory and make turns twice as long.
constexpr std::size_t kMaxChunkBytes = 1024UL * 1024;
// gRPC keeps all of a call's first chunk until its end is taken, so that progress
// within it is not seen.
constexpr std::size_t kMaxFirstChunkBytes = 256UL * 1024;
constexpr std::size_t kMemoryBlocks = 24UL * 1024 * 1024 / SendBlock::kBytes;
constexpr std::size_t kMaxReaders = 8;  // threads
constexpr std::chrono::milliseconds kFast{20};
constexpr std::chrono::milliseconds kLongestTick{50};
// Callers that were given up may come back to hear why; the oldest of more are cut off.
constexpr std::size_t kMostGivenUp = 8;
// Where memory is short, who took nothing for so long goes before its time.
constexpr std::chrono::milliseconds kShortStall{1'000};

Error gone() { return make_error(Code::kCancelled, "the caller went away"); }

Error took_nothing() {
  return make_error(Code::kDeadlineExceeded,
                    "nothing was taken for too long; ask again for what is missing");
}

}  // namespace

Uploads::Uploads(const UploadLimits& limits, const Clock& clock)
    : limits_(limits),
      clock_(clock),
      tick_(std::clamp(std::min(limits.stall, limits.slice) / 4, std::chrono::milliseconds(1),
                       kLongestTick)),
      pool_(BlockPool::create(kMemoryBlocks)),
      schedule_(limits.share),
      rates_(clock, limits.rate, limits.rate_per_peer) {
  threads_.emplace_back([this] { keep_time(); });
  for (std::size_t i = 0; i < std::min(limits.share.slots, kMaxReaders); ++i)
    threads_.emplace_back([this] { work(); });
}

Uploads::~Uploads() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  work_.notify_all();
  time_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Uploads::begin(FetchCall& call) {
  Endings endings;
  {
    const std::lock_guard lock(mutex_);
    call.stream = ++last_stream_;
    const UploadSchedule::Admission admission = schedule_.add(call.stream, call.peer());
    if (admission.admitted) {
      const Peer& peer = peers_[call.peer()];
      Upload& upload = uploads_[call.stream];
      upload.call = &call;
      upload.account = std::make_shared<BlockAccount>(peer.account);
    } else {
      endings.emplace_back(&call, busy());
    }
    if (admission.displaced) {
      const Upload& displaced = uploads_.at(*admission.displaced);
      if (displaced.stage == Stage::kWaiting) {
        endings.emplace_back(displaced.call, busy());
        uploads_.erase(*admission.displaced);
      } else {
        displaced.call->cut_off();  // ended when gRPC reports it
      }
    }
    dispatch();
  }
  time_.notify_one();
  end_all(endings);
}

void Uploads::taken(FetchCall& call, bool ok) {
  Endings endings;
  bool all_sent = false;
  bool left = !ok;
  {
    const std::lock_guard lock(mutex_);
    const auto position = uploads_.find(call.stream);
    if (position == uploads_.end() || position->second.stage == Stage::kGivenUp) return;
    adapt(position->second);
    all_sent = ok && call.left() == 0;
    // A write that was through before the caller went does not fail.
    left = left || (!all_sent && position->second.cancelled);
    if (!left && !all_sent) {
      schedule_.taken(call.stream);
      position->second.stage = Stage::kWaiting;
    } else {
      forget(call.stream);
    }
    dispatch();
  }
  // The slot is free before the caller hears of it, and may come back for more.
  if (all_sent) call.end({});
  if (left) call.end(gone());
}

void Uploads::cancelled(FetchCall& call) {
  {
    const std::lock_guard lock(mutex_);
    const auto position = uploads_.find(call.stream);
    if (position == uploads_.end()) return;
    // Ended by whoever has it: gRPC knows of its writes still, or taken() comes.
    position->second.cancelled = true;
    if (position->second.stage != Stage::kWaiting) return;
    forget(call.stream);
    dispatch();
  }
  call.end(gone());
}

void Uploads::done(FetchCall& call) {
  const std::lock_guard lock(mutex_);
  uploads_.erase(call.stream);
  std::erase(given_up_, call.stream);
}

void Uploads::forget(Stream stream) {
  schedule_.remove(stream);
  uploads_.erase(stream);
}

void Uploads::end_all(const Endings& endings) {
  for (const auto& [call, error] : endings) call->end(error);
}

Error Uploads::busy() const {
  Error error = make_error(Code::kResourceExhausted, "all upload slots are taken; try again soon");
  error.retry_after = limits_.busy_retry;
  return error;
}

// Hands what may be sent now to the threads that read.
void Uploads::dispatch() {
  rate_wait_.reset();
  memory_short_ = false;
  while (std::optional<Reading> reading = next_reading()) {
    readings_.push_back(std::move(*reading));
    work_.notify_one();
  }
  if (rate_wait_ && *rate_wait_ < tick_) time_.notify_one();
}

std::optional<Uploads::Reading> Uploads::next_reading() {
  const std::optional<Stream> stream =
      schedule_.next([this](const std::string& peer) { return may_send(peer); });
  if (!stream) return std::nullopt;
  Upload& upload = uploads_.at(*stream);
  const Peer& peer = peers_.at(upload.call->peer());
  const auto wanted = static_cast<std::size_t>(
      std::min<std::uint64_t>({peer.chunk, upload.call->left(), rates_.largest_chunk()}));
  Reading reading{*stream, upload.call, {}, 0, ++upload.chunks};
  reading.blocks = pool_->lease(*peer.account, upload.account,
                                (wanted + SendBlock::kBytes - 1) / SendBlock::kBytes);
  reading.bytes = std::min(wanted, reading.blocks.size() * SendBlock::kBytes);
  schedule_.charge(*stream, reading.bytes);
  rates_.take(upload.call->peer(), reading.bytes);
  upload.stage = Stage::kReading;
  return reading;
}

bool Uploads::may_send(const std::string& peer) {
  const UploadRates::Duration wait = rates_.wait_for(peer);
  if (wait > UploadRates::Duration::zero()) {
    rate_wait_ = std::min(rate_wait_.value_or(wait), wait);
    return false;
  }
  if (pool_->available(*peers_.at(peer).account) > 0) return true;
  memory_short_ = true;
  return false;
}

void Uploads::work() {
  Lock lock(mutex_);
  while (true) {
    work_.wait(lock, [this] { return stop_ || !readings_.empty(); });
    if (readings_.empty()) return;
    Reading reading = std::move(readings_.front());
    readings_.pop_front();
    lock.unlock();
    perform(std::move(reading));
    lock.lock();
  }
}

void Uploads::perform(Reading reading) {
  Result<grpc::ByteBuffer> chunk = reading.call->read(std::move(reading.blocks), reading.bytes);
  if (chunk) return send(reading, std::move(*chunk));
  {
    const std::lock_guard lock(mutex_);
    forget(reading.stream);
    dispatch();
  }
  reading.call->end(chunk.error());
}

void Uploads::send(const Reading& reading, grpc::ByteBuffer chunk) {
  {
    const std::lock_guard lock(mutex_);
    Upload& upload = uploads_.at(reading.stream);
    upload.sent_at = upload.since = clock_.steady();
    upload.released = upload.account->released();
    upload.alone = upload.account->held() == peers_.at(upload.call->peer()).account->held();
  }
  reading.call->send(std::move(chunk));
  // Only now may it be given up; but it may have been taken already, and be read again.
  const std::lock_guard lock(mutex_);
  const auto position = uploads_.find(reading.stream);
  if (position == uploads_.end() || position->second.chunks != reading.chunk) return;
  if (position->second.stage == Stage::kReading) position->second.stage = Stage::kSending;
}

// Slowness tells of the caller only where nothing else was on its way to it.
void Uploads::adapt(const Upload& upload) {
  const Steady::duration took = clock_.steady() - upload.sent_at;
  std::size_t& chunk = peers_.at(upload.call->peer()).chunk;
  if (took < kFast) chunk = std::min(chunk * 2, kMaxChunkBytes);
  if (took > limits_.slice && upload.alone) chunk = std::max(chunk / 2, SendBlock::kBytes);
}

void Uploads::keep_time() {
  Lock lock(mutex_);
  while (!stop_) {
    if (uploads_.empty() && peers_.empty()) {
      time_.wait(lock);
    } else {
      time_.wait_for(lock, std::min<UploadRates::Duration>(rate_wait_.value_or(tick_), tick_));
    }
    Endings endings;
    sweep(endings);
    dispatch();
    lock.unlock();
    end_all(endings);
    lock.lock();
  }
}

void Uploads::sweep(Endings& endings) {
  const Steady now = clock_.steady();
  for (auto& [stream, upload] : uploads_) {
    if (upload.stage == Stage::kSending) sweep_one(stream, upload, now, endings);
  }
  while (given_up_.size() > kMostGivenUp) {
    uploads_.at(given_up_.front()).call->cut_off();
    given_up_.pop_front();
  }
  if (memory_short_) relieve_memory();
  rates_.forget_idle_peers();
  std::erase_if(peers_, [this](const auto& each) {
    return !schedule_.has_peer(each.first) && each.second.account->held() == 0;
  });
}

void Uploads::sweep_one(Stream stream, Upload& upload, Steady now, Endings& endings) {
  const std::size_t released = upload.account->released();
  if (std::exchange(upload.released, released) != released) upload.since = now;
  if (now - upload.since >= limits_.stall) {
    upload.stage = Stage::kGivenUp;
    schedule_.remove(stream);
    given_up_.push_back(stream);
    endings.emplace_back(upload.call, took_nothing());
  } else if (now - upload.sent_at >= limits_.slice) {
    schedule_.park(stream);
  }
}

// Somebody could send but finds no memory: the one of the largest holder that took
// nothing for longest makes room.
void Uploads::relieve_memory() {
  const Steady now = clock_.steady();
  const Upload* worst = nullptr;
  std::size_t most = 0;
  for (const auto& [stream, upload] : uploads_) {
    const bool stalled = upload.stage == Stage::kGivenUp ||
                         (upload.stage == Stage::kSending && now - upload.since >= kShortStall);
    const std::size_t held = peers_.at(upload.call->peer()).account->held();
    if (!stalled || held < most) continue;
    if (worst != nullptr && held == most && worst->since <= upload.since) continue;
    worst = &upload;
    most = held;
  }
  if (worst != nullptr) worst->call->cut_off();
}

}  // namespace trueque
