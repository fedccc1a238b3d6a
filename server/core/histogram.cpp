#include "server/core/histogram.h"

#include <algorithm>

namespace trueque {

Histogram::Histogram(std::initializer_list<double> bounds)
    : bounds_(bounds), counts_(bounds.size() + 1) {}

void Histogram::note(double value) {
  const auto bound = std::lower_bound(bounds_.begin(), bounds_.end(), value);
  counts_[static_cast<std::size_t>(bound - bounds_.begin())].fetch_add(1,
                                                                       std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

Histogram::Reading Histogram::read() const {
  Reading reading;
  for (std::size_t i = 0; i < bounds_.size(); ++i) {
    reading.count += counts_[i].load(std::memory_order_relaxed);
    reading.buckets.push_back({bounds_[i], reading.count});
  }
  reading.count += counts_.back().load(std::memory_order_relaxed);
  reading.sum = sum_.load(std::memory_order_relaxed);
  return reading;
}

}  // namespace trueque
