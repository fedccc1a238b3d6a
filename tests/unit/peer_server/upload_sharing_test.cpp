// How uploads are shared between callers, over real connections from several
// addresses of the loopback network.
#include <arpa/inet.h>
#include <fcntl.h>
#include <grpcpp/create_channel_posix.h>
#include <gtest/gtest.h>

#include <sys/socket.h>
#include <algorithm>

#include <thread>

#include "peer_server/rpc/rpc_server.h"
#include "tests/unit/peer_server/folder_fixture.h"

namespace trueque {
namespace {

using grpc::StatusCode;
using testing::FolderOnDisk;
using testing::kPatience;
using Steady = std::chrono::steady_clock;

constexpr std::uint64_t kMiB = 1UL << 20;

// A stream that takes all it can get, or its first chunk and no more.
class Stream final : public grpc::ClientReadReactor<v1::Chunk> {
 public:
  Stream(v1::FileTransfer::Stub& stub, const v1::FetchRequest& request, bool reads)
      : reads_(reads) {
    stub.async()->Fetch(&context_, &request, this);
    StartRead(&chunk_);
    StartCall();
  }
  ~Stream() override {
    context_.TryCancel();
    std::unique_lock lock(mutex_);
    ended_changed_.wait(lock, [this] { return ended_; });
  }
  std::uint64_t bytes() const { return bytes_; }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    bytes_ += chunk_.data().size();
    if (reads_) StartRead(&chunk_);
  }
  void OnDone(const grpc::Status&) override {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    ended_changed_.notify_all();
  }

 private:
  const bool reads_;
  grpc::ClientContext context_;
  v1::Chunk chunk_;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::mutex mutex_;  // guards ended_
  std::condition_variable ended_changed_;
  bool ended_ = false;
};

class UploadSharingTest : public ::testing::Test {
 protected:
  // The file's bytes are not of interest here.
  void serve(const UploadLimits& limits) {
    disk_.write_sparse("huge", 64 * kMiB);
    folder_ = disk_.share_settled();
    ASSERT_TRUE(folder_);
    id_ = folder_->find_by_name("huge")->content.id;
    server_ = std::make_unique<RpcServer>(folder_.get(), limits, [] {});
    const Result<std::uint16_t> port = server_->start("127.0.0.1", 0);
    ASSERT_TRUE(port.ok());
    port_ = *port;
  }
  std::unique_ptr<v1::FileTransfer::Stub> call_from(const char* address) const {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in from{};
    from.sin_family = AF_INET;
    ::inet_pton(AF_INET, address, &from.sin_addr);
    EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from), 0);
    sockaddr_in to = from;
    to.sin_port = htons(port_);
    ::inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    return v1::FileTransfer::NewStub(grpc::CreateInsecureChannelFromFd(address, fd));
  }
  v1::FetchRequest request(std::uint64_t length) const {
    v1::FetchRequest request;
    request.set_content_id(id_.bytes.data(), id_.bytes.size());
    request.set_length(length);
    return request;
  }
  grpc::Status fetch(v1::FileTransfer::Stub& stub, std::uint64_t length) const {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    const auto reader = stub.Fetch(&context, request(length));
    v1::Chunk chunk;
    std::uint64_t bytes = 0;
    while (reader->Read(&chunk)) bytes += chunk.data().size();
    grpc::Status status = reader->Finish();
    EXPECT_TRUE(!status.ok() || bytes == length);
    return status;
  }

  FolderOnDisk disk_;
  std::unique_ptr<SharedFolder> folder_;
  std::unique_ptr<RpcServer> server_;
  std::uint16_t port_ = 0;
  ContentId id_;
};

TEST_F(UploadSharingTest, AHundredStreamsThatReadNothingKeepNobodyOut) {
  serve({});
  const auto greedy = call_from("127.0.0.2");
  std::vector<std::unique_ptr<Stream>> streams;
  for (int i = 0; i < 100; ++i)
    streams.push_back(std::make_unique<Stream>(*greedy, request(64 * kMiB), false));
  const auto newcomer = call_from("127.0.0.3");
  for (int i = 0; i < 4; ++i) {
    const auto started = Steady::now();
    EXPECT_TRUE(fetch(*newcomer, 8 * kMiB).ok());
    EXPECT_LT(Steady::now() - started, std::chrono::seconds(3));
  }
}

