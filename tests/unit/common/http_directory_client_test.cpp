// The client against a directory that answers exactly as the original was
// recorded, and against ones that answer rubbish.
#include "common/directory/http_directory_client.h"

#include <gtest/gtest.h>

#include "tests/support/recorded_wire.h"
#include "tests/support/stand_in_server.h"

namespace trueque {
namespace {

using testing::StandInServer;

const PeerKey kAna{"ana", "10.0.0.1", 50051};

HttpDirectoryClient client_of(const StandInServer& server) {
  return HttpDirectoryClient({"127.0.0.1", server.port()});
}

std::string answer(const std::string& status, const std::string& body,
                   const std::string& headers = "") {
  return "HTTP/1.1 " + status + "\r\nConnection: close\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST(HttpDirectoryClient, NeedsNoMoreThanTheOriginalSends) {
  std::vector<std::string> answers;
  for (const auto& each :
       testing::read_recorded_wire(std::string(TRUEQUE_TEST_DATA) + "/original/original-wire.txt"))
    answers.push_back(each.response.head + each.response.body);
  ASSERT_EQ(answers.size(), 5U);
  StandInServer original(answers);
  HttpDirectoryClient client = client_of(original);

  const auto login = client.log_in({"ana", "secreto"}, "10.0.0.1", 50051);
  ASSERT_TRUE(login.ok()) << login.error().message;
  EXPECT_EQ(login->peer, kAna);
  EXPECT_EQ(login->token, "");
  EXPECT_EQ(login->terms.lease, std::chrono::seconds(45));

  const std::vector<SharedFile> files = {{"a.txt", {}}, {"b.txt", {}}};
  const auto indexed = client.index_files("", kAna, files, IndexMode::kAdd);
  ASSERT_TRUE(indexed.ok());
  EXPECT_EQ(*indexed, std::nullopt);

  const auto found = client.find_by_name("", "a.txt", 50);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->front().peer_name, "ana");
  EXPECT_EQ(found->front().peer_ip, "10.0.0.1");
  EXPECT_EQ(found->front().peer_port, std::nullopt);
  EXPECT_EQ(found->front().file, (SharedFile{"a.txt", std::nullopt}));
  EXPECT_EQ(found->front().download_link, "http://10.0.0.1/download/ana/a.txt");

  EXPECT_TRUE(client.index_files("", kAna, {}, IndexMode::kAdd).ok());
  EXPECT_TRUE(client.log_out("", kAna).ok());
  // What the original reads of each request is there, plainly.
  const auto requests = original.requests();
  ASSERT_EQ(requests.size(), 5U);
  EXPECT_TRUE(requests[1].starts_with("POST /indexFiles HTTP/1.1\r\n"));
  EXPECT_NE(requests[1].find(R"("peer_files":["a.txt","b.txt"])"), std::string::npos);
  EXPECT_NE(requests[2].find(R"({"file_name":"a.txt"})"), std::string::npos);
  for (const std::string& request : requests) {
    EXPECT_NE(request.find("Content-Type: application/json\r\n"), std::string::npos);
    EXPECT_EQ(request.find("Authorization"), std::string::npos);
  }
}

TEST(HttpDirectoryClient, TakesErrorsAsTheyCome) {
  struct Row {
    std::string answer;
    Code code;
    std::string message;
  };
  const std::vector<Row> table = {
      {answer("404 NOT FOUND", R"({"error":"File not found."})"), Code::kNotFound,
       "File not found."},
      {answer("404 NOT FOUND", R"({"message":"Peer IP not found."})"), Code::kNotFound,
       "Peer IP not found."},
      {answer("403 Forbidden", R"({"code":"unauthenticated","message":"m","error":"e"})"),
       Code::kUnauthenticated, "m"},
      {answer("409 Conflict", R"({"code":"who knows","message":""})"), Code::kFailedPrecondition,
       "409"},
      {answer("401 X", ""), Code::kUnauthenticated, "401"},
      {answer("422 X", "[]"), Code::kInvalidArgument, "422"},
      {answer("429 X", "<html>"), Code::kResourceExhausted, "429"},
      {answer("500 X", "<html>"), Code::kInternal, "500"},
      {answer("301 X", ""), Code::kInternal, "301"},
      {answer("503 X", R"({"message":5})"), Code::kUnavailable, "503"},
      {answer("200 OK", "<html>"), Code::kUnavailable, "127.0.0.1:"},
      {"SSH-2.0-OpenSSH_9.2\r\n", Code::kUnavailable, "127.0.0.1:"},
      {"", Code::kUnavailable, "127.0.0.1:"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}", Code::kUnavailable, "127.0.0.1:"},
  };
  std::vector<std::string> answers;
  for (const Row& row : table) answers.push_back(row.answer);
  StandInServer server(answers);
  HttpDirectoryClient client = client_of(server);
  for (const Row& row : table) {
    SCOPED_TRACE(row.answer);
    const auto result = client.find_by_name("t", "a", 50);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, row.code) << result.error().message;
    EXPECT_NE(result.error().message.find(row.message), std::string::npos)
        << result.error().message;
  }
}

