// PiecePicker under any order of events against a naive model of it: a piece is never
// under way with two lanes but as a copy it was said to be, never with three that
// something comes of, wanted() says what the model says, and whatever happened, one lane
// that holds everything ends it.
//
// First three bytes: pieces, origin, lanes. Then an event a byte: low four bits the
// lane, high four what happens; some take more bytes.
#include <cstdint>
#include <limits>
#include <span>

#include "tests/fuzz/naive_picker.h"

namespace {

using trueque::PiecePicker;
using trueque::testing::NaivePicker;
using trueque::testing::require;

class Trial {
 public:
  explicit Trial(std::span<const std::uint8_t> bytes)
      : bytes_(bytes),
        pieces_(1 + next() % 40),
        picker_(pieces_, next()),
        model_(pieces_),
        lanes_(1 + next() % 6) {}

  void run() {
    while (!bytes_.empty()) {
      const std::uint8_t event = next();
      happen(event >> 4, (event & 15) % lanes_);
      model_.require_same(picker_);
    }
    finish_alone();
  }

 private:
  std::uint8_t next() {
    if (bytes_.empty()) return 0;
    const std::uint8_t byte = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return byte;
  }

  // One byte says which pieces, over and over; 255 is a lane that holds everything.
  std::vector<bool> held() {
    const std::uint8_t pattern = next();
    if (pattern == 255) return {};
    std::vector<bool> held(pieces_);
    for (std::uint64_t piece = 0; piece < pieces_; ++piece)
      held[piece] = ((pattern >> (piece % 8)) & 1) != 0;
    return held;
  }

  void happen(int what, PiecePicker::Lane lane) {
    if (!model_.has(lane)) return add(lane, what % 2 == 0 ? std::vector<bool>() : held());
    if (what <= 3) return go_on(lane, 1 + next() % 12);
    if (what <= 9) return go_on(lane, 4);
    if (what == 10) return picker_.set_speed(lane, next() / 16.0);
    if (what == 11) return set_held(lane, held());
    if (what == 12) return verify(next() % pieces_);
    if (what == 13) return remove(lane);
    if (what == 14) return set_silent(lane, next() % 2 == 0);
    release(lane);
  }

  // Whatever a lane does next: ask for work, finish a piece, or let go of an unwanted one.
  void go_on(PiecePicker::Lane lane, std::uint64_t most) {
    const auto piece = model_.current(lane);
    if (!piece) {
      model_.given(lane, picker_.pick(lane, most), most);
    } else if (picker_.wanted(lane, *piece)) {
      picker_.finish(lane, *piece);
      model_.finish(lane, *piece);
    } else {
      release(lane);
    }
  }

  void add(PiecePicker::Lane lane, const std::vector<bool>& held) {
    picker_.add_lane(lane, held);
    model_.add(lane, held);
  }
  void set_held(PiecePicker::Lane lane, const std::vector<bool>& held) {
    picker_.set_held(lane, held);
    model_.set_held(lane, held);
  }
  void set_silent(PiecePicker::Lane lane, bool silent) {
    picker_.set_piece_left(lane, silent ? std::numeric_limits<double>::infinity() : 1);
    model_.set_silent(lane, silent);
  }
  void remove(PiecePicker::Lane lane) {
    picker_.remove_lane(lane);
    model_.remove(lane);
  }
  void release(PiecePicker::Lane lane) {
    picker_.release(lane);
    model_.release(lane);
  }
  // As an earlier run left it: only before a lane fetches it.
  void verify(std::uint64_t piece) {
    for (PiecePicker::Lane lane = 0; lane < lanes_; ++lane) {
      if (picker_.has_run(lane)) return;
    }
    picker_.set_verified(piece);
    model_.set_verified(piece);
  }

  void finish_alone() {
    for (PiecePicker::Lane lane = 0; lane < lanes_; ++lane) {
      if (model_.has(lane)) remove(lane);
    }
    add(0, {});
    for (std::uint64_t steps = 0; !picker_.complete(); ++steps) {
      require(steps <= 2 * pieces_);  // each a pick or a finished piece
      go_on(0, 4);
    }
    model_.require_same(picker_);
    require(!picker_.pick(0, 4));
  }

  std::span<const std::uint8_t> bytes_;
  std::uint64_t pieces_;
  PiecePicker picker_;
  NaivePicker model_;
  PiecePicker::Lane lanes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Trial({data, size}).run();
  return 0;
}
