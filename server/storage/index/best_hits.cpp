#include "server/storage/index/best_hits.h"

#include <algorithm>
#include <tuple>

namespace trueque {

BestHits::BestHits(const FileIndex& index, const SearchRequest& request)
    : index_(index), request_(request), capacity_(std::size_t{request.limit} + 1) {}

// The order of trueque::comes_before(), without copying names.
bool BestHits::comes_before(const Hit& left, const Hit& right) const {
  if (left.rank != right.rank) return left.rank < right.rank;
  if (left.sources != right.sources) return left.sources > right.sources;
  const Variant& l = index_.variant(left.variant);
  const Variant& r = index_.variant(right.variant);
  if (l.name != r.name) return index_.text(l.name) < index_.text(r.name);
  return l.content() < r.content();
}

bool BestHits::comes_after_former_page(const Hit& hit) const {
  if (!request_.after) return true;
  const SearchPosition& after = *request_.after;
  if (hit.rank != after.rank) return hit.rank > after.rank;
  if (hit.sources != after.sources) return hit.sources < after.sources;
  const Variant& variant = index_.variant(hit.variant);
  const std::string_view name = index_.text(variant.name);
  if (name != after.file.name) return name > after.file.name;
  return variant.content() > after.file.content;
}

void BestHits::offer(int rank, VariantId variant) {
  const Hit hit{rank, index_.sources(variant), variant};
  const auto before = [this](const Hit& left, const Hit& right) {
    return comes_before(left, right);
  };
  if (is_full() && !before(hit, heap_.front())) return;
  if (!comes_after_former_page(hit)) return;
  heap_.push_back(hit);
  std::push_heap(heap_.begin(), heap_.end(), before);
  if (heap_.size() <= capacity_) return;
  std::pop_heap(heap_.begin(), heap_.end(), before);
  heap_.pop_back();
}

std::vector<RankedHit> BestHits::take() {
  std::sort_heap(heap_.begin(), heap_.end(),
                 [this](const Hit& left, const Hit& right) { return comes_before(left, right); });
  std::vector<RankedHit> hits;
  hits.reserve(heap_.size());
  for (const Hit& hit : heap_) hits.push_back({hit.rank, {file_of(hit.variant), hit.sources}});
  heap_.clear();
  return hits;
}

SharedFile BestHits::file_of(VariantId id) const {
  const Variant& variant = index_.variant(id);
  return {std::string(index_.text(variant.name)), variant.content()};
}

}  // namespace trueque
