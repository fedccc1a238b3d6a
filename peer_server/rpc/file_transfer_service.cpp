#include "peer_server/rpc/file_transfer_service.h"

#include <utility>

#include "common/content/piece_bits.h"
#include "common/content/piece_layout.h"
#include "peer_server/rpc/grpc_status.h"

namespace trueque {
namespace {

constexpr int kMaxRanges = 1024;

// A call that ends before it began.
class EndedFetch final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  explicit EndedFetch(const grpc::Status& status) { Finish(status); }
  void OnDone() override { const std::unique_ptr<EndedFetch> ended(this); }
};

grpc::ServerWriteReactor<grpc::ByteBuffer>* ended(const grpc::Status& status) {
  return std::make_unique<EndedFetch>(status).release();  // gRPC's until OnDone
}

template <typename Request>
Result<Request> parse(const grpc::ByteBuffer& raw) {
  grpc::ByteBuffer bytes = raw;
  Request request;
  if (grpc::SerializationTraits<Request>::Deserialize(&bytes, &request).ok()) return request;
  return make_error(Code::kInvalidArgument,
                    "the message is no " + std::string(Request::descriptor()->name()));
}

Result<ContentId> parse_id(const std::string& raw) {
  if (const std::optional<ContentId> id = ContentId::from_bytes(raw)) return *id;
  return make_error(Code::kInvalidArgument, "content_id must have 32 bytes");
}

Result<FileRange> parse_range(const v1::FetchRequest& request) {
  const Result<ContentId> id = parse_id(request.content_id());
  if (!id) return id.error();
  return FileRange{*id, request.offset(), request.length()};
}

Result<std::vector<FileRange>> parse_ranges(const v1::FetchManyRequest& request) {
  if (request.ranges().empty() || request.ranges_size() > kMaxRanges)
    return make_error(Code::kInvalidArgument,
                      "a request is for 1 to " + std::to_string(kMaxRanges) + " ranges");
  std::vector<FileRange> ranges;
  ranges.reserve(static_cast<std::size_t>(request.ranges_size()));
  for (const v1::FetchRequest& each : request.ranges()) {
    Result<FileRange> range = parse_range(each);
    if (!range) return range.error();
    // The second also keeps their sum within its type.
    if (range->length == 0 || range->length > kMaxFileSize)
      return make_error(Code::kInvalidArgument, "a range is empty, or longer than any file");
    ranges.push_back(*range);
  }
  return ranges;
}

Status check_range(const FileRange& range, std::uint64_t size) {
  if (range.offset <= size && range.length <= size - range.offset) return {};
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
  const Result<v1::FetchRequest> parsed = parse<v1::FetchRequest>(*request);
  if (!parsed) return ended(fail_call(*context, parsed.error()));
  const Result<FileRange> range = parse_range(*parsed);
  if (!range) return ended(fail_call(*context, range.error()));
  RangeReader reader({*range}, opener());
  if (Status opened = reader.open_first(); !opened)
    return ended(fail_call(*context, opened.error()));
  if (range->length == 0) return ended(grpc::Status::OK);
  return send(*context, std::move(reader));
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* FileTransferService::FetchMany(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  const Result<v1::FetchManyRequest> parsed = parse<v1::FetchManyRequest>(*request);
  if (!parsed) return ended(fail_call(*context, parsed.error()));
  Result<std::vector<FileRange>> ranges = parse_ranges(*parsed);
  if (!ranges) return ended(fail_call(*context, ranges.error()));
  return send(*context, RangeReader(std::move(*ranges), opener()));
}

FetchCall* FileTransferService::send(grpc::CallbackServerContext& context, RangeReader ranges) {
  auto call = std::make_unique<FetchCall>(context, std::move(ranges), uploads_);
  FetchCall* const running = call.release();  // gRPC's until OnDone
  uploads_.begin(*running);
  return running;
}

RangeReader::Open FileTransferService::opener() const {
  return [this](const FileRange& range) { return open(range); };
}

Result<ServedFile> FileTransferService::open(const FileRange& range) const {
  if (folder_ == nullptr) return nothing_shared();
  Result<OpenFile> file = folder_->open_content(range.content);
  if (!file) return open_part(range, file.error());
  if (Status fits = check_range(range, file->size()); !fits) return fits.error();
  return ServedFile(std::move(*file));
}

Result<ServedFile> FileTransferService::open_part(const FileRange& range,
                                                  const Error& whole) const {
  Result<OpenPart> part = folder_->open_part(range.content, range.offset, range.length);
  if (part) return ServedFile(std::move(*part));
  return part.error().code == Code::kNotFound ? whole : part.error();
}

}  // namespace trueque
