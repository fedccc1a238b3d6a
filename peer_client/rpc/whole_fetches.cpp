#include "peer_client/rpc/whole_fetches.h"

#include "peer_client/rpc/status_table.h"

namespace trueque {
namespace {

// Enough that the peer always has the next one to begin with.
constexpr std::size_t kCallsAtOnce = 32;
constexpr std::uint64_t kBytesAtOnce = 4UL * 1024 * 1024;

}  // namespace

struct WholeFetches::Call {
  // What gRPC reports comes with the address of one of these.
  struct Step {
    Call* call = nullptr;
    enum class What { kStarted, kRead, kFinished } what = What::kStarted;
  };

  WholeFile file;
  std::optional<grpc::ClientContext> context;
  std::unique_ptr<grpc::ClientAsyncReader<trueque::v1::Chunk>> reader;
  trueque::v1::Chunk chunk;
  std::string bytes;  // of the chunks before
  std::uint64_t received = 0;
  bool too_many = false;
  unsigned pending = 0;  // steps gRPC has not reported
  grpc::Status status;
  Step started{this, Step::What::kStarted};
  Step read{this, Step::What::kRead};
  Step finished{this, Step::What::kFinished};
};

WholeFetches::WholeFetches(const std::shared_ptr<grpc::Channel>& channel, Silence silence)
    : stub_(trueque::v1::FileTransfer::NewStub(channel)), silence_(silence) {
  for (std::size_t i = 0; i < kCallsAtOnce; ++i) {
    calls_.push_back(std::make_unique<Call>());
    idle_.push_back(calls_.back().get());
  }
}

WholeFetches::~WholeFetches() {
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

void WholeFetches::run(WholeFiles& files) {
  start_more(files);
  void* tag = nullptr;
  bool ok = false;
  while (idle_.size() < calls_.size() && wait(tag, ok)) {
    const Call::Step& step = *static_cast<Call::Step*>(tag);
    Call& call = *step.call;
    --call.pending;
    if (step.what == Call::Step::What::kRead) go_on(call, ok);
    if (call.pending > 0) continue;
    tell(call, files);
    start_more(files);
  }
}

bool WholeFetches::wait(void*& tag, bool& ok) {
  const auto deadline =
      std::chrono::system_clock::now() + (heard_ ? silence_.later : silence_.first);
  if (!silent_ && queue_.AsyncNext(&tag, &ok, deadline) == grpc::CompletionQueue::GOT_EVENT)
    return true;
  if (!silent_) cut_off();
  return queue_.Next(&tag, &ok);
}

void WholeFetches::cut_off() {
  const std::lock_guard lock(mutex_);
  silent_ = true;
  over_ = true;
  for (const std::unique_ptr<Call>& call : calls_) {
    if (call->context) call->context->TryCancel();
  }
}

void WholeFetches::start_more(WholeFiles& files) {
  while (!over_ && !idle_.empty()) {
    std::optional<WholeFile> file = std::exchange(held_back_, std::nullopt);
    if (!file) file = files.next();
    over_ = !file;
    if (!file) return;
    const bool alone = idle_.size() == calls_.size();
    if (!alone && bytes_ + file->size > kBytesAtOnce) {
      held_back_ = file;
      return;
    }
    Call& call = *idle_.back();
    idle_.pop_back();
    start(call, *file);
  }
}

void WholeFetches::start(Call& call, const WholeFile& file) {
  call.file = file;
  call.bytes.clear();
  call.received = 0;
  call.too_many = false;
  bytes_ += file.size;
  trueque::v1::FetchRequest request;
  request.set_content_id(file.content.bytes.data(), file.content.bytes.size());
  request.set_length(file.size);
  {
    const std::lock_guard lock(mutex_);
    call.context.emplace();
    call.context->set_deadline(std::chrono::system_clock::now() + time_for_files(bytes_));
    if (cancelled_) call.context->TryCancel();
  }
  call.reader = stub_->PrepareAsyncFetch(&*call.context, request, &queue_);
  call.pending = 1;
  call.reader->StartCall(&call.started);
  if (file.size == 0) return finish(call);
  ++call.pending;
  call.reader->Read(&call.chunk, &call.read);
}

void WholeFetches::go_on(Call& call, bool ok) {
  if (!ok) return finish(call);
  take_chunk(call);
  if (call.received >= call.file.size) return finish(call);
  ++call.pending;
  call.reader->Read(&call.chunk, &call.read);
}

// The first chunk stays where it is: it is all, as a rule.
void WholeFetches::take_chunk(Call& call) {
  const std::string& data = call.chunk.data();
  heard_ = true;
  call.received += data.size();
  call.too_many = call.received > call.file.size;
  if (call.received < call.file.size || !call.bytes.empty()) call.bytes += data;
}

// Also ends a peer that has more to say: what is left unread would keep the call.
void WholeFetches::finish(Call& call) {
  if (call.too_many) call.context->TryCancel();
  ++call.pending;
  call.reader->Finish(&call.status, &call.finished);
}

void WholeFetches::tell(Call& call, WholeFiles& files) {
  heard_ = true;
  const Status status = verdict(call);
  bytes_ -= call.file.size;
  idle_.push_back(&call);
  if (status) {
    const std::string& data = call.bytes.empty() ? call.chunk.data() : call.bytes;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(data.data());
    files.arrived(call.file, {bytes, call.file.size});
  } else {
    files.failed(call.file, status.error());
  }
  const std::lock_guard lock(mutex_);
  call.reader.reset();
  call.context.reset();
}

Status WholeFetches::verdict(const Call& call) const {
  if (cancelled()) return make_error(Code::kCancelled, "interrupted");
  if (silent_ && !call.status.ok()) return make_error(Code::kDeadlineExceeded, "sends nothing");
  if (call.too_many) return make_error(Code::kDataLoss, "sent more bytes than were asked for");
  if (!call.status.ok()) return error_from_status(call.status, *call.context);
  if (call.received < call.file.size)
    return make_error(Code::kDataLoss, "sent fewer bytes than were asked for");
  return {};
}

bool WholeFetches::cancelled() const {
  const std::lock_guard lock(mutex_);
  return cancelled_;
}

void WholeFetches::cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  for (const std::unique_ptr<Call>& call : calls_) {
    if (call->context) call->context->TryCancel();
  }
}

}  // namespace trueque
