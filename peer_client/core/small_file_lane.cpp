#include "peer_client/core/small_file_lane.h"

#include <algorithm>
#include <limits>

#include "peer_client/core/piece_plan.h"

namespace trueque {
namespace {

using std::chrono::milliseconds;

// Under a limit a lane waits so long at most before it looks whether it was interrupted.
constexpr milliseconds kLongestPause{100};

bool matches(const Content& content, std::span<const std::uint8_t> bytes) {
  if (bytes.size() != content.size) return false;
  ContentHasher hasher(content.size);
  hasher.update(bytes);
  return root_of_pieces(PieceLayout(content.size), hasher.take_piece_hashes()) == content.id;
}

}  // namespace

SmallFileLane::SmallFileLane(const SmallFileWork& work, TransferSource source)
    : work_(work), source_(std::move(source)), batch_(work.parts.landing, work.parts.clock) {}

bool SmallFileLane::wait_for_turn() {
  const TokenBucket& limit = work_.parts.limit;
  portion_ = limit.limited() ? portion_under(limit) : std::numeric_limits<std::uint64_t>::max();
  // Until all that was taken has been waited for.
  auto time = limit.wait_for(0);
  for (; time.count() > 0 && !work_.cancellation.cancelled(); time = limit.wait_for(0)) {
    flush_when_due();
    work_.parts.wait(std::min(std::chrono::ceil<milliseconds>(time), kLongestPause),
                     work_.cancellation);
  }
  return !stopped_ && !items_.empty() && !work_.cancellation.cancelled();
}

std::optional<WholeFile> SmallFileLane::next() {
  flush_when_due();
  while (portion_ > 0 && !stopped_ && !items_.empty() && !work_.cancellation.cancelled()) {
    const Item item = items_.front();
    items_.pop_front();
    std::optional<LandingBatch::File> file = prepare(item);
    if (!file) continue;
    const FileChoice& choice = file->request.choice;
    const WholeFile wanted{*choice.content, choice.size, item};
    if (choice.size == 0) {
      land(std::move(*file), {});
      continue;
    }
    portion_ -= std::min(portion_, wanted.size);
    work_.parts.limit.take(wanted.size);
    under_way_.emplace(item, std::move(*file));
    return wanted;
  }
  return std::nullopt;
}

std::optional<LandingBatch::File> SmallFileLane::prepare(Item item) {
  LandingBatch::File file;
  file.item = item;
  {
    const std::lock_guard lock(work_.mutex);
    if (!work_.queue.take(item)) return std::nullopt;
    file.request.choice = work_.queue.choice(item);
  }
  work_.observer.begun(item);
  work_.observer.sources(item, {source_.label()});
  file.request.output = work_.terms.output;
  file.request.keep_path = work_.terms.keep_path;
  std::optional<Landing::Place> place;
  Result<std::optional<DownloadOutcome>> here =
      work_.parts.downloader.look(file.request, place, work_.cancellation);
  if (here && !*here && !place) {
    Result<Landing::Place> made = work_.parts.landing.choose(file.request, true);
    if (made) place = std::move(*made);
    if (!made) here = made.error();
  }
  if (place && here && !*here) {
    file.place = std::move(*place);
    return file;
  }
  if (work_.cancellation.cancelled()) {
    put_back(item);
  } else {
    finish(item, here ? DownloadQueue::Outcome(std::move(**here)) : here.error());
  }
  return std::nullopt;
}

void SmallFileLane::arrived(const WholeFile& file, std::span<const std::uint8_t> bytes) {
  auto found = under_way_.extract(file.number);
  if (found.empty()) return;
  if (matches({file.size, file.content}, bytes)) return land(std::move(found.mapped()), bytes);
  stopped_ = true;
  const SourceReport lie{source_.label(), 0, true, kWrongBytes};
  put_back(file.number, {{lie}, 0, bytes.size(), 1});
}

void SmallFileLane::failed(const WholeFile& file, const Error& error) {
  under_way_.erase(file.number);
  if (!is_about_the_file(error.code)) stopped_ = true;
  if (!is_lie(error.code)) return put_back(file.number);
  put_back(file.number, {{{source_.label(), 0, true, error.message}}, 0, 0, 0});
}

void SmallFileLane::land(LandingBatch::File file, std::span<const std::uint8_t> bytes) {
  const Item item = file.item;
  const Status added = batch_.add(std::move(file), bytes);
  if (added) return flush_when_due();
  if (added.error().code == Code::kAlreadyExists) return put_back(item);
  finish(item, added.error());
}

void SmallFileLane::flush_when_due() {
  if (batch_.due()) flush();
}

void SmallFileLane::end() {
  flush();
  // Told neither way: the channel is gone.
  while (!under_way_.empty()) {
    const Item item = under_way_.begin()->first;
    under_way_.erase(under_way_.begin());
    put_back(item);
  }
}

void SmallFileLane::flush() {
  for (LandingBatch::Landed& each : batch_.land(work_.cancellation)) {
    // Another client is at the same files: what it made of this one is looked at once more.
    if (!each.outcome && each.outcome.error().code == Code::kUnavailable) {
      put_back(each.item);
      continue;
    }
    TransferReport report;
    if (each.outcome && each.outcome->result == DownloadOutcome::Result::kFetched) {
      const Content& content = *each.outcome->content;
      report.add({source_.label(), content.size, false, ""});
      if (each.outcome->shared_name) work_.parts.held.add(*each.outcome->shared_name, content.id);
    }
    finish(each.item, std::move(each.outcome), report);
  }
}

void SmallFileLane::finish(Item item, DownloadQueue::Outcome outcome,
                           const TransferReport& report) {
  work_.observer.ended(item, outcome);
  const std::lock_guard lock(work_.mutex);
  work_.queue.report(item, report);
  work_.queue.finish(item, std::move(outcome));
}

void SmallFileLane::put_back(Item item, const TransferReport& report) {
  work_.observer.sources(item, {});
  const std::lock_guard lock(work_.mutex);
  work_.queue.report(item, report);
  work_.queue.put_back(item);
}

}  // namespace trueque
