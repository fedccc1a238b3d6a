// The sending side of one peer: UploadSchedule decides whose chunk goes next, the
// network how long it takes. May lie.
#pragma once

#include <map>
#include <string>

#include "common/base/result.h"
#include "peer_server/core/upload_schedule.h"
#include "tests/simulation/network.h"

namespace trueque::simulation {

enum class Lie { kNone, kStat, kBytes, kShort, kMore, kSilent, kAlwaysBusy };

constexpr std::uint64_t kChunk = 64 * 1024;

// What a call tells the side that asked. Calls that ended are not told anything.
class Caller {
 public:
  virtual ~Caller() = default;
  virtual void chunk(std::uint64_t call, std::uint64_t bytes, bool right) = 0;
  virtual void ended(std::uint64_t call, const Status& status) = 0;
};

struct FetchCall {
  std::uint64_t id = 0;  // unique in the whole simulation
  PeerId from = 0;
  Caller* caller = nullptr;
  std::uint64_t offset = 0;
  std::uint64_t end = 0;
};

class Uploader {
 public:
  Uploader(PeerId self, EventQueue& events, const Network& network, UploadSchedule::Limits limits)
      : self_(self), events_(events), network_(network), schedule_(limits) {}

  void lie(Lie lie) { lie_ = lie; }
  Lie lie() const { return lie_; }

  void begin(const FetchCall& call);
  void drop(std::uint64_t call);
  // The peer went away: calls end, where the news gets through.
  void die();
  std::uint64_t sent() const { return sent_; }

 private:
  struct Upload {
    FetchCall call;
    bool on_its_way = false;
  };

  void dispatch();
  void send(Upload& upload);
  void sent(std::uint64_t id, std::uint64_t bytes, bool right);
  void end(std::uint64_t id, const Status& status);
  void tell(const FetchCall& call, std::function<void()> news);

  PeerId self_;
  EventQueue& events_;
  const Network& network_;
  UploadSchedule schedule_;
  Lie lie_ = Lie::kNone;
  std::map<std::uint64_t, Upload> uploads_;
  std::uint64_t sent_ = 0;
};

}  // namespace trueque::simulation
