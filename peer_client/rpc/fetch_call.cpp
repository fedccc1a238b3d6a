#include "peer_client/rpc/fetch_call.h"

#include "peer_client/rpc/chunk_reader.h"
#include "peer_client/rpc/status_table.h"

namespace trueque {
namespace {

constexpr std::size_t kMaxChunkBytes = 2 * 1024 * 1024;

constexpr const char* kFetch = "/trueque.v1.FileTransfer/Fetch";
constexpr const char* kFetchMany = "/trueque.v1.FileTransfer/FetchMany";

Error lie(const char* what) { return make_error(Code::kDataLoss, what); }

}  // namespace

FetchCall::~FetchCall() {
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

void FetchCall::begin(const std::shared_ptr<grpc::Channel>& channel,
                      const trueque::v1::FetchRequest& request) {
  begin(channel, kFetch, request, request.length());
}

void FetchCall::begin(const std::shared_ptr<grpc::Channel>& channel,
                      const trueque::v1::FetchManyRequest& request, std::uint64_t length) {
  begin(channel, kFetchMany, request, length);
}

// On the wire the same as a call of the generated stub, which would copy every chunk.
void FetchCall::begin(const std::shared_ptr<grpc::Channel>& channel, const char* method,
                      const google::protobuf::Message& request, std::uint64_t length) {
  missing_ = length;
  context_.set_initial_metadata_corked(true);  // goes out with the request
  stream_ = grpc::GenericStub(channel).PrepareCall(&context_, method, &queue_);
  const grpc::Slice bytes(request.SerializeAsString());
  stream_->StartCall(this);  // being corked it does nothing yet
  stream_->WriteLast(grpc::ByteBuffer(&bytes, 1), grpc::WriteOptions(), this);
}

Status FetchCall::run(const PeerChannel::Sink& sink) {
  Status status;
  // Else the call ended before the request was out.
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
  grpc::ByteBuffer message;
  auto deadline = idle_deadline();
  while (true) {
    stream_->Read(&message, this);
    if (!wait(deadline)) return {};
    const std::uint64_t missing = missing_;
    if (Status status = take(message, sink); !status) return status;
    if (missing_ < missing) deadline = idle_deadline();  // else no progress: it stays
  }
}

Status FetchCall::take(grpc::ByteBuffer& message, const PeerChannel::Sink& sink) {
  ChunkReader chunk(message);
  const Result<std::size_t> size = chunk.size();
  if (!size) return size.error();
  if (*size > kMaxChunkBytes) return lie("sent a chunk larger than it may");
  if (*size > missing_) return lie("sent more bytes than were asked for");
  missing_ -= *size;
  return chunk.read(sink);
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
  stream_->Finish(&status, this);
  wait(idle_deadline());
  return status;
}

std::chrono::system_clock::time_point FetchCall::idle_deadline() const {
  return std::chrono::system_clock::now() + idle_;
}

}  // namespace trueque
