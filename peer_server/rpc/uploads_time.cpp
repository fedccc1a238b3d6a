// Uploads' look at who takes what it is sent, and who does not.
#include <algorithm>

#include "peer_server/rpc/uploads.h"

namespace trueque {
namespace {

// Callers that were given up may come back to hear why; the oldest of more are cut off.
constexpr std::size_t kMostGivenUp = 8;
// Where memory is short, who took nothing for so long goes before its time.
constexpr std::chrono::milliseconds kShortStall{1'000};

Error took_nothing() {
  return make_error(Code::kDeadlineExceeded,
                    "nothing was taken for too long; ask again for what is missing");
}

}  // namespace

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
  std::erase_if(remains_, [](const Remains& each) { return each.account->held() == 0; });
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
// nothing for longest makes room. Where the end of its call does not free what is on its
// way, that of its connection does.
void Uploads::relieve_memory() {
  const Steady now = clock_.steady();
  for (const Remains& each : remains_) {
    if (now - each.since >= kShortStall) hang_up_(each.address, each.port);
  }
  Upload* worst = nullptr;
  std::size_t most = 0;
  for (auto& [stream, upload] : uploads_) {
    if (upload.cut_off) {
      if (now - *upload.cut_off >= kShortStall) hang_up_(upload.call->peer(), upload.call->port());
      continue;
    }
    const bool stalled = upload.stage == Stage::kGivenUp ||
                         (upload.stage == Stage::kSending && now - upload.since >= kShortStall);
    const std::size_t held = peers_.at(upload.call->peer()).account->held();
    if (!stalled || held < most) continue;
    if (worst != nullptr && held == most && worst->since <= upload.since) continue;
    worst = &upload;
    most = held;
  }
  if (worst == nullptr) return;
  worst->cut_off = now;
  worst->call->cut_off();
}

}  // namespace trueque