TEST(HttpDirectoryClient, PassesOnHowLongToWait) {
  StandInServer server({answer("429 X", "{}", "Retry-After: 30\r\n"),
                        answer("503 X", "{}", "Retry-After: soon\r\n")});
  HttpDirectoryClient client = client_of(server);
  EXPECT_EQ(client.peers("t").error().retry_after, std::chrono::seconds(30));
  EXPECT_EQ(client.peers("t").error().retry_after, std::nullopt);
}

TEST(HttpDirectoryClient, LeavesOutRowsThatMakeNoSense) {
  const std::string body = R"([5, {}, {"file_name":"a"}, {"file_name":"a","peer_ip":""},
    {"file_name":"a","peer_ip":"h","peer_port":70000},
    {"file_name":"a","peer_ip":"h","size":5},
    {"file_name":"a","peer_ip":"h","size":-5,"content_id":"00"},
    {"file_name":"ok","peer_ip":"h","peer_port":null,"size":null}])";
  StandInServer server({answer("200 OK", body), answer("200 OK", "{}")});
  HttpDirectoryClient client = client_of(server);
  const auto found = client.find_by_name("t", "a", 50);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->front().file.name, "ok");
  EXPECT_TRUE(client.find_by_name("t", "a", 50).value().empty());
}

TEST(HttpDirectoryClient, SaysWhomItCouldNotReach) {
  std::uint16_t port = 0;
  {
    const StandInServer gone({});
    port = gone.port();
  }
  HttpDirectoryClient client({"127.0.0.1", port});
  const auto result = client.log_in({"ana", "pw"}, "10.0.0.1", 50051);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, Code::kUnavailable);
  EXPECT_NE(result.error().message.find("127.0.0.1:" + std::to_string(port)), std::string::npos);
}

TEST(HttpDirectoryClient, EncodesWordsAndCursor) {
  StandInServer server({answer("200 OK", R"({"files":[],"next":null})")});
  EXPECT_TRUE(client_of(server).search("tok", "a b&c=d/é", 7, "x+y").ok());
  const std::string request = server.requests().front();
  EXPECT_TRUE(
      request.starts_with("GET /search?q=a%20b%26c%3Dd/%C3%A9&limit=7&cursor=x%2By HTTP/1.1\r\n"))
      << request;
  EXPECT_NE(request.find("Authorization: Bearer tok\r\n"), std::string::npos);
}

