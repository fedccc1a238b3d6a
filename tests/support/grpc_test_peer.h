// A peer in this process that a test can have lie, over real gRPC; and somebody who wants
// files of a PeerChannel.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/content/piece_bits.h"
#include "peer_client/core/peer_channel.h"
#include "peer_service.grpc.pb.h"
#include "tests/support/fake_peers.h"
#include "trueque/v1/file_transfer.grpc.pb.h"

namespace trueque::testing {

using v1::Chunk;
using v1::FetchRequest;
using v1::FileInfo;
using v1::StatRequest;

inline constexpr std::size_t kSize = 3 * 1024 * 1024 + 5;
inline constexpr std::size_t kChunk = 256 * 1024;

inline std::string raw(const Sha256& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

// Serves one file; a test may replace what Fetch or Stat does.
class TestPeer final : public v1::FileTransfer::Service {
 public:
  using FetchAction = std::function<grpc::Status(grpc::ServerContext&, const FetchRequest&,
                                                 grpc::ServerWriter<Chunk>&)>;

  grpc::Status Stat(grpc::ServerContext* context, const StatRequest* request,
                    FileInfo* info) override {
    if (on_stat) return on_stat(*context, *info);
    if (request->content_id() != raw(file.content_id.bytes))
      return {grpc::StatusCode::NOT_FOUND, "no such content"};
    fill(*info);
    return grpc::Status::OK;
  }

  grpc::Status Fetch(grpc::ServerContext* context, const FetchRequest* request,
                     grpc::ServerWriter<Chunk>* writer) override {
    if (on_fetch) return on_fetch(*context, *request, *writer);
    if (request->content_id() != raw(file.content_id.bytes))
      return {grpc::StatusCode::NOT_FOUND, "no such content"};
    if (request->offset() + request->length() > bytes.size())
      return {grpc::StatusCode::OUT_OF_RANGE, "no such range"};
    send(*writer, request->offset(), request->length());
    return grpc::Status::OK;
  }

  grpc::Status FetchMany(grpc::ServerContext* context, const v1::FetchManyRequest* request,
                         grpc::ServerWriter<Chunk>* writer) override {
    if (!knows_fetch_many) return {grpc::StatusCode::UNIMPLEMENTED, ""};
    ++many_asked;
    for (const FetchRequest& range : request->ranges()) {
      const grpc::Status status = Fetch(context, &range, writer);
      if (!status.ok()) return status;
    }
    return grpc::Status::OK;
  }

  void fill(FileInfo& info) const {
    info.set_file_name(file.file_name);
    info.set_size(file.size);
    info.set_content_id(raw(file.content_id.bytes));
    info.set_piece_size(file.piece_size);
    for (const Sha256& hash : file.piece_hashes) info.mutable_piece_hashes()->append(raw(hash));
    if (!held.empty()) info.set_held_pieces(encode_piece_bits(held));
  }
  void send(grpc::ServerWriter<Chunk>& writer, std::uint64_t offset, std::uint64_t length) const {
    Chunk chunk;
    while (length > 0) {
      const std::uint64_t portion = std::min<std::uint64_t>(length, kChunk);
      chunk.mutable_data()->assign(reinterpret_cast<const char*>(&bytes[offset]), portion);
      if (!writer.Write(chunk)) return;
      offset += portion;
      length -= portion;
    }
  }

  std::vector<std::uint8_t> bytes = some_bytes(kSize);
  RemoteFile file = describe_bytes("a.bin", bytes);
  std::vector<bool> held;
  std::function<grpc::Status(grpc::ServerContext&, FileInfo&)> on_stat;
  FetchAction on_fetch;
  std::atomic<bool> knows_fetch_many = true;
  std::atomic<int> many_asked = 0;
};

class TestPeerService final : public PeerService::Service {
  grpc::Status DownloadFile(grpc::ServerContext*, const FileRequest* request,
                            DownloadResponse* response) override {
    response->set_message("File " + request->file_name() + " downloaded properly!");
    return grpc::Status::OK;
  }
};

// A gRPC server on a port the system chose.
class TestServer {
 public:
  explicit TestServer(bool with_file_transfer = true) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&service_);
    if (with_file_transfer) builder.RegisterService(&peer);
    builder.SetMaxSendMessageSize(-1);
    server_ = builder.BuildAndStart();
  }
  ~TestServer() { server_->Shutdown(std::chrono::system_clock::now()); }

  PeerEndpoint endpoint() const { return {"127.0.0.1", static_cast<std::uint16_t>(port_)}; }

  TestPeer peer;

 private:
  TestPeerService service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

// Wants `files` one after another, and keeps what it is told of each.
class Wanted final : public WholeFiles {
 public:
  explicit Wanted(std::vector<WholeFile> files) : files_(std::move(files)) {}

  std::optional<WholeFile> next() override {
    if (given_ == files_.size()) return std::nullopt;
    return files_[given_++];
  }
  void arrived(const WholeFile& file, std::span<const std::uint8_t> bytes) override {
    got[file.number] = {bytes.begin(), bytes.end()};
    if (on_arrived) on_arrived();
  }
  void failed(const WholeFile& file, const Error& error) override {
    errors.emplace(file.number, error.code);
  }

  std::map<std::size_t, std::vector<std::uint8_t>> got;
  std::map<std::size_t, Code> errors;
  std::function<void()> on_arrived;

 private:
  std::vector<WholeFile> files_;
  std::size_t given_ = 0;
};

}  // namespace trueque::testing
