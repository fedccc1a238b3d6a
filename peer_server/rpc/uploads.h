// All that is being sent: which call sends its next chunk, when, and how large it
// is. Slots are shared fairly between peers (UploadSchedule), under the limits on
// bytes a second (UploadRates), from a fixed amount of memory (BlockPool).
//
// A few threads read chunks; none waits for a caller. A caller that is slow to take
// a chunk loses its slot until it has; one that takes nothing for `stall` is given up.
// Any thread may call. Calls to gRPC are made without the lock, but for cut_off().
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "peer_server/core/upload_rates.h"
#include "peer_server/core/upload_schedule.h"
#include "peer_server/rpc/block_pool.h"
#include "peer_server/rpc/fetch_call.h"

namespace trueque {

struct UploadLimits {
  UploadSchedule::Limits share;
  std::uint64_t rate = 0;                   // of all, bytes a second; 0: none
  std::uint64_t rate_per_peer = 0;          // bytes a second; 0: none
  std::chrono::milliseconds stall{30'000};  // who takes nothing for so long is given up
  std::chrono::milliseconds slice{200};     // who has not taken a chunk by then leaves its slot
  std::chrono::milliseconds busy_retry{500};
};

class Uploads {
 public:
  // Ends a whole connection: a call that is cut off alone leaves what is on its way.
  using HangUp = std::function<void(const std::string& address, std::uint16_t port)>;
  // Told of the bytes of each chunk, by the threads that read.
  using OnRead = std::function<void(std::size_t bytes)>;

  // `clock` must outlive this. `hang_up` is called under the lock.
  Uploads(const UploadLimits& limits, const Clock& clock, HangUp hang_up, OnRead on_read);
  ~Uploads();  // after the last call's OnDone
  Uploads(const Uploads&) = delete;
  Uploads& operator=(const Uploads&) = delete;

  // Queues the call, or ends it at once when there are too many.
  void begin(FetchCall& call);

  // What gRPC reports to a call.
  void taken(FetchCall& call, bool ok);
  void cancelled(FetchCall& call);
  void done(FetchCall& call);

 private:
  using Stream = UploadSchedule::Stream;
  using Steady = Clock::Steady;
  using Lock = std::unique_lock<std::mutex>;
  using Endings = std::vector<std::pair<FetchCall*, Error>>;

  enum class Stage {
    kWaiting,  // for its turn
    kReading,  // a thread has it, and hands it to gRPC
    kSending,  // gRPC has its chunk
    kGivenUp,  // ended, with the chunk still in gRPC's hands
  };
  struct Upload {
    FetchCall* call = nullptr;
    Stage stage = Stage::kWaiting;
    Steady since;                   // the chunk is on its way, or something of it was last taken
    Steady sent_at;                 // when the chunk was sent
    std::size_t released = 0;       // as the account told last
    std::uint64_t chunks = 0;       // begun so far
    bool cancelled = false;         // while a chunk of it was read or sent
    std::optional<Steady> cut_off;  // to make room
    bool alone = true;              // with no other chunk on its way to that peer
    std::shared_ptr<BlockAccount> account;
  };
  struct Peer {
    std::size_t chunk = SendBlock::kBytes;  // what it takes well, bytes
    std::shared_ptr<BlockAccount> account = std::make_shared<BlockAccount>();
  };
  // Of an upload that ended: what is still in the hands of gRPC.
  struct Remains {
    std::shared_ptr<BlockAccount> account;
    std::string address;
    std::uint16_t port = 0;
    Steady since;
  };
  struct Reading {
    Stream stream = 0;
    FetchCall* call = nullptr;
    std::vector<SendBlockPtr> blocks;
    std::size_t bytes = 0;
    std::uint64_t chunk = 0;  // its number within the upload
  };

  void work();
  void perform(Reading reading);
  void send(const Reading& reading, grpc::ByteBuffer chunk);
  void keep_time();
  void dispatch();
  std::optional<Reading> next_reading();
  bool may_send(const std::string& peer);
  void sweep(Endings& endings);
  void sweep_one(Stream stream, Upload& upload, Steady now, Endings& endings);
  void relieve_memory();
  void adapt(const Upload& upload);
  void forget(Stream stream);
  void erase(Stream stream);
  static void end_all(const Endings& endings);
  Error busy() const;

  const UploadLimits limits_;
  const Clock& clock_;
  const HangUp hang_up_;
  const OnRead on_read_;
  const std::chrono::milliseconds tick_;
  const std::shared_ptr<BlockPool> pool_;

  std::mutex mutex_;  // guards all below but the threads
  std::condition_variable work_;
  std::condition_variable time_;
  UploadSchedule schedule_;
  UploadRates rates_;
  std::map<std::string, Peer> peers_;
  std::unordered_map<Stream, Upload> uploads_;
  std::deque<Reading> readings_;
  std::deque<Stream> given_up_;  // oldest first
  std::vector<Remains> remains_;
  Stream last_stream_ = 0;
  std::optional<UploadRates::Duration> rate_wait_;  // of the one that may send soonest
  bool memory_short_ = false;
  bool stop_ = false;

  std::vector<std::thread> threads_;
};

}  // namespace trueque
