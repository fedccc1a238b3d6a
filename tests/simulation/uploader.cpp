#include "tests/simulation/uploader.h"

#include <algorithm>

namespace trueque::simulation {
namespace {

// Who has not taken a chunk by then leaves its slot, as in the peer-server.
constexpr milliseconds kSlice{200};
constexpr milliseconds kBusyRetry{500};

Error busy() {
  Error error = make_error(Code::kResourceExhausted, "is busy");
  error.retry_after = kBusyRetry;
  return error;
}

}  // namespace

void Uploader::begin(const FetchCall& call) {
  if (lie_ == Lie::kAlwaysBusy) return tell(call, [call] { call.caller->ended(call.id, busy()); });
  const auto admission = schedule_.add(call.id, std::to_string(call.from));
  if (!admission.admitted) return tell(call, [call] { call.caller->ended(call.id, busy()); });
  uploads_[call.id].call = call;
  if (admission.displaced) end(*admission.displaced, busy());
  dispatch();
}

void Uploader::drop(std::uint64_t call) {
  schedule_.remove(call);
  uploads_.erase(call);
  dispatch();
}

void Uploader::die() {
  while (!uploads_.empty())
    end(uploads_.begin()->first, make_error(Code::kUnavailable, "went away"));
}

void Uploader::dispatch() {
  while (const auto stream = schedule_.next([](const std::string&) { return true; }))
    send(uploads_.at(*stream));
}

// A line is shared by what is on it when a chunk begins; that is near enough.
void Uploader::send(Upload& upload) {
  if (lie_ == Lie::kSilent) return;  // with the slot, until the caller goes
  const FetchCall& call = upload.call;
  const std::uint64_t bytes = std::min(kChunk, call.end - call.offset);
  const double rate = std::min(network_[self_].up / static_cast<double>(schedule_.sending()),
                               network_[call.from].down);
  const milliseconds time(1 + static_cast<std::int64_t>(1000 * static_cast<double>(bytes) / rate));
  schedule_.charge(call.id, bytes);
  const bool right = lie_ != Lie::kBytes;
  if (time > kSlice) {
    events_.after(kSlice, [this, id = call.id] {
      if (!uploads_.contains(id)) return;
      schedule_.park(id);
      dispatch();
    });
  }
  events_.after(time, [this, id = call.id, bytes, right] { sent(id, bytes, right); });
}

void Uploader::sent(std::uint64_t id, std::uint64_t bytes, bool right) {
  const auto found = uploads_.find(id);
  if (found == uploads_.end()) return;
  FetchCall& call = found->second.call;
  call.offset += bytes;
  sent_ += bytes;
  tell(call, [call, bytes, right] { call.caller->chunk(call.id, bytes, right); });
  const bool last = call.offset == call.end;
  if (last && lie_ == Lie::kMore) tell(call, [call] { call.caller->chunk(call.id, 1, false); });
  if (last || (lie_ == Lie::kShort && call.end - call.offset <= kChunk)) return end(id, {});
  schedule_.taken(id);
  dispatch();
}

void Uploader::end(std::uint64_t id, const Status& status) {
  const FetchCall call = uploads_.at(id).call;
  schedule_.remove(id);
  uploads_.erase(id);
  tell(call, [call, status] { call.caller->ended(call.id, status); });
  dispatch();
}

void Uploader::tell(const FetchCall& call, std::function<void()> news) {
  if (!network_.connected(self_, call.from)) return;
  events_.after(network_.latency(self_, call.from), std::move(news));
}

}  // namespace trueque::simulation
