// One contract, two implementations: the real channel against a gRPC server in
// this process, and the fake the rest of the client is tested with.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "common/content/piece_bits.h"
#include "peer_client/rpc/grpc_peer_channel.h"
#include "peer_service.grpc.pb.h"
#include "tests/support/fake_peers.h"
#include "trueque/v1/file_transfer.grpc.pb.h"

namespace trueque {
namespace {

using testing::describe_bytes;
using testing::some_bytes;
using trueque::v1::Chunk;
using trueque::v1::FetchRequest;
using trueque::v1::FileInfo;
using trueque::v1::StatRequest;

constexpr std::size_t kSize = 3 * 1024 * 1024 + 5;
constexpr std::size_t kChunk = 256 * 1024;

std::string raw(const Sha256& hash) {
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

// What the contract is run over.
class World {
 public:
  virtual ~World() = default;
  virtual std::unique_ptr<PeerChannel> connect() = 0;
  // The peer has these pieces only.
  virtual void hold(std::vector<bool> held) = 0;
};

class GrpcWorld final : public World {
 public:
  std::unique_ptr<PeerChannel> connect() override {
    return GrpcPeerConnector().connect(server_.endpoint());
  }
  void hold(std::vector<bool> held) override { server_.peer.held = std::move(held); }

 private:
  TestServer server_;
};

class FakeWorld final : public World {
 public:
  FakeWorld() { peers_.at({"10.0.0.2", 1}).add("a.bin", some_bytes(kSize)); }
  std::unique_ptr<PeerChannel> connect() override { return peers_.connect({"10.0.0.2", 1}); }
  void hold(std::vector<bool> held) override { peers_.at({"10.0.0.2", 1}).held = std::move(held); }

 private:
  testing::ManualClock clock_;
  testing::FakePeers peers_{clock_};
};

struct WorldRow {
  const char* name;
  std::unique_ptr<World> (*make)();
};

class PeerChannelContract : public ::testing::TestWithParam<WorldRow> {
 protected:
  Status fetch(std::uint64_t offset, std::uint64_t length) {
    return channel_->fetch(file_.content_id, offset, length, [this](auto bytes) -> Status {
      got_.insert(got_.end(), bytes.begin(), bytes.end());
      return sink_status_;
    });
  }

  std::vector<std::uint8_t> bytes_ = some_bytes(kSize);
  RemoteFile file_ = describe_bytes("a.bin", bytes_);
  std::unique_ptr<World> world_ = GetParam().make();
  std::unique_ptr<PeerChannel> channel_ = world_->connect();
  std::vector<std::uint8_t> got_;
  Status sink_status_;
};

TEST_P(PeerChannelContract, StatTellsTheFile) {
  const Result<RemoteFile> file = channel_->stat(file_.content_id);
  ASSERT_TRUE(file.ok()) << file.error().message;
  EXPECT_EQ(file->file_name, "a.bin");
  EXPECT_EQ(file->size, kSize);
  EXPECT_EQ(file->content_id, file_.content_id);
  EXPECT_EQ(file->piece_size, file_.piece_size);
  EXPECT_EQ(file->piece_hashes, file_.piece_hashes);
}

TEST_P(PeerChannelContract, StatTellsWhichPiecesAreHeld) {
  EXPECT_TRUE(channel_->stat(file_.content_id)->held.empty());
  const std::vector<bool> held = {false, true, true, false};
  world_->hold(held);
  EXPECT_EQ(channel_->stat(file_.content_id)->held, held);
  world_->hold(std::vector<bool>(4));
  EXPECT_EQ(channel_->stat(file_.content_id)->held, std::vector<bool>(4));
}

TEST_P(PeerChannelContract, FetchGivesExactlyTheRange) {
  const std::uint64_t ranges[][2] = {{0, kSize}, {kSize - 1, 1}, {12345, 1024 * 1024}, {7, 0}};
  for (const auto& [offset, length] : ranges) {
    got_.clear();
    const Status status = fetch(offset, length);
    ASSERT_TRUE(status.ok()) << status.error().message;
    ASSERT_EQ(got_.size(), length);
    EXPECT_TRUE(std::equal(got_.begin(), got_.end(), bytes_.begin() + static_cast<long>(offset)));
  }
}

TEST_P(PeerChannelContract, ErrorsOfThePeerKeepTheirCode) {
  const Result<RemoteFile> file = channel_->stat(ContentId{});
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().code, Code::kNotFound);
  EXPECT_EQ(fetch(kSize, 1).error().code, Code::kOutOfRange);
}

TEST_P(PeerChannelContract, TheSinksErrorEndsTheTransfer) {
  sink_status_ = make_error(Code::kAborted, "disk full");
  const Status status = fetch(0, kSize);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "disk full");
  EXPECT_LE(got_.size(), kChunk);
}

TEST_P(PeerChannelContract, DownloadMessageIsThePeersSentence) {
  const Result<std::string> message = channel_->download_message("bob", "a.bin");
  ASSERT_TRUE(message.ok()) << message.error().message;
  EXPECT_EQ(*message, "File a.bin downloaded properly!");
}

TEST_P(PeerChannelContract, CancelEndsThisAndEveryLaterCall) {
  const Status status = channel_->fetch(file_.content_id, 0, kSize, [this](auto) -> Status {
    std::thread([this] { channel_->cancel(); }).join();
    return {};
  });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, Code::kCancelled);
  EXPECT_EQ(channel_->stat(file_.content_id).error().code, Code::kCancelled);
  EXPECT_EQ(channel_->download_message("a", "b").error().code, Code::kCancelled);
}

