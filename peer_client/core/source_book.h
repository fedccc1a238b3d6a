// The sources of one download and how each has behaved: who may be asked now, who
// must rest, and who is never asked again. Plain rules over times that are handed
// in; no socket, no clock. Not synchronised.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "peer_client/core/peer_channel.h"
#include "peer_client/core/transfer_report.h"

namespace trueque {

struct TransferSource {
  std::string peer_name;
  PeerEndpoint endpoint;
  std::uint64_t size = 0;  // bytes, as the directory says
  bool partial = false;    // it is still fetching the file itself, and has pieces of it

  std::string label() const;  // "ana (10.0.0.1:50051)"
};

// Whether an error of a source is a lie of it: never a bad file, and never asked again.
// kOutOfRange: it does not have the size that was announced for it.
inline bool is_lie(Code code) { return code == Code::kDataLoss || code == Code::kOutOfRange; }

class SourceBook {
 public:
  using Index = std::size_t;
  enum class Fault { kNone, kLied, kUnreachable, kGone, kOld };

  struct Entry {
    TransferSource source;
    Fault fault = Fault::kNone;
    bool dropped = false;
    bool tried = false;
    bool speaks = false;      // FileTransfer: it told of the file, or sent something of it
    bool sent = false;        // something of it, in this download
    unsigned lanes = 0;       // that work with it now
    unsigned failures = 0;    // in a row
    std::uint64_t bytes = 0;  // of verified pieces
    std::string reason;       // of the last failure
    std::optional<std::chrono::milliseconds> busy{};  // it said so then: its pause
    std::string said;                                 // the reason that was told last
    Clock::Steady not_before{};
  };

  // Known endpoints stay as they are, but for one left because it could not be reached
  // or no longer had the file: it gets another chance. A liar does not. One that had a
  // part and now has all is taken for that.
  void add(std::span<const TransferSource> sources);

  // The source a free lane should work with: of those that may be asked now, one
  // that the fewest lanes work with, at most `most_lanes` of them, or one where the source
  // has a part only. One with the whole file goes first. With nobody else, one that was
  // left because it could not be reached: it may be back.
  std::optional<Index> claim(Clock::Steady now, unsigned most_lanes);
  void leave(Index index) { --entries_[index].lanes; }
  // It turned out to have a part only.
  void set_partial(Index index) { entries_[index].source.partial = true; }
  // It has nothing of use now: not to be asked before `until`.
  void rest(Index index, Clock::Steady until) { entries_[index].not_before = until; }
  // Whether there is a source that no lane works with and that may be asked now.
  bool anyone_waits(Clock::Steady now) const;

  // It told of the file: whatever it says from now on, it is no original's server.
  void told(Index index) { entries_[index].speaks = true; }
  // Bytes of it arrived.
  void sent(Index index) { entries_[index].speaks = entries_[index].sent = true; }
  // A piece of it was verified.
  void delivered(Index index, std::uint64_t bytes);
  // Judges a failure: drops the source, or says when it may be asked again. A
  // sentence for the person, where there is something new to say. Nobody relies on a
  // source with a part: unless it lies, it goes or rests without a word.
  std::optional<std::string> failed(Index index, const Error& error, Clock::Steady now);

  // When the next resting source may be asked; none when there is none to be asked.
  std::optional<Clock::Steady> next_chance() const;
  // Sources that did not fail since they last gave something, or at all.
  bool any_promising() const;
  std::vector<Index> promising() const;
  // Whether waiting is of no use: whoever there is lied, or cannot send files.
  bool hopeless() const;
  // Whom to wait for and why: "ana (10.0.0.1:50051) cannot be reached; ...".
  std::string absent() const;
  bool any_untried() const;
  // Whether one with the whole file had no chance yet, or has its first one now.
  bool any_unproven() const;
  // Whether there is one besides `index` that is asked, or could be.
  bool any_other(Index index) const;
  // Sources that could be asked or are being asked: with the whole file, with a part.
  std::size_t usable_whole() const;
  std::size_t usable_partial() const;
  // Lanes beyond the first of each source with the whole file: whoever comes later needs
  // one besides these.
  std::size_t doubled_lanes() const;
  std::size_t usable() const { return usable_whole() + usable_partial(); }
  // Whether none but liars gave anything, and nobody else is left to ask: then even
  // what fits is not passed off as fetched.
  bool only_liars() const;
  // Why nobody gave the whole file; with a retry_after where one of them was just busy.
  Error verdict() const;

  const Entry& operator[](Index index) const { return entries_[index]; }
  const std::vector<Entry>& entries() const { return entries_; }
  // Of those that were asked.
  std::vector<SourceReport> reports() const;

 private:
  std::optional<Index> best_of(Clock::Steady now, unsigned most_lanes, bool last_resort) const;
  std::optional<std::string> drop(Entry& entry, Fault fault, Clock::Steady now);
  void failed_with_a_part(Entry& entry, const Error& error, Clock::Steady now);

  std::vector<Entry> entries_;
};

}  // namespace trueque
