// A client of several directories that share their state.
#include <gtest/gtest.h>

#include "common/directory/http_directory_client.h"
#include "tests/support/stand_in_server.h"

namespace trueque {
namespace {

using testing::StandInServer;
using Endpoints = std::vector<DirectoryEndpoint>;

const char* const kPeers =
    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 12\r\n\r\n{\"peers\":[]}";
const char* const kBusy =
    "HTTP/1.1 503 X\r\nConnection: close\r\nRetry-After: 2\r\nContent-Length: 2\r\n\r\n{}";
const char* const kRefused = "HTTP/1.1 401 X\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}";

DirectoryEndpoint nobody() {
  const StandInServer gone({});
  return {"127.0.0.1", gone.port()};
}

DirectoryEndpoint at(const StandInServer& server) { return {"127.0.0.1", server.port()}; }

TEST(DirectoryReplicas, TheNextIsAskedAtOnceAndRemembered) {
  StandInServer first({kBusy}), last({kPeers, kPeers});
  HttpDirectoryClient client(Endpoints{at(first), nobody(), at(last)});
  EXPECT_TRUE(client.peers("t").ok());
  EXPECT_TRUE(client.peers("t").ok());
  EXPECT_EQ(first.requests().size(), 1U);
  EXPECT_EQ(last.requests().size(), 2U);
}

TEST(DirectoryReplicas, WhenTheGoodOneGoesAllOthersAreTried) {
  StandInServer first({kBusy, kPeers}), last({kPeers, kBusy});
  HttpDirectoryClient client(Endpoints{at(first), at(last)});
  EXPECT_TRUE(client.peers("t").ok());
  EXPECT_TRUE(client.peers("t").ok()) << "from the last one round to the first";
  EXPECT_EQ(first.requests().size(), 2U);
}

TEST(DirectoryReplicas, AnAnswerIsAnAnswerThoughItIsNo) {
  StandInServer first({kRefused}), last({kPeers});
  HttpDirectoryClient client(Endpoints{at(first), at(last)});
  EXPECT_EQ(client.peers("t").error().code, Code::kUnauthenticated);
  EXPECT_TRUE(last.requests().empty());
  EXPECT_TRUE(HttpDirectoryClient(at(last)).peers("t").ok());
}

TEST(DirectoryReplicas, WhenNoneCanBeUsedThatIsSaid) {
  HttpDirectoryClient client(Endpoints{nobody(), nobody()});
  const auto result = client.peers("t");
  EXPECT_EQ(result.error().code, Code::kUnavailable);
  EXPECT_NE(result.error().message.find("other directories"), std::string::npos);
}

TEST(DirectoryReplicas, ListsAreReadAsTheyAreWritten) {
  EXPECT_EQ(parse_directory_urls("http://a:1, http://[::1]:2").value(),
            (Endpoints{{"a", 1}, {"::1", 2}}));
  EXPECT_EQ(parse_directory_hosts("a, b:2 ,[::1]:3,10.0.0.1", 5000).value(),
            (Endpoints{{"a", 5000}, {"b", 2}, {"::1", 3}, {"10.0.0.1", 5000}}));
  for (const char* list : {"", "a,", ",a", "a:0", "::1", "a b", "http://a"})
    EXPECT_FALSE(parse_directory_hosts(list, 5000).ok()) << list;
  for (const char* list : {"", "a:1", "http://a:1,", "http://a:1;http://b:1"})
    EXPECT_FALSE(parse_directory_urls(list).ok()) << list;
}

}  // namespace
}  // namespace trueque
