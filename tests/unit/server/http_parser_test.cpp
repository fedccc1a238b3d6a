#include <gtest/gtest.h>

#include "server/http/query_string.h"
#include "server/http/rate_limiter.h"
#include "server/http/request_parser.h"
#include "tests/support/manual_clock.h"

namespace trueque {
namespace {

using State = RequestParser::State;

struct FaultCase {
  const char* name;
  std::string bytes;
  int status;
};

class RequestParserFaults : public ::testing::TestWithParam<FaultCase> {};

TEST_P(RequestParserFaults, AreRefusedWithTheirStatus) {
  RequestParser parser;
  EXPECT_EQ(parser.feed(GetParam().bytes), State::kFailed);
  EXPECT_EQ(parser.fault().status, GetParam().status);
  EXPECT_FALSE(parser.fault().message.empty());
}

// However the bytes are cut, the outcome is the same.
TEST_P(RequestParserFaults, AreRefusedByteByByte) {
  RequestParser parser;
  for (const char c : GetParam().bytes) parser.feed({&c, 1});
  ASSERT_EQ(parser.state(), State::kFailed);
  EXPECT_EQ(parser.fault().status, GetParam().status);
}

INSTANTIATE_TEST_SUITE_P(
    Table, RequestParserFaults,
    ::testing::Values(
        FaultCase{"NoHttp", "hello\r\n", 400}, FaultCase{"OldestHttp", "GET /\r\n", 400},
        FaultCase{"Tls", std::string("\x16\x03\x01\x02\x00\x01\n", 7), 400},
        FaultCase{"Http2", "PRI * HTTP/2.0\r\n", 505},
        FaultCase{"BadMethod", "G(T / HTTP/1.1\r\n", 400},
        FaultCase{"BlankInTarget", "GET /a b HTTP/1.1\r\n", 400},
        FaultCase{"NulInTarget", std::string("GET /a\0b HTTP/1.1\r\n", 19), 400},
        FaultCase{"LongTarget", "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n", 414},
        FaultCase{"EndlessTarget", "GET /" + std::string(40000, 'a'), 414},
        FaultCase{"NoColon", "GET / HTTP/1.1\r\nnonsense\r\n", 400},
        FaultCase{"BlankBeforeColon", "GET / HTTP/1.1\r\nHost : a\r\n", 400},
        FaultCase{"Folded", "GET / HTTP/1.1\r\nA: b\r\n c\r\n", 400},
        FaultCase{"NulInHeader", std::string("GET / HTTP/1.1\r\nA: b\0c\r\n", 24), 400},
        FaultCase{"LargeHeader", "GET / HTTP/1.1\r\nA: " + std::string(20000, 'a'), 431},
        FaultCase{"TwoLengths", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                  400},
        FaultCase{"LengthAndChunked",
                  "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                  400},
        FaultCase{"NegativeLength", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400},
        FaultCase{"WordLength", "POST / HTTP/1.1\r\nContent-Length: abc\r\n\r\n", 400},
        FaultCase{"EmptyLength", "POST / HTTP/1.1\r\nContent-Length:\r\n\r\n", 400},
        FaultCase{"TooLong", "POST / HTTP/1.1\r\nContent-Length: 8388609\r\n\r\n", 413},
        FaultCase{"MuchTooLong",
                  "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", 413},
        FaultCase{"UnknownCoding", "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
        FaultCase{"BadChunkSize", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
                  400},
        FaultCase{"HugeChunk",
                  "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
                  413},
        FaultCase{"ChunkOverrun",
                  "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", 400},
        FaultCase{"SameLengthTwice",
                  "POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400},
        FaultCase{"LengthList", "POST / HTTP/1.1\r\nContent-Length: 2, 2\r\n\r\n{}", 400},
        FaultCase{"SignedLength", "POST / HTTP/1.1\r\nContent-Length: +2\r\n\r\n{}", 400},
        FaultCase{"TwoCodings",
                  "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
                  "Transfer-Encoding: identity\r\n\r\n",
                  400},
        FaultCase{"CodingList", "POST / HTTP/1.1\r\nTransfer-Encoding: identity, chunked\r\n\r\n",
                  501},
        FaultCase{"ChunkedInHttp10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        FaultCase{"BlankInCodingsName", "POST / HTTP/1.1\r\nTransfer-Encoding : chunked\r\n", 400},
        FaultCase{"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
        FaultCase{"LoneLineFeed", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
        FaultCase{"LoneLineFeedInHeaders", "GET / HTTP/1.1\r\nHost: a\nB: c\r\n\r\n", 400},
        FaultCase{"LoneLineFeedAtTheEnd", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
        FaultCase{"LoneCarriageReturn", "GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n", 400},
        FaultCase{"LineFeedAfterChunkSize",
                  "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n", 400},
        FaultCase{"CarriageReturnInChunkExtension",
                  "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;\rx\r\n", 400},
        FaultCase{"BlankBeforeChunkSize",
                  "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n 1\r\nx\r\n", 400},
        FaultCase{"PrefixedChunkSize",
                  "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\nx\r\n", 400},
        FaultCase{"ChunkSizeAndMore",
                  "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1 2\r\nx\r\n", 400},
        FaultCase{"NoChunkSize", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n;x\r\n",
                  400},
        FaultCase{"BadTrailer",
                  "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nnonsense\r\n", 400},
        FaultCase{"BadExpectation", "POST / HTTP/1.1\r\nExpect: tea\r\n\r\n", 417}),
    [](const auto& each) { return each.param.name; });

TEST(RequestParser, ReadsARequestHoweverItIsCut) {
  const std::string bytes =
      "POST /getFiles?a=b HTTP/1.1\r\nHost: x\r\nX-A:  y \r\nContent-Length: 4\r\n\r\n{\"\"}";
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    RequestParser parser;
    ASSERT_EQ(parser.feed(bytes.substr(0, cut)), State::kReading) << cut;
    ASSERT_EQ(parser.feed(bytes.substr(cut)), State::kComplete) << cut;
    const HttpRequest request = parser.take();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/getFiles");
    EXPECT_EQ(request.query, "a=b");
    EXPECT_EQ(request.header("x-a"), "y");
    EXPECT_EQ(request.body, "{\"\"}");
    EXPECT_TRUE(request.keep_alive);
    EXPECT_EQ(parser.state(), State::kIdle);
  }
}

TEST(RequestParser, ReadsChunksAndTrailers) {
  const std::string bytes =
      "POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n"
      "3;x=y\r\nabc\r\n0A\r\n0123456789\r\n0\r\nT: u\r\n\r\n";
  RequestParser parser;
  for (const char c : bytes) parser.feed({&c, 1});
  ASSERT_EQ(parser.state(), State::kComplete);
  EXPECT_EQ(parser.take().body, "abc0123456789");
}

TEST(RequestParser, BoundsTheSumOfChunks) {
  ParserLimits limits;
  limits.body_bytes = 10;
  RequestParser parser(limits);
  parser.feed("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(parser.feed("6\r\nabcdef\r\n"), State::kReading);
  EXPECT_EQ(parser.feed("5\r\n"), State::kFailed);
  EXPECT_EQ(parser.fault().status, 413);
}

TEST(RequestParser, TakesABodyOfExactlyTheLimit) {
  ParserLimits limits;
  limits.body_bytes = 10;
  RequestParser fits(limits);
  EXPECT_EQ(fits.feed("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n0123456789"), State::kComplete);
  RequestParser chunked(limits);
  EXPECT_EQ(chunked.feed("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "a\r\n0123456789\r\n0\r\n\r\n"),
            State::kComplete);
  RequestParser longer(limits);
  EXPECT_EQ(longer.feed("POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n"), State::kFailed);
}

TEST(RequestParser, KeepsTheRequestsBehindTheFirst) {
  RequestParser parser;
  ASSERT_EQ(parser.feed("GET /1 HTTP/1.1\r\n\r\n\r\nGET /2 HTTP/1.0\r\n\r\nGET /3"),
            State::kComplete);
  EXPECT_EQ(parser.take().path, "/1");
  ASSERT_EQ(parser.state(), State::kComplete);
  const HttpRequest second = parser.take();
  EXPECT_EQ(second.path, "/2");
  EXPECT_FALSE(second.keep_alive);
  EXPECT_EQ(parser.state(), State::kReading);
}

TEST(RequestParser, TellsOnceThatTheClientWaits) {
  RequestParser parser;
  parser.feed("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n");
  EXPECT_FALSE(parser.take_expectation());
  parser.feed("\r\n");
  EXPECT_TRUE(parser.take_expectation());
  EXPECT_FALSE(parser.take_expectation());
  EXPECT_EQ(parser.feed("{}"), State::kComplete);
}

TEST(QueryString, DecodesTheFirstOfAName) {
  EXPECT_EQ(query_parameter("q=a+b%2Fc&q=d&limit=", "q"), "a b/c");
  EXPECT_EQ(query_parameter("q=a&limit=", "limit"), "");
  EXPECT_EQ(query_parameter("q", "q"), "");
  EXPECT_EQ(query_parameter("%71=x", "q"), "x");
  EXPECT_EQ(query_parameter("q=100%&x=%zz%4", "q"), "100%");
  EXPECT_EQ(query_parameter("x=%zz%4", "x"), "%zz%4");
  EXPECT_EQ(query_parameter("a=b&&=c", "q"), std::nullopt);
  EXPECT_EQ(query_parameter("", "q"), std::nullopt);
}

TEST(RateLimiter, AllowsOneSecondsWorthAtOnceAndThenTheRate) {
  testing::ManualClock clock;
  RateLimiter limiter(2, clock);
  EXPECT_FALSE(limiter.take("a"));
  EXPECT_FALSE(limiter.take("a"));
  EXPECT_EQ(limiter.take("a"), std::chrono::milliseconds(500));
  EXPECT_FALSE(limiter.take("b"));
  clock.advance(std::chrono::milliseconds(500));
  EXPECT_FALSE(limiter.take("a"));
  EXPECT_TRUE(limiter.take("a"));
}

TEST(RateLimiter, ZeroIsNoLimit) {
  testing::ManualClock clock;
  RateLimiter limiter(0, clock);
  for (int i = 0; i < 1000; ++i) ASSERT_FALSE(limiter.take("a"));
}

TEST(RateLimiter, ForgetsKeysThatAreFullAgainBeforeOthers) {
  testing::ManualClock clock;
  RateLimiter limiter(1, clock, 2);
  EXPECT_FALSE(limiter.take("old"));
  clock.advance(std::chrono::seconds(1));
  EXPECT_FALSE(limiter.take("busy"));
  EXPECT_FALSE(limiter.take("new"));
  EXPECT_TRUE(limiter.take("busy"));
}

}  // namespace
}  // namespace trueque
