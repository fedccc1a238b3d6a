// A sequence that grows at its end, in blocks that never move. A std::deque has blocks of 512
// bytes, each with an allocation of its own, which costs a million small things 3 bytes each
// and much time. Not synchronised.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace trueque {

template <typename T>
class Blocks {
 public:
  std::size_t size() const { return size_; }
  T& operator[](std::size_t at) { return blocks_[at / kOfABlock][at % kOfABlock]; }
  const T& operator[](std::size_t at) const { return blocks_[at / kOfABlock][at % kOfABlock]; }

  // One more; it is as T() makes it.
  T& grow() {
    if (size_ == blocks_.size() * kOfABlock) blocks_.push_back(std::make_unique<T[]>(kOfABlock));
    return (*this)[size_++];
  }
  // Tells the processor that so many things later the next one will be written.
  void prefetch_next(std::size_t later) const {
    const std::size_t at = size_ + later;
    if (at >= blocks_.size() * kOfABlock) return;
    const char* place = reinterpret_cast<const char*>(&(*this)[at]);
    for (std::size_t line = 0; line < sizeof(T); line += 64) __builtin_prefetch(place + line, 1);
  }
  void clear() {
    blocks_.clear();
    size_ = 0;
  }

 private:
  static constexpr std::size_t kOfABlock = 1024;

  std::vector<std::unique_ptr<T[]>> blocks_;
  std::size_t size_ = 0;
};

}  // namespace trueque
