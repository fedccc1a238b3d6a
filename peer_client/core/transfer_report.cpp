#include "peer_client/core/transfer_report.h"

#include <algorithm>

namespace trueque {

void TransferReport::add(const SourceReport& source) {
  fetched += source.bytes;
  const auto known = std::find_if(sources.begin(), sources.end(), [&](const SourceReport& each) {
    return each.label == source.label;
  });
  if (known == sources.end()) return sources.push_back(source);
  known->bytes += source.bytes;
  // A lie stays what there is to say of it.
  if (!known->lied || source.lied) known->reason = source.reason;
  known->lied = known->lied || source.lied;
}

void TransferReport::add(const TransferReport& other) {
  for (const SourceReport& each : other.sources) add(each);
  wasted += other.wasted;
  wasted_pieces += other.wasted_pieces;
}

}  // namespace trueque
