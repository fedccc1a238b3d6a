#include "peer_client/core/transfer.h"

#include <algorithm>
#include <map>

#include "peer_client/core/lane_team.h"

namespace trueque {
namespace {

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

std::vector<std::string> TransferReport::liars() const {
  std::vector<std::string> labels;
  for (const SourceReport& each : sources) {
    if (each.lied) labels.push_back(each.label);
  }
  return labels;
}

Transfer::Transfer(const TransferContext& context, const ContentId& content,
                   std::vector<TransferSource> sources, PartStore& store)
    : context_(context), content_(content), sources_(std::move(sources)), store_(store) {}

Result<std::uint64_t> Transfer::run() {
  std::optional<Error> failure;
  for (const std::uint64_t size : sizes_of(sources_)) {
    Result<std::uint64_t> result = run_with(size);
    if (result) return result;
    const Code code = result.error().code;
    if (code == Code::kCancelled || code == Code::kAborted) return result;
    // A lie outweighs whatever the others did.
    if (!failure || code == Code::kDataLoss) failure = result.error();
  }
  return failure.value_or(make_error(Code::kNotFound, "there is no source"));
}

Result<std::uint64_t> Transfer::run_with(std::uint64_t size) {
  std::vector<TransferSource> group;
  std::copy_if(sources_.begin(), sources_.end(), std::back_inserter(group),
               [&](const TransferSource& each) { return each.size == size; });
  LaneTeam team(context_, content_, size, store_);
  Result<std::uint64_t> result = team.run(group);
  const Swarm& swarm = team.swarm();
  for (const SourceReport& each : swarm.book().reports()) {
    report_.sources.push_back(each);
    report_.fetched += each.bytes;
  }
  report_.wasted += swarm.bytes_wasted();
  for (const SourceBook::Entry& each : swarm.book().entries()) {
    if (each.fault == SourceBook::Fault::kOld) old_peers_.push_back(each.source);
  }
  return result;
}

}  // namespace trueque