TEST(HttpDirectoryClient, TellsADirectoryWithoutListingsFromOneThatFailed) {
  const std::string ours =
      R"({"error":"There is nothing at /findFiles.","code":"not_found","message":"There is nothing"})";
  const std::pair<std::string, Code> rows[] = {
      {answer("404 NOT FOUND", ours), Code::kUnimplemented},
      {answer("404 NOT FOUND", "<!doctype html>"), Code::kUnimplemented},
      {answer("405 METHOD NOT ALLOWED", "<!doctype html>"), Code::kUnimplemented},
      {answer("501 X", ""), Code::kUnimplemented},
      {answer("401 X", "{}"), Code::kUnauthenticated},
      {answer("422 X", "{}"), Code::kInvalidArgument},
      {answer("503 X", "{}"), Code::kUnavailable},
  };
  std::vector<std::string> answers;
  for (const auto& row : rows) answers.push_back(row.first);
  answers.push_back(answer("200 OK", R"({"files":[],"next":null})"));
  StandInServer server(answers);
  HttpDirectoryClient client = client_of(server);
  FileQuery query;
  query.folder = "p";
  for (const auto& [text, code] : rows) {
    EXPECT_EQ(client.find_files("tok", query).error().code, code) << text;
  }
  EXPECT_TRUE(client.find_files("tok", query).value().files.empty());
  EXPECT_TRUE(server.requests().front().starts_with("POST /findFiles HTTP/1.1\r\n"));
  EXPECT_TRUE(server.requests().front().ends_with(R"({"folder":"p"})"));
}

TEST(HttpDirectoryClient, TellsADirectoryWithoutSwarms) {
  const std::string gone = answer("404 NOT FOUND", "<!doctype html>");
  StandInServer server({gone, gone, answer("401 X", "{}"), answer("200 OK", R"({"message":"m"})")});
  HttpDirectoryClient client = client_of(server);
  const Content content{5, {}};
  EXPECT_EQ(client.join_swarm("tok", kAna, content).error().code, Code::kUnimplemented);
  EXPECT_EQ(client.leave_swarm("tok", kAna, content).error().code, Code::kUnimplemented);
  EXPECT_EQ(client.join_swarm("tok", kAna, content).error().code, Code::kUnauthenticated);
  EXPECT_TRUE(client.leave_swarm("tok", kAna, content).ok());
  EXPECT_TRUE(server.requests()[0].starts_with("POST /joinSwarm HTTP/1.1\r\n"));
  EXPECT_TRUE(server.requests()[1].starts_with("POST /leaveSwarm HTTP/1.1\r\n"));
}

TEST(DirectoryUrl, IsParsedOrRefusedWithAReason) {
  struct Row {
    const char* url;
    const char* host;  // none: refused
    std::uint16_t port;
  };
  for (const Row& row : {Row{"http://127.0.0.1:5000", "127.0.0.1", 5000},
                         Row{"http://Directory:5000/", "directory", 5000},
                         Row{"http://[::1]:80", "::1", 80},
                         Row{"http://[FE80::1]", "fe80::1", 80},
                         Row{"http://host", "host", 80},
                         Row{"https://host:5000", nullptr, 0},
                         Row{"host:5000", nullptr, 0},
                         Row{"", nullptr, 0},
                         Row{"http://", nullptr, 0},
                         Row{"http://:5000", nullptr, 0},
                         Row{"http://host:", nullptr, 0},
                         Row{"http://host:0", nullptr, 0},
                         Row{"http://host:70000", nullptr, 0},
                         Row{"http://host:5000x", nullptr, 0},
                         Row{"http://host:5000/path", nullptr, 0},
                         Row{"http://user@host:5000", nullptr, 0},
                         Row{"http://::1:5000", nullptr, 0},
                         Row{"http://[::1", nullptr, 0},
                         Row{"http://[host]:5000", nullptr, 0},
                         Row{"http://[::1]5000", nullptr, 0},
                         Row{"ftp://host:5000", nullptr, 0}}) {
    SCOPED_TRACE(row.url);
    const Result<DirectoryEndpoint> endpoint = parse_directory_url(row.url);
    ASSERT_EQ(endpoint.ok(), row.host != nullptr);
    if (row.host == nullptr) {
      EXPECT_FALSE(endpoint.error().message.empty());
      continue;
    }
    EXPECT_EQ(endpoint->host, row.host);
    EXPECT_EQ(endpoint->port, row.port);
  }
}

}  // namespace
}  // namespace trueque
