// What only a wire can do wrong: a channel against a gRPC server of this process that lies.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "peer_client/rpc/chunk_reader.h"
#include "peer_client/rpc/grpc_peer_channel.h"
#include "tests/support/grpc_test_peer.h"

namespace trueque {
namespace {

using std::chrono::seconds;
using testing::kSize;
using testing::TestPeer;
using testing::TestServer;
using testing::Wanted;
using v1::Chunk;
using v1::FetchRequest;
using v1::FileInfo;

class GrpcPeerChannelTest : public ::testing::Test {
 protected:
  Status fetch(std::chrono::milliseconds idle = std::chrono::seconds(20)) {
    GrpcPeerChannel channel(server_.endpoint(), {std::chrono::seconds(5), idle});
    return channel.fetch(peer().file.content_id, 0, kSize, [](auto) { return Status(); });
  }
  using Errors = std::map<std::size_t, Code>;

  TestPeer& peer() { return server_.peer; }
  // Of two files of 1,000 bytes, wanted together.
  Errors errors_of_two(std::chrono::milliseconds silence) {
    Wanted wanted({{peer().file.content_id, 1000, 0}, {peer().file.content_id, 1000, 1}});
    GrpcPeerChannel(server_.endpoint(), {silence / 2, silence / 2}).fetch_files(wanted);
    return wanted.errors;
  }

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

TEST_F(GrpcPeerChannelTest, ManyFilesOfWrongAmountsOrOfAPeerThatIsSilent) {
  peer().knows_fetch_many = false;
  const struct {
    const char* name;
    TestPeer::FetchAction action;
    Code code;
  } rows[] = {
      {"nothing", [](auto&, auto&, auto&) { return grpc::Status::OK; }, Code::kDataLoss},
      {"too much", [](auto&, auto&, auto& writer) { return flood(writer, 2000); }, Code::kDataLoss},
      {"no end", [](auto&, auto&, auto& writer) { return flood(writer, 1000); },
       Code::kDeadlineExceeded},
      {"silence", [](auto& context, auto&, auto&) { return stay_silent(context); },
       Code::kDeadlineExceeded},
  };
  for (const auto& row : rows) {
    peer().on_fetch = row.action;
    EXPECT_EQ(errors_of_two(seconds(1)), (Errors{{0, row.code}, {1, row.code}})) << row.name;
  }
}

TEST_F(GrpcPeerChannelTest, ABundleOfWrongAmountsOrOfAPeerThatIsSilent) {
  constexpr Code kLoss = Code::kDataLoss;
  constexpr Code kLate = Code::kDeadlineExceeded;
  const struct {
    const char* name;
    TestPeer::FetchAction action;  // for each of the files
    Errors errors;
  } rows[] = {
      {"nothing", [](auto&, auto&, auto&) { return grpc::Status::OK; }, {{0, kLoss}, {1, kLoss}}},
      {"one byte less each",
       [this](auto&, auto&, auto& writer) {
         peer().send(writer, 0, 999);
         return grpc::Status::OK;
       },
       {{1, kLoss}}},
      {"too much",
       [](auto&, auto&, auto& writer) { return flood(writer, 3000); },
       {{0, kLoss}, {1, kLoss}}},
      {"no end", [](auto&, auto&, auto& writer) { return flood(writer, 1000); }, {{1, kLoss}}},
      {"silence",
       [](auto& context, auto&, auto&) { return stay_silent(context); },
       {{0, kLate}, {1, kLate}}},
      {"one file and a half, then silence",
       [this](auto& context, auto&, auto& writer) {
         peer().send(writer, 0, 1500);
         return stay_silent(context);
       },
       {{1, kLate}}},
      {"all of it, then silence",
       [this](auto& context, auto&, auto& writer) {
         peer().send(writer, 0, 2000);
         return stay_silent(context);
       },
       {{1, kLate}}},
  };
  for (const auto& row : rows) {
    peer().on_fetch = row.action;
    // Only where it is waited for is a silence short.
    EXPECT_EQ(errors_of_two(row.errors.at(1) == kLate ? seconds(1) : seconds(40)), row.errors)
        << row.name;
  }
}

TEST_F(GrpcPeerChannelTest, AFileThatIsMissingCostsTheOthersNothing) {
  std::vector<WholeFile> files;
  std::map<std::size_t, Code> missing;
  for (std::size_t i = 0; i < 1'000; ++i) {
    files.push_back({peer().file.content_id, 1 + i, i});
    if (i % 100 != 99) continue;
    files.back().content = {};
    missing.emplace(i, Code::kNotFound);
  }
  Wanted wanted(files);
  GrpcPeerChannel(server_.endpoint(), {}).fetch_files(wanted);
  EXPECT_EQ(wanted.errors, missing);
  ASSERT_EQ(wanted.got.size(), 990U);
  for (const auto& [number, bytes] : wanted.got)
    EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), peer().bytes.begin())) << number;
  EXPECT_GT(peer().many_asked, 0);
}

TEST_F(GrpcPeerChannelTest, ManyFilesOfAPeerThatKnowsNoFetchMany) {
  peer().knows_fetch_many = false;
  std::vector<WholeFile> files;
  for (std::size_t i = 0; i < 500; ++i) files.push_back({peer().file.content_id, 1 + i, i});
  Wanted wanted(files);
  GrpcPeerChannel(server_.endpoint(), {}).fetch_files(wanted);
  EXPECT_EQ(wanted.got.size(), 500U);
  EXPECT_TRUE(wanted.errors.empty());
}

TEST_F(GrpcPeerChannelTest, FewCallsAreEnoughForManyFiles) {
  std::vector<WholeFile> files;
  for (std::size_t i = 0; i < 1'000; ++i) files.push_back({peer().file.content_id, 100, i});
  Wanted wanted(files);
  GrpcPeerChannel(server_.endpoint(), {}).fetch_files(wanted);
  EXPECT_EQ(wanted.got.size(), 1'000U);
  EXPECT_LE(peer().many_asked, 1'000 / 16);
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

// Other fields before and after the bytes, as a later version may write.
TEST(ChunkReaderTest, PassesOverFieldsItDoesNotKnow) {
  Chunk chunk;
  chunk.set_data("abc");
  const std::string bytes = chunk.SerializeAsString();
  const std::string number = {0x10, 0x05};
  const std::string text = {0x1a, 0x02, 'h', 'i'};
  const struct {
    const char* name;
    std::string message;
    bool is_chunk;
  } rows[] = {
      {"plain", bytes, true},
      {"fields around it", number + bytes + text, true},
      {"only other fields", number + text, true},
      {"nothing", "", true},
      {"cut off", bytes.substr(0, 4), false},
      {"twice", bytes + bytes, false},
      {"a length beyond the end", std::string("\x0a\x7f") + "abc", false},
      {"a group", std::string("\x13\x14"), false},
      {"no tag", std::string(11, '\xff'), false},
  };
  for (const auto& row : rows) {
    const grpc::Slice slice(row.message);
    grpc::ByteBuffer message(&slice, 1);
    ChunkReader reader(message);
    const Result<std::size_t> size = reader.size();
    std::string read;
    const bool whole = size && reader
                                   .read([&](auto portion) -> Status {
                                     read.append(portion.begin(), portion.end());
                                     return {};
                                   })
                                   .ok();
    EXPECT_EQ(whole, row.is_chunk) << row.name;
    if (!whole) continue;
    EXPECT_EQ(read.size(), *size) << row.name;
    EXPECT_EQ(read, *size > 0 ? "abc" : "") << row.name;
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
