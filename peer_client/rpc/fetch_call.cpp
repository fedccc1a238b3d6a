#include "peer_client/rpc/fetch_call.h"

#include "peer_client/rpc/status_table.h"

namespace trueque {
namespace {

constexpr std::size_t kMaxChunkBytes = 2 * 1024 * 1024;

Error lie(const char* what) { return make_error(Code::kDataLoss, what); }

}  // namespace

FetchCall::~FetchCall() {
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

Status FetchCall::run(trueque::v1::FileTransfer::Stub& stub,
                      const trueque::v1::FetchRequest& request, const PeerChannel::Sink& sink) {
  missing_ = request.length();
  reader_ = stub.PrepareAsyncFetch(&context_, request, &queue_);
  reader_->StartCall(this);
  Status status;
  if (wait(idle_deadline())) status = read_all(sink);
  if (!status) context_.TryCancel();
  const grpc::Status end = finish();
  if (!status) return status;
  if (timed_out_) return make_error(Code::kDeadlineExceeded, "sends nothing");
  if (!end.ok()) return error_from_status(end, context_);
  if (missing_ > 0) return lie("sent fewer bytes than were asked for");
  return {};
}

// Ends well at the stream's end or failure: finish() tells which it was.
Status FetchCall::read_all(const PeerChannel::Sink& sink) {
  trueque::v1::Chunk chunk;
  auto deadline = idle_deadline();
  while (true) {
    reader_->Read(&chunk, this);
    if (!wait(deadline)) return {};
    const std::string& data = chunk.data();
    if (data.empty()) continue;  // no progress: the deadline stays
    if (data.size() > kMaxChunkBytes) return lie("sent a chunk larger than it may");
    if (data.size() > missing_) return lie("sent more bytes than were asked for");
    missing_ -= data.size();
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(data.data());
    if (Status status = sink({bytes, data.size()}); !status) return status;
    deadline = idle_deadline();
  }
}

bool FetchCall::wait(std::chrono::system_clock::time_point deadline) {
  void* tag = nullptr;
  bool ok = false;
  // Looked at here too: with something always ready, AsyncNext never times out.
  const bool late = std::chrono::system_clock::now() > deadline;
  if (!late && queue_.AsyncNext(&tag, &ok, deadline) == grpc::CompletionQueue::GOT_EVENT) return ok;
  timed_out_ = true;
  context_.TryCancel();
  queue_.Next(&tag, &ok);
  return false;
}

grpc::Status FetchCall::finish() {
  grpc::Status status;
  reader_->Finish(&status, this);
  wait(idle_deadline());
  return status;
}

std::chrono::system_clock::time_point FetchCall::idle_deadline() const {
  return std::chrono::system_clock::now() + idle_;
}

}  // namespace trueque
