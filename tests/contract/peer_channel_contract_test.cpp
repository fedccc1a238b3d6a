// One contract, two implementations: the real channel against a gRPC server in
// this process, and the fake the rest of the client is tested with.
#include <gtest/gtest.h>

#include <thread>

#include "peer_client/rpc/grpc_peer_channel.h"
#include "tests/support/grpc_test_peer.h"

namespace trueque {
namespace {

using testing::describe_bytes;
using testing::kChunk;
using testing::kSize;
using testing::some_bytes;
using testing::TestServer;
using testing::Wanted;

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

TEST_P(PeerChannelContract, ManyFilesComeWholeAndEachIsTold) {
  std::vector<WholeFile> files;
  for (std::size_t i = 0; i < 200; ++i) files.push_back({file_.content_id, i * 1500, i});
  files.push_back({file_.content_id, kSize, 200});  // of many chunks
  files.push_back({ContentId{}, 10, 201});
  files.push_back({ContentId{}, 0, 202});
  Wanted wanted(files);
  channel_->fetch_files(wanted);
  ASSERT_EQ(wanted.got.size(), 201U);
  for (const auto& [number, bytes] : wanted.got) {
    ASSERT_EQ(bytes.size(), files[number].size) << number;
    EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), bytes_.begin())) << number;
  }
  EXPECT_EQ(wanted.errors,
            (std::map<std::size_t, Code>{{201, Code::kNotFound}, {202, Code::kNotFound}}));
}

TEST_P(PeerChannelContract, CancelEndsManyFilesEachBeingTold) {
  std::vector<WholeFile> files;
  for (std::size_t i = 0; i < 100; ++i) files.push_back({file_.content_id, 1000, i});
  Wanted wanted(files);
  wanted.on_arrived = [this] { std::thread([this] { channel_->cancel(); }).join(); };
  channel_->fetch_files(wanted);
  EXPECT_EQ(wanted.got.size(), 1U);
  EXPECT_EQ(wanted.errors.size(), 99U);
  EXPECT_EQ(wanted.errors.begin()->second, Code::kCancelled);
}

template <typename Made>
std::unique_ptr<World> make_world() {
  return std::make_unique<Made>();
}

INSTANTIATE_TEST_SUITE_P(Channels, PeerChannelContract,
                         ::testing::Values(WorldRow{"Grpc", make_world<GrpcWorld>},
                                           WorldRow{"Fake", make_world<FakeWorld>}),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace trueque
