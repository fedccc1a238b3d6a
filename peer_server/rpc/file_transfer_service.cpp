#include "peer_server/rpc/file_transfer_service.h"

#include "common/content/piece_bits.h"
#include "common/content/piece_layout.h"
#include "peer_server/rpc/grpc_status.h"

namespace trueque {
namespace {

// A Fetch that ends before it began.
class EndedFetch final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  explicit EndedFetch(const grpc::Status& status) { Finish(status); }
  void OnDone() override { const std::unique_ptr<EndedFetch> ended(this); }
};

grpc::ServerWriteReactor<grpc::ByteBuffer>* ended(const grpc::Status& status) {
  return std::make_unique<EndedFetch>(status).release();  // gRPC's until OnDone
}

Result<v1::FetchRequest> parse(const grpc::ByteBuffer& raw) {
  grpc::ByteBuffer bytes = raw;
  v1::FetchRequest request;
  if (grpc::SerializationTraits<v1::FetchRequest>::Deserialize(&bytes, &request).ok())
    return request;
  return make_error(Code::kInvalidArgument, "the message is no FetchRequest");
}

Result<ContentId> parse_id(const std::string& raw) {
  if (const std::optional<ContentId> id = ContentId::from_bytes(raw)) return *id;
  return make_error(Code::kInvalidArgument, "content_id must have 32 bytes");
}

Status check_range(const v1::FetchRequest& request, std::uint64_t size) {
  if (request.offset() <= size && request.length() <= size - request.offset()) return {};
  return make_error(Code::kOutOfRange,
                    "the range goes beyond the file's end at " + std::to_string(size) + " bytes");
}

Error nothing_shared() { return make_error(Code::kNotFound, "this peer shares no folder"); }

void fill(const FileDetails& details, v1::FileInfo& info) {
  info.set_file_name(details.name);
  info.set_size(details.content.size);
  info.set_content_id(details.content.id.bytes.data(), details.content.id.bytes.size());
  info.set_piece_size(PieceLayout(details.content.size).piece_size());
  std::string& hashes = *info.mutable_piece_hashes();
  hashes.reserve(details.pieces.size() * sizeof(Sha256));
  for (const Sha256& piece : details.pieces) hashes.append(piece.begin(), piece.end());
  if (!details.held.empty()) info.set_held_pieces(encode_piece_bits(details.held));
}

}  // namespace

FileTransferService::FileTransferService(SharedFolder* folder, const UploadLimits& limits,
                                         Uploads::HangUp hang_up)
    : folder_(folder), uploads_(limits, clock_, std::move(hang_up), [folder](std::size_t bytes) {
        folder->note_served(bytes);
      }) {}

grpc::ServerUnaryReactor* FileTransferService::Stat(grpc::CallbackServerContext* context,
                                                    const v1::StatRequest* request,
                                                    v1::FileInfo* info) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const Result<FileDetails> details = find(*request);
  if (details) fill(*details, *info);
  reactor->Finish(details ? grpc::Status::OK : fail_call(*context, details.error()));
  return reactor;
}

Result<FileDetails> FileTransferService::find(const v1::StatRequest& request) const {
  if (request.key_case() == v1::StatRequest::KEY_NOT_SET)
    return make_error(Code::kInvalidArgument, "neither content_id nor file_name is given");
  if (request.key_case() == v1::StatRequest::kFileName) {
    if (folder_ == nullptr) return nothing_shared();
    return folder_->find_by_name(request.file_name());
  }
  const Result<ContentId> id = parse_id(request.content_id());
  if (!id) return id.error();
  if (folder_ == nullptr) return nothing_shared();
  return folder_->find_by_content(*id);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* FileTransferService::Fetch(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  const Result<v1::FetchRequest> parsed = parse(*request);
  if (!parsed) return ended(fail_call(*context, parsed.error()));
  Result<ServedFile> file = open(*parsed);
  if (!file) return ended(fail_call(*context, file.error()));
  if (parsed->length() == 0) return ended(grpc::Status::OK);
  const ByteRange range{parsed->offset(), parsed->length()};
  auto call = std::make_unique<FetchCall>(*context, std::move(*file), range, uploads_);
  FetchCall* const running = call.release();  // gRPC's until OnDone
  uploads_.begin(*running);
  return running;
}

Result<ServedFile> FileTransferService::open(const v1::FetchRequest& request) {
  const Result<ContentId> id = parse_id(request.content_id());
  if (!id) return id.error();
  if (folder_ == nullptr) return nothing_shared();
  Result<OpenFile> file = folder_->open_content(*id);
  if (!file) return open_part(*id, request, file.error());
  if (Status range = check_range(request, file->size()); !range) return range.error();
  return ServedFile(std::move(*file));
}

Result<ServedFile> FileTransferService::open_part(const ContentId& id,
                                                  const v1::FetchRequest& request,
                                                  const Error& whole) {
  Result<OpenPart> part = folder_->open_part(id, request.offset(), request.length());
  if (part) return ServedFile(std::move(*part));
  return part.error().code == Code::kNotFound ? whole : part.error();
}

}  // namespace trueque