template <typename Made>
std::unique_ptr<World> make_world() {
  return std::make_unique<Made>();
}

INSTANTIATE_TEST_SUITE_P(Channels, PeerChannelContract,
                         ::testing::Values(WorldRow{"Grpc", make_world<GrpcWorld>},
                                           WorldRow{"Fake", make_world<FakeWorld>}),
                         [](const auto& row) { return row.param.name; });

// What only a wire can do wrong.
class GrpcPeerChannelTest : public ::testing::Test {
 protected:
  Status fetch(std::chrono::milliseconds idle = std::chrono::seconds(20)) {
    GrpcPeerChannel channel(server_.endpoint(), {std::chrono::seconds(5), idle});
    return channel.fetch(peer().file.content_id, 0, kSize, [](auto) { return Status(); });
  }
  TestPeer& peer() { return server_.peer; }

  TestServer server_;
};

// Writes `chunk` until the caller goes away.
grpc::Status flood(grpc::ServerWriter<Chunk>& writer, std::size_t bytes) {
  Chunk chunk;
  chunk.set_data(std::string(bytes, 'x'));
  while (writer.Write(chunk)) {
  }
  return grpc::Status::OK;
}

// Sends nothing until the caller goes away.
grpc::Status stay_silent(grpc::ServerContext& context) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable never;
  while (!context.IsCancelled()) never.wait_for(lock, std::chrono::milliseconds(5));
  return grpc::Status::OK;
}

TEST_F(GrpcPeerChannelTest, HeldPiecesOfAWrongLengthAreALie) {
  for (const std::size_t bytes : {2, 1000}) {
    peer().on_stat = [&](auto&, FileInfo& info) {
      peer().fill(info);
      info.set_held_pieces(std::string(bytes, '\xff'));
      return grpc::Status::OK;
    };
    GrpcPeerChannel channel(server_.endpoint(), {});
    EXPECT_EQ(channel.stat(peer().file.content_id).error().code, Code::kDataLoss) << bytes;
  }
}

