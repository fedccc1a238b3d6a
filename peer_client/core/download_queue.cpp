#include "peer_client/core/download_queue.h"

#include <iterator>

namespace trueque {

DownloadQueue::DownloadQueue(std::vector<FileChoice> choices, bool once)
    : choices_(std::move(choices)),
      outcomes_(choices_.size()),
      reports_(choices_.size()),
      states_(choices_.size(), State::kWanted),
      once_(once) {
  for (Item item = 0; item < choices_.size(); ++item) wanted_.push_back(item);
}

std::optional<DownloadQueue::Item> DownloadQueue::next() {
  while (!wanted_.empty()) {
    const Item item = wanted_.front();
    wanted_.pop_front();
    if (states_[item] != State::kWanted) continue;
    if (take(item)) return item;
    waiting_[*choices_[item].content].push_back(item);
  }
  return std::nullopt;
}

bool DownloadQueue::take(Item item) {
  const std::optional<ContentId>& content = choices_[item].content;
  if (states_[item] != State::kWanted) return false;
  if (once_ && content && !under_way_.insert(*content).second) return false;
  states_[item] = State::kUnderWay;
  return true;
}

void DownloadQueue::put_back(Item item) {
  leave(item, State::kWanted);
  wanted_.push_back(item);
}

void DownloadQueue::finish(Item item, Outcome outcome) {
  leave(item, State::kDone);
  outcomes_[item] = std::move(outcome);
  ++done_;
}

void DownloadQueue::finish_rest(const Error& error) {
  for (Item item = 0; item < choices_.size(); ++item) {
    if (states_[item] != State::kDone) finish(item, error);
  }
}

void DownloadQueue::append(DownloadQueue other) {
  const auto move_all = [](auto& from, auto& to) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  };
  move_all(other.choices_, choices_);
  move_all(other.outcomes_, outcomes_);
  move_all(other.reports_, reports_);
  move_all(other.states_, states_);
  done_ += other.done_;
}

// Whoever waited for the content is wanted again.
void DownloadQueue::leave(Item item, State state) {
  states_[item] = state;
  const std::optional<ContentId>& content = choices_[item].content;
  if (!once_ || !content) return;
  under_way_.erase(*content);
  const auto waiting = waiting_.find(*content);
  if (waiting == waiting_.end()) return;
  for (const Item each : waiting->second) wanted_.push_back(each);
  waiting_.erase(waiting);
}

}  // namespace trueque
