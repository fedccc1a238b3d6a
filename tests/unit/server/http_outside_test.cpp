// The directory seen from outside: what looks after it, counts and describes it.
#include <gtest/gtest.h>

#include <set>

#include "server/http/request_ids.h"
#include "tests/support/directory_server.h"

namespace trueque {
namespace {

using nlohmann::json;
using testing::DirectoryServer;
using testing::exchange;
using testing::raw_get;
using testing::raw_post;
using testing::RawConnection;
using testing::RawResponse;

bool holds(const std::string& page, const std::string& line) {
  return ("\n" + page).find("\n" + line + "\n") != std::string::npos;
}

RawResponse get_with_id(std::uint16_t port, const std::string& id) {
  return testing::exchange(port, "GET /healthz HTTP/1.1\r\nX-Request-Id: " + id + "\r\n\r\n");
}

TEST(RequestIds, TheClientsOwnIsTakenWhereItIsFit) {
  DirectoryServer server;
  for (const std::string& id : {std::string("a"), std::string(64, 'z'), std::string("A-b_c.d:9")})
    EXPECT_EQ(get_with_id(server.port(), id).header("X-Request-Id"), id);
  for (const std::string& id : {std::string(), std::string(65, 'z'), std::string("a b"),
                                std::string("a\"b"), std::string("caf\xc3\xa9")}) {
    const std::string given = get_with_id(server.port(), id).header("X-Request-Id").value_or("");
    EXPECT_NE(given, id);
    EXPECT_EQ(given.size(), 16U);
  }
}

TEST(RequestIds, EveryAnswerHasOneAndNoTwoThatAreMadeAreAlike) {
  DirectoryServer server;
  std::set<std::string> seen;
  for (const std::string& bytes :
       {raw_get("/healthz"), raw_get("/healthz"), raw_get("/nowhere"), raw_get("/peers"),
        raw_post("/login", "{"), std::string("rubbish\r\n\r\n"), raw_post("/healthz", "")}) {
    const auto id = exchange(server.port(), bytes).header("X-Request-Id");
    ASSERT_TRUE(id) << bytes;
    EXPECT_TRUE(seen.insert(*id).second);
  }
}

TEST(Readiness, SaysWhyChangesCannotBeKeptAndForgetsItAfterAWhile) {
  DirectoryServer server;
  const auto ready = [&] { return exchange(server.port(), raw_get("/readyz")); };
  EXPECT_EQ(ready().json()["status"], "ready");
  server.storage().sync_failed(make_error(Code::kAborted, "the disk is full"));
  const RawResponse refused = ready();
  EXPECT_EQ(refused.status, 503);
  EXPECT_TRUE(refused.header("Retry-After"));
  EXPECT_NE(refused.json()["message"].get<std::string>().find("the disk is full"),
            std::string::npos);
  EXPECT_EQ(exchange(server.port(), raw_get("/healthz")).status, 200);
  server.clock().advance(StorageMetrics::kDoubt);
  EXPECT_EQ(ready().status, 200);
}

TEST(Readiness, IsThereAgainWithTheFirstChangeThatIsKept) {
  DirectoryServer server;
  server.storage().sync_failed(make_error(Code::kAborted, "the disk is full"));
  server.storage().synced({1, 10, std::chrono::microseconds(5)});
  EXPECT_EQ(exchange(server.port(), raw_get("/readyz")).status, 200);
}

TEST(Metrics, CountRequestsConnectionsAndStorage) {
  HttpLimits limits;
  limits.max_connections = 1;
  DirectoryServer server({}, limits);
  RawConnection connection(server.port());
  const auto ask = [&](const std::string& bytes) {
    connection.send(bytes);
    return connection.receive();
  };
  ask(raw_get("/peers"));
  ask(raw_get("/nowhere"));
  exchange(server.port(), raw_get("/peers"));  // there is no place for it
  server.storage().synced({3, 100, std::chrono::milliseconds(2)});
  server.storage().snapshot_written({1, 1, 10, std::chrono::milliseconds(20)});
  const RawResponse answer = ask(raw_get("/metrics"));
  EXPECT_EQ(answer.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  for (const char* line :
       {"trueque_requests_total{route=\"/peers\",status=\"401\"} 1",
        "trueque_requests_total{route=\"other\",status=\"404\"} 1",
        "trueque_request_seconds_count{route=\"/peers\"} 1",
        "trueque_refusals_total{reason=\"connections\"} 1", "trueque_connections 1",
        "trueque_peers 0", "trueque_expired_peers_total 0", "trueque_journal_sync_seconds_count 1",
        "trueque_journal_sync_changes_bucket{le=\"2\"} 0",
        "trueque_journal_sync_changes_bucket{le=\"4\"} 1", "trueque_journal_bytes_total 100",
        "trueque_snapshot_seconds_count 1", "trueque_ready 1"})
    EXPECT_TRUE(holds(answer.body, line)) << line << "\n" << answer.body;
}

TEST(Metrics, AreForThoseTheyAreMeantFor) {
  DirectoryServer off({}, {}, 0, MetricsAccess::kOff);
  EXPECT_EQ(exchange(off.port(), raw_get("/metrics")).status, 404);
  DirectoryServer local;
  EXPECT_EQ(exchange(local.port(), raw_get("/metrics")).status, 200);
  HttpRequest elsewhere;
  elsewhere.method = "GET";
  elsewhere.path = "/metrics";
  elsewhere.remote_address = "192.0.2.7";
  EXPECT_EQ(local.routes().handle(elsewhere).status, 403);
  DirectoryServer all({}, {}, 0, MetricsAccess::kAll);
  EXPECT_EQ(all.routes().handle(elsewhere).status, 200);
}

TEST(Histogram, CountsUpToEachBound) {
  Histogram histogram{1, 10};
  for (const double value : {0.5, 1.0, 2.0, 10.0, 99.0}) histogram.note(value);
  const Histogram::Reading reading = histogram.read();
  EXPECT_EQ(reading.buckets[0].up_to, 2U);
  EXPECT_EQ(reading.buckets[1].up_to, 4U);
  EXPECT_EQ(reading.count, 5U);
  EXPECT_DOUBLE_EQ(reading.sum, 112.5);
}

}  // namespace
}  // namespace trueque
