// Sets of ids, most of which hold one id and take 4 bytes. A larger one is a list of
// sorted runs, so that an id joins and leaves in little time however many there are.
// Not synchronised.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace trueque {

// A set within an IdSets, which owns what a larger one holds: it may be copied about,
// and is to be emptied before it goes.
struct IdSet {
  static constexpr std::uint32_t kEmpty = UINT32_MAX;
  static constexpr std::uint32_t kMany = 1U << 31U;

  std::uint32_t value = kEmpty;  // the id alone, or kMany and where the ids are

  bool empty() const { return value == kEmpty; }
  bool is_one() const { return value < kMany; }
};

class IdSets {
 public:
  // Ids are less than 2^31. One that is in the set is not inserted again; one that
  // is not is not erased.
  void insert(IdSet& set, std::uint32_t id);
  void erase(IdSet& set, std::uint32_t id);

  std::size_t size(IdSet set) const;
  // The n-th smallest.
  std::uint32_t at(IdSet set, std::size_t n) const;
  bool contains(IdSet set, std::uint32_t id) const;

  // In ascending order, until `visit` gives false.
  template <typename Visit>
  void each(IdSet set, Visit visit) const {
    if (set.empty()) return;
    if (set.is_one()) {
      visit(set.value);
      return;
    }
    for (const Run& run : many(set).runs) {
      for (const std::uint32_t id : run) {
        if (!visit(id)) return;
      }
    }
  }

 private:
  using Run = std::vector<std::uint32_t>;
  struct Many {
    std::size_t size = 0;
    std::vector<Run> runs;  // none of them empty
  };

  Many& many(IdSet set) { return many_[set.value - IdSet::kMany]; }
  const Many& many(IdSet set) const { return many_[set.value - IdSet::kMany]; }
  IdSet make_many(std::uint32_t id);
  static std::size_t run_for(const Many& many, std::uint32_t id);

  std::deque<Many> many_;
  std::vector<std::uint32_t> free_;  // of many_
};

}  // namespace trueque
