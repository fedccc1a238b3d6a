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

Error gone() { return make_error(Code::kCancelled, "the caller went away"); }

}  // namespace

Uploads::Uploads(const UploadLimits& limits, const Clock& clock, HangUp hang_up, OnRead on_read)
    : limits_(limits),
      clock_(clock),
      hang_up_(std::move(hang_up)),
      on_read_(std::move(on_read)),
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
  if (all_sent) call.end(call.outcome());
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
  erase(call.stream);
  std::erase(given_up_, call.stream);
}

void Uploads::forget(Stream stream) {
  schedule_.remove(stream);
  erase(stream);
}

void Uploads::erase(Stream stream) {
  const auto position = uploads_.find(stream);
  if (position == uploads_.end()) return;
  const Upload& upload = position->second;
  if (upload.account->held() > 0)
    remains_.push_back({upload.account, upload.call->peer(), upload.call->port(), clock_.steady()});
  uploads_.erase(position);
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
  if (chunk) {
    on_read_(chunk->Length());
    return send(reading, std::move(*chunk));
  }
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

}  // namespace trueque
