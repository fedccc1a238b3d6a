#include "peer_client/core/swarm_seat.h"

#include <algorithm>

namespace trueque {
namespace {

constexpr std::chrono::milliseconds kLongestPause{60'000};

}  // namespace

std::optional<SwarmNews> SwarmSeat::look(Clock::Steady now) {
  if (!wanted()) return std::nullopt;
  if (!asked_ && now >= next_) {
    asked_ = std::make_shared<Answer>();
    seated_ = true;  // perhaps: the answer may be lost
    aside_([answer = asked_, join = asks_.join] {
      Result<SwarmNews> news = join();
      const std::lock_guard lock(answer->mutex);
      answer->news = std::move(news);
    });
  }
  if (!asked_) return std::nullopt;
  std::optional<Result<SwarmNews>> news;
  {
    const std::lock_guard lock(asked_->mutex);
    news.swap(asked_->news);
  }
  if (!news) return std::nullopt;
  asked_.reset();
  ++answers_;
  if (!*news && news->error().code == Code::kUnimplemented) {
    asks_ = {};
    seated_ = false;
  }
  next_ = now + (*news ? std::min(pause_, (*news)->renew) : pause_);
  pause_ = std::min(2 * pause_, kLongestPause);
  return *news ? std::move(**news) : SwarmNews();
}

void SwarmSeat::leave() {
  if (std::exchange(seated_, false) && wanted() && asks_.leave) aside_(asks_.leave);
}

}  // namespace trueque
