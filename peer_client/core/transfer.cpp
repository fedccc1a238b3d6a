#include "peer_client/core/transfer.h"

#include <algorithm>
#include <map>

#include "peer_client/core/lane_team.h"

namespace trueque {
namespace {

// How long strangers that cannot be reached are tried while there are others to ask.
constexpr std::chrono::milliseconds kStrangersTime{2'000};

// Each size once, the one that most sources give first.
std::vector<std::uint64_t> sizes_of(const std::vector<TransferSource>& sources) {
  std::map<std::uint64_t, std::size_t> votes;
  for (const TransferSource& each : sources) ++votes[each.size];
  std::vector<std::uint64_t> sizes;
  for (const auto& [size, count] : votes) sizes.push_back(size);
  std::stable_sort(sizes.begin(), sizes.end(),
                   [&](std::uint64_t a, std::uint64_t b) { return votes[a] > votes[b]; });
  return sizes;
}

}  // namespace

Transfer::Transfer(const TransferContext& context, const ContentId& content,
                   std::vector<TransferSource> sources, PartStore& store)
    : context_(context), content_(content), sources_(std::move(sources)), store_(store) {}

Result<std::uint64_t> Transfer::run() {
  const std::vector<std::uint64_t> sizes = sizes_of(sources_);
  if (sizes.size() == 1) return run_with(sizes.front(), context_.terms.wait);
  std::optional<Error> failure;
  std::optional<std::uint64_t> may_come;  // the first size that nobody lied about
  for (const std::uint64_t size : sizes) {
    // Nobody is waited for while others say they have it, with another size.
    Result<std::uint64_t> result = run_with(size, std::min(kStrangersTime, context_.terms.wait));
    if (result) return result;
    const Code code = result.error().code;
    if (code == Code::kCancelled || code == Code::kAborted) return result;
    if (code != Code::kDataLoss && !may_come) may_come = size;
    // A lie outweighs whatever the others did.
    if (!failure || code == Code::kDataLoss) failure = result.error();
  }
  if (may_come) {
    Result<std::uint64_t> result = run_with(*may_come, context_.terms.wait);
    if (result || failure->code != Code::kDataLoss) return result;
  }
  return failure.value_or(make_error(Code::kNotFound, "there is no source"));
}

Result<std::uint64_t> Transfer::run_with(std::uint64_t size, std::chrono::milliseconds wait) {
  std::vector<TransferSource> group;
  std::copy_if(sources_.begin(), sources_.end(), std::back_inserter(group),
               [&](const TransferSource& each) { return each.size == size; });
  TransferContext context = context_;
  context.terms.wait = wait;
  LaneTeam team(context, content_, size, store_);
  Result<std::uint64_t> result = team.run(group);
  const Swarm& swarm = team.swarm();
  for (const SourceReport& each : swarm.book().reports()) report_.add(each);
  report_.wasted += swarm.bytes_wasted();
  report_.wasted_pieces += swarm.pieces_wasted();
  for (const SourceBook::Entry& each : swarm.book().entries()) {
    if (each.fault == SourceBook::Fault::kOld) old_peers_.push_back(each.source);
  }
  return result;
}

}  // namespace trueque
