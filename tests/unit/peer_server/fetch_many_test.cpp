// FetchMany: ranges of many files as one stream.
#include <gtest/gtest.h>

#include "tests/unit/peer_server/rpc_server_fixture.h"

namespace trueque {
namespace {

using grpc::StatusCode;
using testing::Fetched;
using testing::id_of;
using testing::patterned;
using testing::RpcServerTest;

class FetchManyTest : public RpcServerTest {
 protected:
  // A file whose name is its number, of that many bytes.
  v1::FetchRequest share(unsigned size) {
    const std::string bytes = patterned(size, size);
    disk_.write(std::to_string(size), bytes);
    return request(raw(id_of(bytes)), 0, size);
  }
};

TEST_F(FetchManyTest, GivesAllRangesInTheirOrder) {
  std::vector<v1::FetchRequest> ranges;
  std::string expected;
  for (unsigned size = 1; size <= 300; ++size) {
    ranges.push_back(share(size * 97));
    expected += patterned(size * 97, size * 97);
  }
  const std::string large = patterned(3'000'000);
  disk_.write("large", large);
  ranges.push_back(request(raw(id_of(large)), 1'000, 2'000'000));
  expected += large.substr(1'000, 2'000'000);
  ranges.push_back(ranges.front());
  expected += expected.substr(0, 97);
  serve();
  const Fetched fetched = fetch_many(ranges);
  EXPECT_TRUE(fetched.status.ok()) << fetched.status.error_message();
  EXPECT_TRUE(fetched.bytes == expected);
  EXPECT_LE(fetched.largest_chunk, 2U << 20);
}

TEST_F(FetchManyTest, TheFirstThatCannotBeSentEndsItAndAllBeforeAreWhole) {
  const v1::FetchRequest first = share(1'000);
  const v1::FetchRequest second = share(200'000);
  const v1::FetchRequest third = share(3'000);
  serve();
  v1::FetchRequest beyond = second;
  beyond.set_length(200'001);
  const struct {
    v1::FetchRequest range;
    StatusCode code;
  } rows[] = {
      {request(std::string(32, 'x'), 0, 1), StatusCode::NOT_FOUND},
      {beyond, StatusCode::OUT_OF_RANGE},
  };
  const std::string before = patterned(1'000, 1'000) + patterned(200'000, 200'000);
  for (const auto& row : rows) {
    const Fetched fetched = fetch_many({first, second, row.range, third});
    EXPECT_EQ(fetched.status.error_code(), row.code);
    EXPECT_TRUE(fetched.bytes == before) << fetched.bytes.size();
    const Fetched at_once = fetch_many({row.range, third});
    EXPECT_EQ(at_once.status.error_code(), row.code);
    EXPECT_EQ(at_once.bytes, "");
  }
}

TEST_F(FetchManyTest, AFileThatChangedIsItsOwnErrorAlone) {
  const v1::FetchRequest first = share(1'000);
  const v1::FetchRequest changed = share(2'000);
  serve();
  disk_.write("2000", patterned(2'000, 7));
  const Fetched fetched = fetch_many({first, changed});
  EXPECT_TRUE(fetched.status.error_code() == StatusCode::FAILED_PRECONDITION ||
              fetched.status.error_code() == StatusCode::NOT_FOUND)
      << fetched.status.error_message();
  EXPECT_TRUE(fetched.bytes == patterned(1'000, 1'000));
}

TEST_F(FetchManyTest, RequestsThatAskForNothingOrForTooMuchAreRefused) {
  const v1::FetchRequest range = share(10);
  serve();
  v1::FetchRequest empty = range;
  empty.set_length(0);
  v1::FetchRequest longest = range;
  longest.set_length(UINT64_MAX);
  v1::FetchRequest short_id = range;
  short_id.set_content_id("abc");
  const std::vector<v1::FetchRequest> rows[] = {
      {},
      {range, empty},
      {range, longest},
      {range, short_id},
      std::vector<v1::FetchRequest>(1'025, range),
  };
  for (const auto& ranges : rows) {
    const Fetched fetched = fetch_many(ranges);
    EXPECT_EQ(fetched.status.error_code(), StatusCode::INVALID_ARGUMENT) << ranges.size();
    EXPECT_EQ(fetched.bytes, "");
  }
  const Fetched most = fetch_many(std::vector<v1::FetchRequest>(1'024, range));
  EXPECT_TRUE(most.status.ok());
  EXPECT_EQ(most.bytes.size(), 10'240U);
}

TEST_F(FetchManyTest, WithoutAFolderNothingIsThere) {
  serve_folder(nullptr);
  EXPECT_EQ(fetch_many({request(std::string(32, 'x'), 0, 1)}).status.error_code(),
            StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace trueque
