// The best hits of a search so far, no more than a page and one: a heap whose front is
// the worst, so that a search sorts no more than it returns. Takes only what comes after
// the page before.
#pragma once

#include <cstdint>
#include <vector>

#include "server/core/directory_repository.h"
#include "server/storage/index/file_index.h"

namespace trueque {

class BestHits {
 public:
  // References must outlive it.
  BestHits(const FileIndex& index, const SearchRequest& request);

  void offer(int rank, VariantId variant);
  bool is_full() const { return heap_.size() == capacity_; }
  // Of those in it, which are some.
  std::uint64_t fewest_sources() const { return heap_.front().sources; }

  // Best first; leaves nothing behind.
  std::vector<RankedHit> take();

 private:
  struct Hit {
    int rank;
    std::uint64_t sources;
    VariantId variant;
  };

  bool comes_before(const Hit& left, const Hit& right) const;
  bool comes_after_former_page(const Hit& hit) const;
  SharedFile file_of(VariantId variant) const;

  const FileIndex& index_;
  const SearchRequest& request_;
  std::size_t capacity_;
  std::vector<Hit> heap_;
};

}  // namespace trueque
