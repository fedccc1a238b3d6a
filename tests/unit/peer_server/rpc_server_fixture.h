// A peer-server's gRPC side over a folder on disk, and what a caller gets of it.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>

#include "peer_server/rpc/rpc_server.h"
#include "tests/unit/peer_server/folder_fixture.h"

namespace trueque::testing {

struct Fetched {
  grpc::Status status;
  std::string bytes;
  std::size_t largest_chunk = 0;
  std::string retry_after_ms;
};

class RpcServerTest : public ::testing::Test {
 protected:
  void serve(UploadLimits limits = {}) {
    folder_ = disk_.share_settled();
    ASSERT_TRUE(folder_);
    serve_folder(folder_.get(), limits);
  }
  void serve_folder(SharedFolder* folder, UploadLimits limits = {}) {
    server_ = std::make_unique<RpcServer>(folder, limits, [this] { ++sent_; });
    const Result<std::uint16_t> port = server_->start("127.0.0.1", 0);
    ASSERT_TRUE(port.ok());
    port_ = *port;
    channel_ = grpc::CreateChannel("127.0.0.1:" + std::to_string(port_),
                                   grpc::InsecureChannelCredentials());
    files_ = v1::FileTransfer::NewStub(channel_);
    original_ = PeerService::NewStub(channel_);
  }

  static v1::FetchRequest request(const std::string& id, std::uint64_t offset,
                                  std::uint64_t length) {
    v1::FetchRequest request;
    request.set_content_id(id);
    request.set_offset(offset);
    request.set_length(length);
    return request;
  }
  static std::string raw(const ContentId& id) { return {id.bytes.begin(), id.bytes.end()}; }

  Fetched fetch(const std::string& id, std::uint64_t offset, std::uint64_t length) {
    grpc::ClientContext context;
    const auto reader = files_->Fetch(&context, request(id, offset, length));
    return drain(context, *reader);
  }
  Fetched fetch_many(const std::vector<v1::FetchRequest>& ranges) {
    v1::FetchManyRequest request;
    for (const v1::FetchRequest& range : ranges) *request.add_ranges() = range;
    grpc::ClientContext context;
    const auto reader = files_->FetchMany(&context, request);
    return drain(context, *reader);
  }
  static Fetched drain(grpc::ClientContext& context, grpc::ClientReader<v1::Chunk>& reader) {
    Fetched fetched;
    v1::Chunk chunk;
    while (reader.Read(&chunk)) {
      fetched.bytes += chunk.data();
      fetched.largest_chunk = std::max(fetched.largest_chunk, chunk.data().size());
    }
    fetched.status = reader.Finish();
    const auto& metadata = context.GetServerTrailingMetadata();
    if (const auto found = metadata.find("retry-after-ms"); found != metadata.end())
      fetched.retry_after_ms.assign(found->second.begin(), found->second.end());
    return fetched;
  }
  grpc::Status stat(const v1::StatRequest& request, v1::FileInfo& info) {
    grpc::ClientContext context;
    return files_->Stat(&context, request, &info);
  }
  grpc::Status download(const std::string& name, std::string& message) {
    grpc::ClientContext context;
    FileRequest request;
    request.set_peer_name("ana");
    request.set_file_name(name);
    DownloadResponse response;
    const grpc::Status status = original_->DownloadFile(&context, request, &response);
    message = response.message();
    return status;
  }
  // The id of `size` zeros, without hashing them here.
  ContentId share_zeros(const std::string& name, std::uint64_t size) {
    disk_.write_sparse(name, size);
    serve();
    return folder_->find_by_name(name)->content.id;
  }

  FolderOnDisk disk_;
  std::unique_ptr<SharedFolder> folder_;
  std::unique_ptr<RpcServer> server_;
  std::uint16_t port_ = 0;
  std::atomic<int> sent_ = 0;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::FileTransfer::Stub> files_;
  std::unique_ptr<PeerService::Stub> original_;
};

}  // namespace trueque::testing