TEST_F(UploadSharingTest, AHundredStreamsThatReadGetNoMoreThanOne) {
  UploadLimits limits;
  // So little that the callers wait for the server however busy the machine is: it is the
  // server that chooses, 16 times for each, and what it owes one after a delay it makes up.
  limits.rate = 8 * kMiB;
  serve(limits);
  const auto greedy = call_from("127.0.0.2");
  std::vector<std::unique_ptr<Stream>> streams;
  for (int i = 0; i < 100; ++i)
    streams.push_back(std::make_unique<Stream>(*greedy, request(64 * kMiB), true));
  const auto taken = [&streams] {
    std::uint64_t sum = 0;
    for (const auto& stream : streams) sum += stream->bytes();
    return sum;
  };
  const auto newcomer = call_from("127.0.0.3");
  ASSERT_TRUE(fetch(*newcomer, 1 * kMiB).ok());
  const std::uint64_t before = taken();
  ASSERT_TRUE(fetch(*newcomer, 8 * kMiB).ok());
  const std::uint64_t meanwhile = taken() - before;
  // As much, give or take what is on its way: a chunk is half a MiB.
  EXPECT_GT(meanwhile, 6 * kMiB);
  EXPECT_LT(meanwhile, 10 * kMiB);
}

TEST_F(UploadSharingTest, RatesHold) {
  UploadLimits limits;
  limits.rate_per_peer = 8 * kMiB;
  serve(limits);
  const auto one = call_from("127.0.0.2");
  const auto other = call_from("127.0.0.2");
  const auto started = Steady::now();
  std::thread beside([&] { EXPECT_TRUE(fetch(*other, 2 * kMiB).ok()); });
  EXPECT_TRUE(fetch(*one, 2 * kMiB).ok());
  beside.join();
  // 4 MiB, of which an eighth of a second's worth goes at once.
  EXPECT_GE(Steady::now() - started, std::chrono::milliseconds(350));
}

TEST_F(UploadSharingTest, FarTooManyAreToldToComeBack) {
  UploadLimits limits;
  limits.share = {.slots = 2, .streams = 4, .streams_per_peer = 3};
  limits.rate = 1;
  serve(limits);
  const auto greedy = call_from("127.0.0.2");
  std::vector<std::unique_ptr<Stream>> streams;
  for (int i = 0; i < 3; ++i)
    streams.push_back(std::make_unique<Stream>(*greedy, request(kMiB), true));
  // One of them, whichever came first, has what may go at once; it and the others wait.
  const auto begun = [](const auto& stream) { return stream->bytes() > 0; };
  while (std::none_of(streams.begin(), streams.end(), begun)) std::this_thread::yield();
  while (fetch(*greedy, 1).error_code() != StatusCode::RESOURCE_EXHAUSTED) {
  }
}

TEST_F(UploadSharingTest, StopsWhileCallersWaitForTheirTurn) {
  UploadLimits limits;
  limits.rate = 1;
  serve(limits);
  const auto stub = call_from("127.0.0.2");
  std::vector<std::unique_ptr<Stream>> streams;
  for (int i = 0; i < 10; ++i)
    streams.push_back(std::make_unique<Stream>(*stub, request(kMiB), true));
  // One of them, whichever came first, is sent a chunk; the others wait for ages.
  const auto begun = [](const auto& stream) { return stream->bytes() > 0; };
  while (std::none_of(streams.begin(), streams.end(), begun)) std::this_thread::yield();
  const auto started = Steady::now();
  server_->stop(std::chrono::milliseconds(100));
  EXPECT_LT(Steady::now() - started, std::chrono::seconds(4));
}

}  // namespace
}  // namespace trueque
