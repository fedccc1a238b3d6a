#include "peer_client/core/source_refresh.h"

#include <algorithm>

namespace trueque {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{1'000};
constexpr milliseconds kLongestPause{10'000};

}  // namespace

SourceRefresh::SourceRefresh(RunAside aside, Ask ask, Clock::Steady now)
    : aside_(std::move(aside)),
      ask_(std::move(ask)),
      pause_(kLongestPause),
      next_(now + kLongestPause) {}

std::optional<std::vector<TransferSource>> SourceRefresh::look(bool deserted, Clock::Steady now) {
  if (!ask_ || !aside_) return std::nullopt;
  if (std::exchange(deserted_, deserted) != deserted) {
    pause_ = deserted ? kFirstPause : kLongestPause;
    next_ = deserted ? std::min(next_, now + pause_) : now + pause_;
  }
  if (!asked_ && now >= next_) {
    asked_ = std::make_shared<Answer>();
    aside_([answer = asked_, ask = ask_] {
      std::vector<TransferSource> sources = ask();
      const std::lock_guard lock(answer->mutex);
      answer->sources = std::move(sources);
    });
  }
  return take(now);
}

std::optional<std::vector<TransferSource>> SourceRefresh::take(Clock::Steady now) {
  if (!asked_) return std::nullopt;
  std::optional<std::vector<TransferSource>> sources;
  {
    const std::lock_guard lock(asked_->mutex);
    sources.swap(asked_->sources);
  }
  if (!sources) return std::nullopt;
  asked_.reset();
  if (deserted_) pause_ = std::min(2 * pause_, kLongestPause);
  next_ = now + pause_;
  return sources;
}

}  // namespace trueque
