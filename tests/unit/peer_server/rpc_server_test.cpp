#include "peer_server/rpc/rpc_server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <thread>

#include "common/content/part_name.h"
#include "peer_server/rpc/grpc_status.h"
#include "tests/unit/peer_server/rpc_server_fixture.h"

namespace trueque {
namespace {

using grpc::StatusCode;
using testing::Fetched;
using testing::FolderOnDisk;
using testing::id_of;
using testing::kPatience;
using testing::patterned;
using testing::RpcServerTest;

constexpr std::uint64_t kHuge = 256UL << 20;  // more than any buffer on the way

TEST(GrpcStatus, HasAStatusForEveryCode) {
  const std::pair<Code, StatusCode> table[] = {
      {Code::kInvalidArgument, StatusCode::INVALID_ARGUMENT},
      {Code::kUnauthenticated, StatusCode::UNAUTHENTICATED},
      {Code::kPermissionDenied, StatusCode::PERMISSION_DENIED},
      {Code::kNotFound, StatusCode::NOT_FOUND},
      {Code::kAlreadyExists, StatusCode::ALREADY_EXISTS},
      {Code::kFailedPrecondition, StatusCode::FAILED_PRECONDITION},
      {Code::kAborted, StatusCode::ABORTED},
      {Code::kOutOfRange, StatusCode::OUT_OF_RANGE},
      {Code::kResourceExhausted, StatusCode::RESOURCE_EXHAUSTED},
      {Code::kCancelled, StatusCode::CANCELLED},
      {Code::kDeadlineExceeded, StatusCode::DEADLINE_EXCEEDED},
      {Code::kUnavailable, StatusCode::UNAVAILABLE},
      {Code::kUnimplemented, StatusCode::UNIMPLEMENTED},
      {Code::kDataLoss, StatusCode::DATA_LOSS},
      {Code::kInternal, StatusCode::INTERNAL},
  };
  for (const auto& [code, status] : table) EXPECT_EQ(status_code_for(code), status);
}

TEST_F(RpcServerTest, StatTellsAllAboutAFile) {
  const std::string large = patterned(2 * kMinPieceSize + 7);
  disk_.write("photos/large", large);
  serve();
  v1::StatRequest request;
  request.set_file_name("large");
  v1::FileInfo by_name;
  ASSERT_TRUE(stat(request, by_name).ok());
  EXPECT_EQ(by_name.file_name(), "photos/large");
  EXPECT_EQ(by_name.size(), large.size());
  EXPECT_EQ(by_name.content_id(), raw(id_of(large)));
  EXPECT_EQ(by_name.piece_size(), kMinPieceSize);
  EXPECT_EQ(by_name.piece_hashes().size(), 3U * 32);
  request.set_content_id(raw(id_of(large)));
  v1::FileInfo by_content;
  ASSERT_TRUE(stat(request, by_content).ok());
  EXPECT_EQ(by_content.SerializeAsString(), by_name.SerializeAsString());
}

TEST_F(RpcServerTest, StatOfTheEmptyFile) {
  disk_.write("empty", "");
  serve();
  v1::StatRequest request;
  request.set_content_id(std::string(32, '\0'));
  v1::FileInfo info;
  ASSERT_TRUE(stat(request, info).ok());
  EXPECT_EQ(info.file_name(), "empty");
  EXPECT_EQ(info.size(), 0U);
  EXPECT_EQ(info.piece_hashes(), "");
  EXPECT_TRUE(fetch(std::string(32, '\0'), 0, 0).status.ok());
}

TEST_F(RpcServerTest, StatRefusesWhatItShould) {
  disk_.write("x/same", "one");
  disk_.write("y/same", "two");
  disk_.write(".hidden", "x");
  serve();
  v1::FileInfo info;
  EXPECT_EQ(stat({}, info).error_code(), StatusCode::INVALID_ARGUMENT);
  v1::StatRequest request;
  for (const std::string& id : {std::string(), std::string(31, 'x'), std::string(33, 'x')}) {
    request.set_content_id(id);
    EXPECT_EQ(stat(request, info).error_code(), StatusCode::INVALID_ARGUMENT);
  }
  request.set_content_id(std::string(32, 'x'));
  EXPECT_EQ(stat(request, info).error_code(), StatusCode::NOT_FOUND);
  request.set_file_name("same");
  EXPECT_EQ(stat(request, info).error_code(), StatusCode::FAILED_PRECONDITION);
  for (const char* name : {"", "none", "..", "../share/x/same", "/etc/passwd", ".hidden", "x"}) {
    request.set_file_name(name);
    EXPECT_EQ(stat(request, info).error_code(), StatusCode::NOT_FOUND) << name;
  }
}

TEST_F(RpcServerTest, FetchGivesExactlyTheRange) {
  const std::string bytes = patterned(3 * kMinPieceSize + 11);
  disk_.write("file", bytes);
  serve();
  const std::string id = raw(id_of(bytes));
  const std::uint64_t size = bytes.size();
  const std::pair<std::uint64_t, std::uint64_t> ranges[] = {
      {0, size}, {0, 1}, {size - 1, 1},          {1, size - 1},    {0, 0},
      {size, 0}, {5, 0}, {16 * 1024, 16 * 1024}, {12'345, 777'777}};
  for (const auto& [offset, length] : ranges) {
    const Fetched fetched = fetch(id, offset, length);
    EXPECT_TRUE(fetched.status.ok()) << fetched.status.error_message();
    EXPECT_EQ(fetched.bytes, bytes.substr(offset, length));
    EXPECT_LE(fetched.largest_chunk, 2U << 20);
  }
}

TEST_F(RpcServerTest, FetchRefusesBadRequests) {
  disk_.write("file", "12345");
  serve();
  const std::string id = raw(id_of("12345"));
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  const std::pair<std::uint64_t, std::uint64_t> ranges[] = {
      {0, 6}, {5, 1}, {6, 0}, {1, most}, {most, 1}, {most, most}, {most, 0}};
  for (const auto& [offset, length] : ranges)
    EXPECT_EQ(fetch(id, offset, length).status.error_code(), StatusCode::OUT_OF_RANGE) << offset;
  for (const std::string& other : {std::string(), std::string(31, 'x'), std::string(64, '0')})
    EXPECT_EQ(fetch(other, 0, 0).status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(fetch(std::string(32, 'x'), 0, 1).status.error_code(), StatusCode::NOT_FOUND);
}

TEST_F(RpcServerTest, AChangeInTheMiddleEndsTheStreamWithoutWrongBytes) {
  const ContentId id = share_zeros("huge", kHuge);
  grpc::ClientContext context;
  const auto reader = files_->Fetch(&context, request(raw(id), 0, kHuge));
  v1::Chunk chunk;
  ASSERT_TRUE(reader->Read(&chunk));
  std::fstream file(disk_.path("huge"), std::ios::in | std::ios::out | std::ios::binary);
  for (std::uint64_t at = 0; at < kHuge; at += 4'096) {
    file.seekp(static_cast<std::streamoff>(at));
    file.put('x');
  }
  file.close();
  const Fetched rest = drain(context, *reader);
  EXPECT_EQ(rest.status.error_code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(rest.bytes.find_first_not_of('\0'), std::string::npos);
  EXPECT_EQ(fetch(raw(id), 0, 1).status.error_code(), StatusCode::FAILED_PRECONDITION);
}

TEST_F(RpcServerTest, ATruncationInTheMiddleEndsTheStream) {
  const ContentId id = share_zeros("huge", kHuge);
  grpc::ClientContext context;
  const auto reader = files_->Fetch(&context, request(raw(id), 0, kHuge));
  v1::Chunk chunk;
  ASSERT_TRUE(reader->Read(&chunk));
  std::filesystem::resize_file(disk_.path("huge"), 10);
  EXPECT_EQ(drain(context, *reader).status.error_code(), StatusCode::FAILED_PRECONDITION);
}

TEST_F(RpcServerTest, ADeletedFileIsNotServed) {
  disk_.write("file", "12345");
  disk_.write("other", "other");
  serve();
  std::filesystem::remove(disk_.path("file"));
  const StatusCode code = fetch(raw(id_of("12345")), 0, 5).status.error_code();
  // Which one depends on whether the removal was noticed yet.
  EXPECT_TRUE(code == StatusCode::FAILED_PRECONDITION || code == StatusCode::NOT_FOUND);
  ASSERT_TRUE(disk_.names.wait_gone("file"));
  EXPECT_EQ(fetch(raw(id_of("12345")), 0, 5).status.error_code(), StatusCode::NOT_FOUND);
  EXPECT_EQ(fetch(raw(id_of("other")), 0, 5).bytes, "other");
}

TEST_F(RpcServerTest, WhatIsStillBeingHashedIsUnavailable) {
  disk_.write_sparse("huge", 64UL << 30);
  folder_ = disk_.share();
  ASSERT_TRUE(folder_);
  serve_folder(folder_.get());
  const Fetched fetched = fetch(std::string(32, 'x'), 0, 1);
  EXPECT_EQ(fetched.status.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_GT(std::stoi(fetched.retry_after_ms), 0);
}

TEST_F(RpcServerTest, ACallerTooManyIsToldToComeBack) {
  disk_.write_sparse("huge", kHuge);
  UploadLimits limits;
  limits.share = {.slots = 1, .streams = 1, .streams_per_peer = 1};
  limits.stall = kPatience;
  serve(limits);
  const std::string id = raw(folder_->find_by_name("huge")->content.id);
  grpc::ClientContext context;
  const auto reader = files_->Fetch(&context, request(id, 0, kHuge));
  v1::Chunk chunk;
  ASSERT_TRUE(reader->Read(&chunk));
  const Fetched busy = fetch(id, 0, 1);
  EXPECT_EQ(busy.status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_GT(std::stoi(busy.retry_after_ms), 0);
  v1::FileInfo info;
  v1::StatRequest stat_request;
  stat_request.set_content_id(id);
  EXPECT_TRUE(stat(stat_request, info).ok());  // takes no slot
  EXPECT_EQ(drain(context, *reader).bytes.size() + chunk.data().size(), kHuge);
  // The slot is free before the caller hears that all was sent.
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(fetch(id, 0, 10).status.ok());
}

TEST_F(RpcServerTest, ACallerThatTakesNothingLosesItsSlot) {
  disk_.write_sparse("huge", kHuge);
  UploadLimits limits;
  limits.share = {.slots = 1, .streams = 1, .streams_per_peer = 1};
  limits.stall = std::chrono::milliseconds(100);
  serve(limits);
  const std::string id = raw(folder_->find_by_name("huge")->content.id);
  grpc::ClientContext context;
  const auto reader = files_->Fetch(&context, request(id, 0, kHuge));
  v1::Chunk chunk;
  ASSERT_TRUE(reader->Read(&chunk));
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!fetch(id, 0, 1).status.ok()) ASSERT_LT(std::chrono::steady_clock::now(), until);
  EXPECT_EQ(drain(context, *reader).status.error_code(), StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(RpcServerTest, ManyThatTakeNothingAreCutOffInTheEnd) {
  disk_.write_sparse("huge", kHuge);
  UploadLimits limits;
  limits.share.slots = 4;
  limits.stall = std::chrono::milliseconds(50);
  serve(limits);
  const std::string id = raw(folder_->find_by_name("huge")->content.id);
  const auto until = std::chrono::steady_clock::now() + kPatience;
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<v1::Chunk>>> readers;
  while (readers.size() < 30 && std::chrono::steady_clock::now() < until) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    readers.push_back(files_->Fetch(contexts.back().get(), request(id, 0, kHuge)));
    v1::Chunk chunk;
    if (readers.back()->Read(&chunk)) continue;
    EXPECT_EQ(readers.back()->Finish().error_code(), StatusCode::RESOURCE_EXHAUSTED);
    readers.pop_back();
    contexts.pop_back();
  }
  ASSERT_EQ(readers.size(), 30U);
  // Others are served until the last of these has taken nothing for twenty times the limit.
  const auto idle_since = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() < idle_since + 20 * limits.stall)
    EXPECT_TRUE(fetch(id, 0, 1).status.ok());
  // The oldest are cut off, the last few hear why.
  for (std::size_t i = 0; i < readers.size(); ++i) {
    const StatusCode code = drain(*contexts[i], *readers[i]).status.error_code();
    EXPECT_TRUE(code == StatusCode::DEADLINE_EXCEEDED || code == StatusCode::CANCELLED) << code;
  }
  // Their places are free once the server has seen them end.
  bool served = false;
  while (!served && std::chrono::steady_clock::now() < until) served = fetch(id, 0, 1).status.ok();
  EXPECT_TRUE(served);
}

TEST_F(RpcServerTest, ACallerThatGoesAwayFreesItsSlot) {
  disk_.write_sparse("huge", kHuge);
  UploadLimits limits;
  limits.share = {.slots = 1, .streams = 1, .streams_per_peer = 1};
  serve(limits);
  const std::string id = raw(folder_->find_by_name("huge")->content.id);
  {
    grpc::ClientContext context;
    const auto reader = files_->Fetch(&context, request(id, 0, kHuge));
    v1::Chunk chunk;
    ASSERT_TRUE(reader->Read(&chunk));
    context.TryCancel();
    reader->Finish();
  }
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!fetch(id, 0, 1).status.ok()) ASSERT_LT(std::chrono::steady_clock::now(), until);
}

TEST_F(RpcServerTest, StopsWhileSlowCallersHoldOn) {
  disk_.write_sparse("huge", kHuge);
  serve();
  const std::string id = raw(folder_->find_by_name("huge")->content.id);
  grpc::ClientContext context;
  const auto reader = files_->Fetch(&context, request(id, 0, kHuge));
  v1::Chunk chunk;
  ASSERT_TRUE(reader->Read(&chunk));
  const auto started = std::chrono::steady_clock::now();
  server_->stop(std::chrono::milliseconds(100));
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(4));
  EXPECT_FALSE(drain(context, *reader).status.ok());
}

TEST_F(RpcServerTest, AnswersTheOriginalsClientsAboutTheFolder) {
  disk_.write("sub/a.txt", "one");
  disk_.write("b/same", "one");
  disk_.write("c/same", "two");
  serve();
  std::string message;
  for (const std::string name : {"a.txt", "sub/a.txt", "same"}) {
    ASSERT_TRUE(download(name, message).ok());
    EXPECT_EQ(message, "File " + name + " downloaded properly!");
  }
  EXPECT_EQ(sent_, 3);
  for (const char* name : {"", "none", "../x", ".hidden", "sub"})
    EXPECT_EQ(download(name, message).error_code(), StatusCode::NOT_FOUND) << name;
  EXPECT_EQ(sent_, 3);
}

TEST_F(RpcServerTest, WithoutAFolderEveryNameIsAnsweredAsTheOriginalDid) {
  serve_folder(nullptr);
  std::string message;
  ASSERT_TRUE(download("anything at all", message).ok());
  EXPECT_EQ(message, "File anything at all downloaded properly!");
  EXPECT_EQ(sent_, 1);
  EXPECT_EQ(fetch(std::string(32, 'x'), 0, 0).status.error_code(), StatusCode::NOT_FOUND);
  v1::StatRequest request;
  request.set_file_name("a");
  v1::FileInfo info;
  EXPECT_EQ(stat(request, info).error_code(), StatusCode::NOT_FOUND);
}

TEST_F(RpcServerTest, NeverSharesAPort) {
  serve_folder(nullptr);
  RpcServer second(nullptr, {}, [] {});
  const Result<std::uint16_t> port = second.start("127.0.0.1", port_);
  ASSERT_FALSE(port.ok());
  EXPECT_NE(port.error().message.find(std::to_string(port_)), std::string::npos);
}

// What stands in the folder while a peer-client fetches a file of three pieces.
TEST_F(RpcServerTest, ADownloadThatGoesOnIsServedByThePiece) {
  const std::string bytes = patterned(2 * kMinPieceSize + 9);
  ContentHasher hasher(bytes.size());
  hasher.update({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  const std::string part = ".a.bin" + part_ending(id_of(bytes));
  const std::string id = raw(id_of(bytes));
  disk_.write(part, bytes.substr(0, kMinPieceSize) + std::string(kMinPieceSize + 9, 'x'));
  disk_.write(part + kJournalSuffix,
              encode_journal_head(id_of(bytes), bytes.size(), hasher.take_piece_hashes()) +
                  encode_journal_piece(0) + encode_journal_piece(2));
  serve();
  v1::StatRequest by_content;
  by_content.set_content_id(id);
  v1::FileInfo info;
  ASSERT_TRUE(stat(by_content, info).ok());
  EXPECT_EQ(info.file_name(), "a.bin");
  EXPECT_EQ(info.size(), bytes.size());
  EXPECT_EQ(info.piece_hashes().size(), 3 * sizeof(Sha256));
  EXPECT_EQ(info.held_pieces(), "\xa0");
  EXPECT_EQ(fetch(id, 5, kMinPieceSize - 5).bytes, bytes.substr(5, kMinPieceSize - 5));
  const Fetched missing = fetch(id, kMinPieceSize, 1);
  EXPECT_EQ(missing.status.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_FALSE(missing.retry_after_ms.empty());
  // The journal names it, but the bytes are not those.
  const Fetched wrong = fetch(id, 2 * kMinPieceSize, 9);
  EXPECT_EQ(wrong.status.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(wrong.bytes, "");
  ASSERT_TRUE(stat(by_content, info).ok());
  EXPECT_EQ(info.held_pieces(), "\x80");
  v1::StatRequest by_name;
  by_name.set_file_name("a.bin");
  EXPECT_EQ(stat(by_name, info).error_code(), StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace trueque
