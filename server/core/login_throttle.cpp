#include "server/core/login_throttle.h"

#include <algorithm>
#include <vector>

namespace trueque {
namespace {

using std::chrono::seconds;

constexpr int kFreeFailures = 5;
constexpr seconds kFirstWait{30};
constexpr seconds kLongestWait{15 * 60};
// A row of failures is forgotten this long after the last one.
constexpr seconds kMemory{60 * 60};

seconds wait_after(int failures) {
  seconds wait = kFirstWait;
  for (int i = kFreeFailures; i < failures && wait < kLongestWait; ++i) wait *= 2;
  return std::min(wait, kLongestWait);
}

Error too_many_failures(Clock::Steady::duration left) {
  const seconds wait = std::max(std::chrono::ceil<seconds>(left), seconds(1));
  Error error = make_error(Code::kResourceExhausted,
                           "Too many wrong passwords for this name from this address; try again "
                           "in " +
                               std::to_string(wait.count()) + " seconds.");
  error.retry_after = wait;
  return error;
}

}  // namespace

LoginThrottle::Attempt::~Attempt() {
  if (throttle_ != nullptr) throttle_->settle(key_, Outcome::kUnknown);
}

void LoginThrottle::Attempt::succeed() {
  if (throttle_ != nullptr) std::exchange(throttle_, nullptr)->settle(key_, Outcome::kRight);
}

void LoginThrottle::Attempt::fail() {
  if (throttle_ != nullptr) std::exchange(throttle_, nullptr)->settle(key_, Outcome::kWrong);
}

Result<LoginThrottle::Attempt> LoginThrottle::begin(const std::string& username,
                                                    const std::string& address) {
  Key key{username, address};
  std::unique_lock lock(mutex_);
  make_room(clock_.steady());
  while (true) {
    // Looked up again after each wait: the record may have gone meanwhile.
    Record& record = records_[key];
    const Clock::Steady now = clock_.steady();
    if (record.failures >= kFreeFailures && now < record.blocked_until) {
      return too_many_failures(record.blocked_until - now);
    }
    const bool room = record.running == 0 || record.failures + record.running < kFreeFailures;
    if (room) {
      ++record.running;
      return Attempt(this, std::move(key));
    }
    settled_.wait(lock);
  }
}

void LoginThrottle::settle(const Key& key, Outcome outcome) {
  const std::lock_guard lock(mutex_);
  Record& record = records_[key];
  --record.running;
  if (outcome == Outcome::kRight) record.failures = 0;
  if (outcome == Outcome::kWrong) {
    ++record.failures;
    record.last_failure = clock_.steady();
    if (record.failures >= kFreeFailures) {
      record.blocked_until = record.last_failure + wait_after(record.failures);
    }
  }
  if (record.failures == 0 && record.running == 0) records_.erase(key);
  settled_.notify_all();
}

std::size_t LoginThrottle::records() const {
  const std::lock_guard lock(mutex_);
  return records_.size();
}

// Forgets what is long past, then the older half when that was not enough; both
// only when full, so that the work is spread over many attempts.
void LoginThrottle::make_room(Clock::Steady now) {
  if (records_.size() < capacity_) return;
  std::vector<Clock::Steady> ages;
  for (const auto& [key, record] : records_) {
    if (record.running == 0) ages.push_back(record.last_failure);
  }
  Clock::Steady oldest_kept = now - kMemory;
  if (!ages.empty()) {
    const auto middle = ages.begin() + static_cast<std::ptrdiff_t>(ages.size() / 2);
    std::nth_element(ages.begin(), middle, ages.end());
    oldest_kept = std::max(oldest_kept, *middle);
  }
  std::erase_if(records_, [&](const auto& each) {
    return each.second.running == 0 && each.second.last_failure <= oldest_kept;
  });
}

}  // namespace trueque
