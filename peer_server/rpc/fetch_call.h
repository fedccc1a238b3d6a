// One Fetch: sends a range of a file chunk by chunk, each once the one before was
// taken, with the next one read meanwhile. Memory is two chunks a call. Chunks
// begin small and grow while the caller keeps up, so that a slow caller is seen
// to take something.
//
// gRPC owns the call from start to OnDone, where it deletes itself.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>

#include "common/base/result.h"
#include "peer_server/core/open_file.h"
#include "peer_server/rpc/upload_slots.h"

namespace trueque {

struct ByteRange {
  std::uint64_t offset = 0;  // bytes
  std::uint64_t length = 0;  // bytes
};

class FetchCall;

// Calls that were given up with a chunk still in gRPC's hands. Their callers may
// come back to hear why; beyond a few, the oldest are cut off, so that memory stays
// bounded. Any thread.
class StalledCalls {
 public:
  void add(FetchCall* call);
  void remove(FetchCall* call);

 private:
  static constexpr std::size_t kMost = 8;

  std::mutex mutex_;  // guards calls_, and keeps those in it alive
  std::list<FetchCall*> calls_;
};

class FetchCall final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  // The range lies within the file and is not empty.
  FetchCall(grpc::CallbackServerContext& context, OpenFile file, ByteRange range,
            std::chrono::milliseconds stall_limit, StalledCalls& stalled);

  // Runs in an upload slot until all is sent or the call is given up.
  UploadSlots::Afterwards run();
  // Ends the call without a slot.
  void refuse(const Error& error);
  void cut_off() { context_.TryCancel(); }

  void OnWriteDone(bool ok) override;
  void OnDone() override;

 private:
  enum class Write { kRunning, kDone, kFailed };
  struct Portion {
    grpc::ByteBuffer message;
    std::uint64_t end = 0;  // where in the file it ends, bytes
  };

  Status send_all();
  Result<Portion> read_portion(std::uint64_t offset) const;
  void start_write(grpc::ByteBuffer message);
  Status wait_until_taken();
  void adapt(std::chrono::steady_clock::duration taken_in);
  void conclude(const Status& status);
  std::uint64_t end() const { return range_.offset + range_.length; }

  grpc::CallbackServerContext& context_;
  const OpenFile file_;
  const ByteRange range_;
  const std::chrono::milliseconds stall_limit_;
  StalledCalls& stalled_;
  std::size_t chunk_size_;      // bytes; the slot's thread alone
  grpc::ByteBuffer in_flight_;  // gRPC reads it while a write runs

  std::mutex mutex_;  // guards write_
  std::condition_variable write_changed_;
  Write write_ = Write::kDone;
};

}  // namespace trueque
