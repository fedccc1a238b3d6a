#include "peer_server/rpc/fetch_call.h"

#include <algorithm>
#include <utility>

#include "peer_server/rpc/caller_address.h"
#include "peer_server/rpc/chunk.h"
#include "peer_server/rpc/grpc_status.h"
#include "peer_server/rpc/uploads.h"

namespace trueque {
FetchCall::FetchCall(grpc::CallbackServerContext& context, RangeReader ranges, Uploads& uploads)
    : context_(context),
      ranges_(std::move(ranges)),
      peer_(caller_address(context.peer())),
      port_(caller_port(context.peer())),
      uploads_(uploads) {}

Result<grpc::ByteBuffer> FetchCall::read(std::vector<SendBlockPtr> blocks, std::size_t bytes) {
  std::vector<std::span<std::uint8_t>> parts;
  parts.reserve(blocks.size());
  std::size_t missing = bytes;
  for (const SendBlockPtr& block : blocks) {
    parts.push_back(std::span(block->bytes).first(std::min(missing, SendBlock::kBytes)));
    missing -= parts.back().size();
  }
  const std::size_t got = ranges_.read(parts);
  if (got == 0) return outcome().error();
  blocks.resize((got + SendBlock::kBytes - 1) / SendBlock::kBytes);
  return make_chunk(std::move(blocks), got);
}

void FetchCall::send(grpc::ByteBuffer chunk) {
  if (bound_) return StartWrite(&chunk);
  first_chunk_ = std::move(chunk);
  StartWrite(&first_chunk_);
}

void FetchCall::end(const Status& status) {
  Finish(status ? grpc::Status::OK : fail_call(context_, status.error()));
}

void FetchCall::OnWriteDone(bool ok) {
  if (!std::exchange(bound_, true)) first_chunk_.Clear();
  uploads_.taken(*this, ok);
}

void FetchCall::OnCancel() { uploads_.cancelled(*this); }

void FetchCall::OnDone() {
  uploads_.done(*this);
  const std::unique_ptr<FetchCall> ended(this);
}

}  // namespace trueque