TEST_F(GrpcPeerChannelTest, WrongAmountsAreDataLoss) {
  const struct {
    const char* name;
    TestPeer::FetchAction action;
  } rows[] = {
      {"nothing", [](auto&, auto&, auto&) { return grpc::Status::OK; }},
      {"one byte less",
       [this](auto&, auto&, auto& writer) {
         peer().send(writer, 0, kSize - 1);
         return grpc::Status::OK;
       }},
      {"one chunk more",
       [this](auto&, auto&, auto& writer) {
         peer().send(writer, 0, kSize);
         peer().send(writer, 0, 1);
         return grpc::Status::OK;
       }},
      {"endless", [](auto&, auto&, auto& writer) { return flood(writer, 100'000); }},
      {"a chunk over 2 MiB",
       [](auto&, auto&, auto& writer) { return flood(writer, 2 * 1024 * 1024 + 1); }},
      {"a message over any limit",
       [](auto&, auto&, auto& writer) { return flood(writer, 20 * 1024 * 1024); }},
  };
  for (const auto& row : rows) {
    peer().on_fetch = row.action;
    const Status status = fetch();
    ASSERT_FALSE(status.ok()) << row.name;
    EXPECT_EQ(status.error().code, Code::kDataLoss) << row.name << ": " << status.error().message;
  }
}

TEST_F(GrpcPeerChannelTest, SilenceEndsTheCall) {
  const struct {
    const char* name;
    TestPeer::FetchAction action;
  } rows[] = {
      {"from the start", [](auto& context, auto&, auto&) { return stay_silent(context); }},
      {"half way",
       [this](auto& context, auto&, auto& writer) {
         peer().send(writer, 0, kSize / 2);
         return stay_silent(context);
       }},
      {"after the last byte",
       [this](auto& context, auto&, auto& writer) {
         peer().send(writer, 0, kSize);
         return stay_silent(context);
       }},
      {"empty chunks for ever", [](auto&, auto&, auto& writer) { return flood(writer, 0); }},
  };
  for (const auto& row : rows) {
    peer().on_fetch = row.action;
    const Status status = fetch(std::chrono::milliseconds(300));
    ASSERT_FALSE(status.ok()) << row.name;
    EXPECT_EQ(status.error().code, Code::kDeadlineExceeded) << row.name;
  }
  peer().on_stat = [](auto& context, auto&) { return stay_silent(context); };
  GrpcPeerChannel channel(server_.endpoint(),
                          {std::chrono::milliseconds(300), std::chrono::milliseconds(300)});
  EXPECT_EQ(channel.stat(peer().file.content_id).error().code, Code::kDeadlineExceeded);
}

TEST_F(GrpcPeerChannelTest, ABusyPeerSaysWhenToComeBack) {
  const auto busy = [](grpc::ServerContext& context) {
    context.AddTrailingMetadata("retry-after-ms", "1234");
    return grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "all slots are taken");
  };
  peer().on_fetch = [&](auto& context, auto&, auto&) { return busy(context); };
  peer().on_stat = [&](auto& context, auto&) { return busy(context); };
  const Status status = fetch();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, Code::kResourceExhausted);
  EXPECT_EQ(status.error().retry_after, std::chrono::milliseconds(1234));
  GrpcPeerChannel channel(server_.endpoint(), {});
  EXPECT_EQ(channel.stat(ContentId{}).error().retry_after, std::chrono::milliseconds(1234));
}

TEST_F(GrpcPeerChannelTest, MalformedFileInfoIsDataLoss) {
  const std::function<void(FileInfo&)> rows[] = {
      [](FileInfo& info) { info.set_content_id("short"); },
      [](FileInfo& info) { info.clear_content_id(); },
      [](FileInfo& info) { info.mutable_piece_hashes()->pop_back(); },
      [](FileInfo& info) { info.set_piece_hashes(std::string(20 * 1024 * 1024, 'x')); },
  };
  for (const auto& lie : rows) {
    peer().on_stat = [&](auto&, FileInfo& info) {
      peer().fill(info);
      lie(info);
      return grpc::Status::OK;
    };
    GrpcPeerChannel channel(server_.endpoint(), {});
    const Result<RemoteFile> file = channel.stat(peer().file.content_id);
    ASSERT_FALSE(file.ok());
    EXPECT_EQ(file.error().code, Code::kDataLoss) << file.error().message;
  }
}

TEST_F(GrpcPeerChannelTest, CancelWakesACallThatHangs) {
  std::mutex mutex;
  std::condition_variable changed;
  bool called = false;
  peer().on_fetch = [&](auto& context, auto&, auto&) {
    {
      const std::lock_guard lock(mutex);
      called = true;
    }
    changed.notify_all();
    return stay_silent(context);
  };
  GrpcPeerChannel channel(server_.endpoint(), {});
  std::thread canceller([&] {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return called; });
    channel.cancel();
  });
  const Status status =
      channel.fetch(peer().file.content_id, 0, kSize, [](auto) { return Status(); });
  canceller.join();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, Code::kCancelled);
}

TEST(GrpcPeerChannel, APeerWithoutFileTransferIsUnimplemented) {
  TestServer server(false);
  GrpcPeerChannel channel(server.endpoint(), {});
  EXPECT_EQ(channel.stat(ContentId{}).error().code, Code::kUnimplemented);
  EXPECT_EQ(channel.fetch(ContentId{}, 0, 1, [](auto) { return Status(); }).error().code,
            Code::kUnimplemented);
  EXPECT_EQ(*channel.download_message("bob", "x"), "File x downloaded properly!");
}

TEST(GrpcPeerChannel, NobodyThereIsUnavailableAtOnce) {
  PeerEndpoint endpoint;
  {
    TestServer server;
    endpoint = server.endpoint();
  }
  GrpcPeerChannel channel(endpoint, {});
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(channel.stat(ContentId{}).error().code, Code::kUnavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(4));
}

TEST(GrpcPeerChannel, AHostNameThatCannotBeResolvedIsSaidInWords) {
  GrpcPeerChannel channel({std::string(70, 'a') + ".example", 1}, {});  // no label is that long
  const Result<RemoteFile> file = channel.stat(ContentId{});
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().code, Code::kUnavailable);
  EXPECT_EQ(file.error().message, "cannot be reached (its host name cannot be resolved)");
}

TEST(GrpcTarget, FitsTheKindOfAddress) {
  EXPECT_EQ(grpc_target({"10.0.0.1", 1}), "ipv4:10.0.0.1:1");
  EXPECT_EQ(grpc_target({"::1", 50051}), "ipv6:[::1]:50051");
  EXPECT_EQ(grpc_target({"peer.example", 2}), "dns:///peer.example:2");
}

}  // namespace
}  // namespace trueque
