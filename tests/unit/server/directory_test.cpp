// Who may do what, in both modes.
#include "server/core/directory.h"

#include <gtest/gtest.h>

#include "tests/support/directory_fixture.h"

namespace trueque {
namespace {

using testing::closed_registration;
using testing::DirectoryFixture;
using testing::open_mode;
using testing::placeholder;
using testing::real_file;

const Caller kNobody{std::nullopt, "192.0.2.9"};

template <typename T>
Code code_of(const Result<T>& result) {
  EXPECT_FALSE(result.ok());
  return result.ok() ? Code::kInternal : result.error().code;
}

template <typename T>
std::string message_of(const Result<T>& result) {
  return result.ok() ? "no error" : result.error().message;
}

TEST(Directory, ALoginTellsThePeerItsTokenAndTerms) {
  DirectoryFixture d;
  const auto reply = d.log_in("ana", "2001:DB8:0::1", 7000);
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  EXPECT_EQ(reply->peer, (PeerKey{"ana", "2001:db8::1", 7000}));
  EXPECT_EQ(reply->token.size(), 64U);
  EXPECT_EQ(reply->terms.heartbeat, std::chrono::seconds(15));
  EXPECT_EQ(reply->terms.lease, std::chrono::seconds(45));
  EXPECT_NE(reply->token, d.log_in("ana", "2001:db8::1", 7000)->token);
}

TEST(Directory, WhatIsIndexedIsFoundUntilTheLastSessionEnds) {
  DirectoryFixture d;
  const Caller first = d.logged_in("ana");
  const Caller second = d.logged_in("ana");
  const std::vector<SharedFile> files = {real_file("docs/a b.txt", 3, 1), placeholder("c")};
  EXPECT_EQ(d.directory.index_files(first, {"10.0.0.1", {}}, files, IndexMode::kAdd).value_or(0),
            2U);
  EXPECT_EQ(d.directory.log_out(first, {"10.0.0.1", {}}).value_or(""), "10.0.0.1");
  const auto sources = d.directory.find_by_name(second, "a b.txt", 50);
  ASSERT_TRUE(sources.ok()) << sources.error().message;
  ASSERT_EQ(sources->size(), 1U);
  EXPECT_EQ(sources->front().download_link, "http://10.0.0.1/download/ana/docs/a%20b.txt");
  EXPECT_EQ(sources->front().peer_port, 50051);
  EXPECT_EQ(sources->front().file, files[0]);
  ASSERT_TRUE(d.directory.log_out(second, {"10.0.0.1", {}}).ok());
  const Caller other = d.logged_in("bob");
  EXPECT_EQ(message_of(d.directory.find_by_name(other, "a b.txt", 50)), "File not found.");
}

TEST(Directory, PasswordModeWantsATokenForEverythingButALogin) {
  DirectoryFixture d;
  for (const Caller& caller : {kNobody, Caller{"", "192.0.2.1"}, Caller{"00ff", "192.0.2.1"}}) {
    EXPECT_EQ(code_of(d.directory.log_out(caller, {"10.0.0.1", {}})), Code::kUnauthenticated);
    EXPECT_EQ(code_of(d.directory.index_files(caller, {"10.0.0.1", {}}, {}, IndexMode::kAdd)),
              Code::kUnauthenticated);
    EXPECT_EQ(code_of(d.directory.find_by_name(caller, "a", 50)), Code::kUnauthenticated);
    EXPECT_EQ(code_of(d.directory.find_by_content(caller, {}, 50)), Code::kUnauthenticated);
    EXPECT_EQ(code_of(d.directory.heartbeat(caller, {"10.0.0.1", {}})), Code::kUnauthenticated);
    EXPECT_EQ(code_of(d.directory.search(caller, "a", 50, {})), Code::kUnauthenticated);
    EXPECT_EQ(code_of(d.directory.peers(caller)), Code::kUnauthenticated);
    EXPECT_EQ(code_of(d.directory.stats(caller)), Code::kUnauthenticated);
  }
}

}  // namespace
}  // namespace trueque
