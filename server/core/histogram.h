// How values are spread: how many were at most each of some bounds, how many there
// were, and their sum. Any thread; what is read while others note may be a value
// ahead in one of the three.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <vector>

namespace trueque {

class Histogram {
 public:
  // From the smallest bound to the largest.
  explicit Histogram(std::initializer_list<double> bounds);

  void note(double value);

  struct Reading {
    struct Bucket {
      double bound = 0;
      std::uint64_t up_to = 0;  // values at most the bound
    };
    std::vector<Bucket> buckets;
    std::uint64_t count = 0;
    double sum = 0;
  };
  Reading read() const;

 private:
  const std::vector<double> bounds_;
  std::vector<std::atomic<std::uint64_t>> counts_;  // one more than bounds
  std::atomic<double> sum_ = 0;
};

inline double in_seconds(std::chrono::duration<double> time) { return time.count(); }

}  // namespace trueque
