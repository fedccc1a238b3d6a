#include "peer_server/rpc/fetch_call.h"

#include <algorithm>

#include "peer_server/rpc/caller_address.h"
#include "peer_server/rpc/chunk.h"
#include "peer_server/rpc/grpc_status.h"
#include "peer_server/rpc/uploads.h"

namespace trueque {
namespace {

// What the disk should fetch while a chunk is on its way.
constexpr std::uint64_t kReadAhead = 4UL * 1024 * 1024;

}  // namespace

FetchCall::FetchCall(grpc::CallbackServerContext& context, ServedFile file, ByteRange range,
                     Uploads& uploads)
    : context_(context),
      file_(std::move(file)),
      peer_(caller_address(context.peer())),
      port_(caller_port(context.peer())),
      uploads_(uploads),
      position_(range.offset),
      end_(range.offset + range.length) {
  std::visit([](const auto& opened) { opened.expect_in_order(); }, file_);
  read_ahead();
}

void FetchCall::read_ahead() const {
  std::visit([this](const auto& file) { file.expect(position_, std::min(left(), kReadAhead)); },
             file_);
}

Result<grpc::ByteBuffer> FetchCall::read(std::vector<SendBlockPtr> blocks, std::size_t bytes) {
  std::vector<std::span<std::uint8_t>> parts;
  parts.reserve(blocks.size());
  std::size_t missing = bytes;
  for (const SendBlockPtr& block : blocks) {
    parts.push_back(std::span(block->bytes).first(std::min(missing, SendBlock::kBytes)));
    missing -= parts.back().size();
  }
  const Status read =
      std::visit([&](const auto& file) { return file.read(parts, position_); }, file_);
  if (!read) return read.error();
  position_ += bytes;
  if (left() > 0) read_ahead();
  return make_chunk(std::move(blocks), bytes);
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
