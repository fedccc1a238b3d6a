#include "peer_server/rpc/fetch_call.h"

#include <algorithm>

#include "peer_server/rpc/chunk.h"
#include "peer_server/rpc/grpc_status.h"

namespace trueque {
namespace {

constexpr std::size_t kMinChunkBytes = 16UL * 1024;
constexpr std::chrono::milliseconds kFast{20};
constexpr std::chrono::milliseconds kSlow{500};

}  // namespace

void StalledCalls::add(FetchCall* call) {
  const std::lock_guard lock(mutex_);
  calls_.push_back(call);
  if (calls_.size() <= kMost) return;
  calls_.front()->cut_off();
  calls_.pop_front();
}

void StalledCalls::remove(FetchCall* call) {
  const std::lock_guard lock(mutex_);
  calls_.remove(call);
}

FetchCall::FetchCall(grpc::CallbackServerContext& context, OpenFile file, ByteRange range,
                     std::chrono::milliseconds stall_limit, StalledCalls& stalled)
    : context_(context),
      file_(std::move(file)),
      range_(range),
      stall_limit_(stall_limit),
      stalled_(stalled),
      chunk_size_(kMinChunkBytes) {}

UploadSlots::Afterwards FetchCall::run() {
  return [this, status = send_all()] { conclude(status); };
}

void FetchCall::refuse(const Error& error) { Finish(fail_call(context_, error)); }

Status FetchCall::send_all() {
  Result<Portion> next = read_portion(range_.offset);
  while (next) {
    // What is sent was read before this moment, so the file was still the same then.
    if (Status same = file_.check(); !same) return same;
    const std::uint64_t position = next->end;
    const auto started = std::chrono::steady_clock::now();
    start_write(std::move(next->message));
    const bool last = position == end();
    if (!last) next = read_portion(position);
    if (Status taken = wait_until_taken(); !taken) return taken;
    if (last) return {};
    adapt(std::chrono::steady_clock::now() - started);
  }
  return next.error();
}

Result<FetchCall::Portion> FetchCall::read_portion(std::uint64_t offset) const {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_size_, end() - offset));
  Result<grpc::ByteBuffer> message =
      make_chunk(size, [&](std::span<std::uint8_t> bytes) { return file_.read(bytes, offset); });
  if (!message) return message.error();
  return Portion{std::move(*message), offset + size};
}

void FetchCall::start_write(grpc::ByteBuffer message) {
  in_flight_ = std::move(message);
  {
    const std::lock_guard lock(mutex_);
    write_ = Write::kRunning;
  }
  StartWrite(&in_flight_);
}

Status FetchCall::wait_until_taken() {
  std::unique_lock lock(mutex_);
  write_changed_.wait_for(lock, stall_limit_, [this] { return write_ != Write::kRunning; });
  if (write_ == Write::kDone) return {};
  if (write_ == Write::kFailed) return make_error(Code::kCancelled, "the caller went away");
  return make_error(Code::kDeadlineExceeded,
                    "nothing was taken for too long; ask again for what is missing");
}

void FetchCall::adapt(std::chrono::steady_clock::duration taken_in) {
  if (taken_in < kFast) chunk_size_ = std::min(chunk_size_ * 2, kMaxChunkBytes);
  if (taken_in > kSlow) chunk_size_ = std::max(chunk_size_ / 2, kMinChunkBytes);
}

void FetchCall::conclude(const Status& status) {
  if (status) return Finish(grpc::Status::OK);
  // The chunk still in flight keeps this call alive until gRPC lets go of it.
  if (status.error().code == Code::kDeadlineExceeded) stalled_.add(this);
  Finish(fail_call(context_, status.error()));
}

void FetchCall::OnWriteDone(bool ok) {
  // Notified under the lock: afterwards the slot's thread may end the call.
  const std::lock_guard lock(mutex_);
  write_ = ok ? Write::kDone : Write::kFailed;
  write_changed_.notify_all();
}

void FetchCall::OnDone() {
  stalled_.remove(this);
  const std::unique_ptr<FetchCall> ended(this);
}

}  // namespace trueque
