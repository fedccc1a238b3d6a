#include "peer_server/core/hash_pace.h"

namespace trueque {
namespace {

constexpr std::uint64_t kCountingBytes =
    HashPace::kCountingRate * static_cast<std::uint64_t>(HashPace::kWindow.count()) / 1'000;

}  // namespace

void HashPace::note_served(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  const Clock::Steady now = clock_.steady();
  if (now - current_.start >= kWindow) {
    former_ = current_;
    current_ = {now, 0};
  }
  current_.bytes += bytes;
}

bool HashPace::must_yield() const {
  const std::lock_guard lock(mutex_);
  const Clock::Steady now = clock_.steady();
  const auto counts = [now](const Window& window) {
    return window.bytes >= kCountingBytes && now - window.start < 2 * kWindow;
  };
  return counts(current_) || counts(former_);
}

}  // namespace trueque
