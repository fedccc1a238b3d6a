#include "server/storage/index/id_sets.h"

#include <algorithm>

namespace trueque {
namespace {

constexpr std::size_t kLongestRun = 2048;

}  // namespace

IdSet IdSets::make_many(std::uint32_t id) {
  IdSet set;
  if (free_.empty()) {
    set.value = IdSet::kMany + static_cast<std::uint32_t>(many_.size());
    many_.emplace_back();
  } else {
    set.value = IdSet::kMany + free_.back();
    free_.pop_back();
  }
  many(set) = {1, {Run{id}}};
  return set;
}

// The run an id is in, or would be.
std::size_t IdSets::run_for(const Many& many, std::uint32_t id) {
  const auto after =
      std::upper_bound(many.runs.begin() + 1, many.runs.end(), id,
                       [](std::uint32_t wanted, const Run& run) { return wanted < run.front(); });
  return static_cast<std::size_t>(after - many.runs.begin()) - 1;
}

void IdSets::insert(IdSet& set, std::uint32_t id) {
  if (set.empty()) {
    set.value = id;
    return;
  }
  if (set.is_one()) set = make_many(set.value);
  Many& all = many(set);
  const std::size_t place = run_for(all, id);
  Run& run = all.runs[place];
  run.insert(std::lower_bound(run.begin(), run.end(), id), id);
  ++all.size;
  if (run.size() <= kLongestRun) return;
  const auto middle = run.begin() + kLongestRun / 2;
  Run second(middle, run.end());
  run.erase(middle, run.end());
  run.shrink_to_fit();
  all.runs.insert(all.runs.begin() + static_cast<std::ptrdiff_t>(place) + 1, std::move(second));
}

void IdSets::erase(IdSet& set, std::uint32_t id) {
  if (set.is_one()) {
    set = IdSet();
    return;
  }
  Many& all = many(set);
  const std::size_t place = run_for(all, id);
  Run& run = all.runs[place];
  run.erase(std::lower_bound(run.begin(), run.end(), id));
  if (run.empty()) all.runs.erase(all.runs.begin() + static_cast<std::ptrdiff_t>(place));
  if (--all.size > 1) return;
  const std::uint32_t last = all.runs.front().front();
  all = Many();
  free_.push_back(set.value - IdSet::kMany);
  set.value = last;
}

std::size_t IdSets::size(IdSet set) const {
  if (set.empty()) return 0;
  return set.is_one() ? 1 : many(set).size;
}

std::uint32_t IdSets::at(IdSet set, std::size_t n) const {
  if (set.is_one()) return set.value;
  auto run = many(set).runs.begin();
  for (; n >= run->size(); ++run) n -= run->size();
  return (*run)[n];
}

bool IdSets::contains(IdSet set, std::uint32_t id) const {
  if (set.empty() || set.is_one()) return set.value == id;
  const Run& run = many(set).runs[run_for(many(set), id)];
  return std::binary_search(run.begin(), run.end(), id);
}

}  // namespace trueque
