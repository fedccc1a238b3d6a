// The part of one download, which knows what bytes are right. Holds no bytes: for each
// piece how many were written, by which lane, and whether all of them were the file's.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "peer_client/core/piece_picker.h"

namespace trueque::simulation {

class FakeDisk {
 public:
  using Lane = PiecePicker::Lane;

  explicit FakeDisk(std::uint64_t pieces = 0) : kept_(pieces) {}

  void begin(Lane lane, std::uint64_t piece, bool beside) {
    ASSERT_FALSE(kept_[piece]) << "a piece that is there is fetched again";
    if (!beside) {
      for (const auto& [other, writing] : writing_)
        ASSERT_FALSE(writing.piece == piece && !writing.beside) << "two lanes write one place";
    }
    writing_[lane] = {piece, beside, 0, true};
  }
  // Bytes of the piece that the lane began, and whether they are the file's.
  void write(Lane lane, std::uint64_t bytes, bool right) {
    Writing& writing = writing_.at(lane);
    ASSERT_TRUE(writing.beside || !kept_[writing.piece]) << "a verified piece is overwritten";
    writing.bytes += bytes;
    writing.right = writing.right && right;
    received_ += bytes;
  }
  void stop(Lane lane) { writing_.erase(lane); }

  // What hashing what the lane wrote says.
  bool matches(Lane lane, std::uint64_t length) const {
    const Writing& writing = writing_.at(lane);
    return writing.right && writing.bytes == length;
  }
  std::uint64_t written(Lane lane) const { return writing_.at(lane).bytes; }
  void keep(std::uint64_t piece) { kept_[piece] = true; }

  bool holds(std::uint64_t piece) const { return kept_[piece]; }
  std::vector<std::uint64_t> pieces() const {
    std::vector<std::uint64_t> pieces;
    for (std::uint64_t piece = 0; piece < kept_.size(); ++piece) {
      if (kept_[piece]) pieces.push_back(piece);
    }
    return pieces;
  }
  bool whole() const { return pieces().size() == kept_.size(); }
  void hold_everything() { kept_.assign(kept_.size(), true); }
  // All that was ever written, right or wrong.
  std::uint64_t received() const { return received_; }

 private:
  struct Writing {
    std::uint64_t piece = 0;
    bool beside = false;  // a second copy, not in the part
    std::uint64_t bytes = 0;
    bool right = true;
  };

  std::vector<bool> kept_;  // right, and verified to be
  std::map<Lane, Writing> writing_;
  std::uint64_t received_ = 0;
};

}  // namespace trueque::simulation
