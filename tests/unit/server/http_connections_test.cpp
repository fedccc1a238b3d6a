// How connections are kept, bounded and ended.
#include <gtest/gtest.h>

#include <thread>

#include "tests/support/directory_server.h"

namespace trueque {
namespace {

using std::chrono::milliseconds;
using testing::DirectoryServer;
using testing::exchange;
using testing::raw_get;
using testing::raw_post;
using testing::RawConnection;
using testing::RawResponse;

constexpr const char* kOk = R"({"status":"ok"})";

TEST(HttpConnections, AreKeptAlive) {
  DirectoryServer server;
  RawConnection connection(server.port());
  for (int i = 0; i < 20; ++i) {
    connection.send(raw_get("/healthz"));
    const RawResponse response = connection.receive();
    ASSERT_EQ(response.body, kOk);
    ASSERT_EQ(response.header("Connection"), "keep-alive");
  }
  connection.send("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(connection.receive().header("Connection"), "close");
  EXPECT_TRUE(connection.ended());
}

TEST(HttpConnections, OfHttp10EndUnlessAskedOtherwise) {
  DirectoryServer server;
  RawConnection plain(server.port());
  plain.send("GET /healthz HTTP/1.0\r\n\r\n");
  EXPECT_EQ(plain.receive().body, kOk);
  EXPECT_TRUE(plain.ended());
  RawConnection kept(server.port());
  for (int i = 0; i < 2; ++i) {
    kept.send("GET /healthz HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
    EXPECT_EQ(kept.receive().body, kOk);
  }
}

TEST(HttpConnections, AnswerPipelinedRequestsInOrder) {
  DirectoryServer server;
  RawConnection connection(server.port());
  connection.send(raw_get("/healthz") + raw_get("/nowhere") + raw_get("/healthz"));
  EXPECT_EQ(connection.receive().status, 200);
  EXPECT_EQ(connection.receive().status, 404);
  EXPECT_EQ(connection.receive().status, 200);
}

TEST(HttpConnections, TakeChunksAndExpectations) {
  DirectoryServer server;
  const std::string token = server.log_in("ana");
  RawConnection chunked(server.port());
  chunked.send("POST /heartbeat HTTP/1.1\r\nAuthorization: Bearer " + token +
               "\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"pee\r\n10\r\nr_ip\":"
               "\"10.0.0.1\"\r\n1\r\n}\r\n0\r\n\r\n");
  EXPECT_EQ(chunked.receive().status, 200);
  RawConnection careful(server.port());
  careful.send("POST /heartbeat HTTP/1.1\r\nAuthorization: Bearer " + token +
               "\r\nExpect: 100-continue\r\nContent-Length: 22\r\n\r\n");
  EXPECT_EQ(careful.receive().status, 100);
  careful.send("{\"peer_ip\":\"10.0.0.1\"}");
  EXPECT_EQ(careful.receive().status, 200);
}

TEST(HttpConnections, ABodyOnAGetIsReadAndIgnored) {
  DirectoryServer server;
  RawConnection connection(server.port());
  connection.send("GET /healthz HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello" + raw_get("/healthz"));
  EXPECT_EQ(connection.receive().body, kOk);
  EXPECT_EQ(connection.receive().body, kOk);
}

TEST(HttpConnections, APostWithoutLengthHasNoBody) {
  DirectoryServer server;
  EXPECT_EQ(exchange(server.port(), "POST /login HTTP/1.1\r\n\r\n").status, 400);
}

// The answer arrives although the client is still sending when it is given.
TEST(HttpConnections, ALargeBodyGetsItsAnswer) {
  HttpLimits limits;
  limits.times.request = milliseconds(60'000);  // also on a very busy machine
  DirectoryServer server({}, limits);
  const std::string large(9 * 1024 * 1024, ' ');
  const RawResponse response = exchange(server.port(), raw_post("/login", large));
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.json()["code"], "invalid_argument");
}

TEST(HttpConnections, RubbishGetsAnAnswerAndTheEnd) {
  DirectoryServer server;
  for (const auto& [bytes, status] :
       {std::pair(std::string("hello\r\n\r\n"), 400),
        std::pair("GET / HTTP/1.1\r\nA: " + std::string(20'000, 'a') + "\r\n\r\n", 431),
        std::pair("GET /" + std::string(9'000, 'a') + " HTTP/1.1\r\n\r\n", 414),
        std::pair(std::string("GET / HTTP/3.0\r\n\r\n"), 505)}) {
    RawConnection connection(server.port());
    connection.send(bytes);
    const RawResponse response = connection.receive();
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.json().size(), 3U) << response.body;
    connection.finish();
    EXPECT_TRUE(connection.ended());
  }
}

TEST(HttpConnections, ClientsThatLeaveEarlyDoNoHarm) {
  DirectoryServer server;
  for (const std::string& bytes : {std::string(), std::string("GE"), raw_get("/healthz"),
                                   std::string("POST /login HTTP/1.1\r\nContent-Length: 9\r\n\r\n"),
                                   std::string("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n{")}) {
    for (int i = 0; i < 10; ++i) RawConnection(server.port()).send(bytes);
  }
  EXPECT_EQ(exchange(server.port(), raw_get("/healthz")).body, kOk);
}

TEST(HttpConnections, IdleOnesStopNobody) {
  DirectoryServer server;
  std::vector<std::unique_ptr<RawConnection>> idle;
  for (int i = 0; i < 100; ++i) {
    idle.push_back(std::make_unique<RawConnection>(server.port()));
    idle.back()->send(i % 2 == 0 ? raw_get("/healthz") : "GET /hea");
  }
  EXPECT_EQ(exchange(server.port(), raw_get("/healthz")).body, kOk);
  EXPECT_EQ(idle.front()->receive().body, kOk);
}

TEST(HttpConnections, SlowRequestsAreCutOff) {
  HttpLimits limits;
  limits.times.request = milliseconds(150);
  DirectoryServer server({}, limits);
  RawConnection connection(server.port());
  connection.send("POST /login HTTP/1.1\r\nContent-Length: 10\r\n\r\n{");
  const RawResponse response = connection.receive();
  EXPECT_EQ(response.status, 408);
  EXPECT_EQ(response.json()["code"], "deadline_exceeded");
  EXPECT_TRUE(connection.ended());
}

TEST(HttpConnections, IdleOnesEndAfterAWhile) {
  HttpLimits limits;
  limits.times.idle = milliseconds(100);
  DirectoryServer server({}, limits);
  RawConnection silent(server.port());
  EXPECT_TRUE(silent.ended());
  // On a busy machine the time may be over before the request is even sent.
  bool answered = false;
  for (int tries = 0; tries < 100 && !answered; ++tries) {
    RawConnection used(server.port());
    used.send(raw_get("/healthz"));
    answered = used.receive().body == kOk;
    EXPECT_TRUE(used.ended());
  }
  EXPECT_TRUE(answered);
}

TEST(HttpConnections, StoppingWaitsForNoIdleClient) {
  DirectoryServer server;
  RawConnection idle(server.port());
  idle.send(raw_get("/healthz"));
  EXPECT_EQ(idle.receive().body, kOk);
  RawConnection stalled(server.port());
  stalled.send("POST /login HTTP/1.1\r\nContent-Length: 10\r\n\r\n{");
  std::thread reader([&] {
    const RawResponse response = stalled.receive();
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.json()["code"], "unavailable");
    EXPECT_TRUE(response.header("Retry-After"));
    EXPECT_EQ(response.header("Connection"), "close");
    EXPECT_TRUE(stalled.ended());
    stalled.finish();
  });
  const auto before = std::chrono::steady_clock::now();
  server.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
  reader.join();
  EXPECT_TRUE(idle.ended());
  EXPECT_FALSE(RawConnection(server.port()).connected());
}

// Tests decide when a client sends its last bytes, not the time that passes.
HttpLimits patient() {
  HttpLimits limits;
  limits.times.last_idle = limits.times.last_request = milliseconds(60'000);
  return limits;
}

TEST(HttpConnections, ARequestStillArrivingAtTheStopIsAnswered) {
  DirectoryServer server(testing::open_rules(), patient());
  const std::string request =
      raw_post("/login", R"({"username":"ana","password":"pw","peer_ip":"10.0.0.1"})");
  RawConnection halfway(server.port());
  halfway.send(request.substr(0, request.size() - 20));
  RawConnection silent(server.port());
  std::thread stopping([&] { server.stop(); });
  while (RawConnection(server.port()).connected()) std::this_thread::yield();
  for (const auto& [connection, rest] :
       {std::pair(&halfway, request.substr(request.size() - 20)), std::pair(&silent, request)}) {
    connection->send(rest);
    const RawResponse response = connection->receive();
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.header("Connection"), "close");
    EXPECT_TRUE(connection->ended());
    connection->finish();
  }
  stopping.join();
}

class Healthy final : public HttpHandler {
 public:
  RequestClass classify(const HttpRequest&) const override { return {Lane::kRead, false}; }
  HttpResponse handle(const HttpRequest&) override { return {200, kOk, {}}; }
};

TEST(HttpConnections, WhoWaitsInTheBacklogAtTheStopIsAnswered) {
  Healthy handler;
  const Log log(LogLevel::kOff, LogFormat::kText);
  Result<Listener> listener = listen_on("127.0.0.1", 0);
  ASSERT_TRUE(listener.ok());
  HttpMetrics metrics;
  HttpServer server(std::move(*listener), patient(), {handler, log, metrics});
  std::vector<std::unique_ptr<RawConnection>> waiting;
  for (int i = 0; i < 20; ++i) {
    waiting.push_back(std::make_unique<RawConnection>(server.port()));
    waiting.back()->send(raw_get("/healthz"));
  }
  std::thread stopping([&] { server.stop(); });  // it was never started
  for (const auto& each : waiting) {
    EXPECT_EQ(each->receive().body, kOk);
    each->finish();
  }
  stopping.join();
}

TEST(HttpConnections, ManyAtOnceAreAllAnswered) {
  DirectoryServer server;
  const std::string token = server.log_in("ana");
  std::atomic<int> answered = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 64; ++i) {
    clients.emplace_back([&] {
      RawConnection connection(server.port());
      for (int round = 0; round < 10; ++round) {
        connection.send(raw_get("/stats", token));
        if (connection.receive().status == 200) ++answered;
      }
    });
  }
  for (std::thread& each : clients) each.join();
  EXPECT_EQ(answered, 640);
}

TEST(Listener, RefusesAPortInUse) {
  const Result<Listener> first = listen_on("127.0.0.1", 0);
  ASSERT_TRUE(first.ok());
  const Result<Listener> second = listen_on("127.0.0.1", first->port);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, Code::kAlreadyExists);
  EXPECT_NE(second.error().message.find(std::to_string(first->port)), std::string::npos);
  EXPECT_FALSE(listen_on("0.0.0.0", first->port).ok());
  EXPECT_FALSE(listen_on("192.0.2.1", 0).ok());  // nobody's address
}

}  // namespace
}  // namespace trueque
