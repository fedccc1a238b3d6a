// Who may say that a peer fetches something, and when a peer is in no swarm any more.
#include <gtest/gtest.h>

#include "tests/support/directory_fixture.h"

namespace trueque {
namespace {

using testing::content_id;
using testing::DirectoryFixture;
using testing::open_mode;
using Peers = std::vector<PeerKey>;

const PeerReference kHere{"10.0.0.1", std::nullopt};
const PeerReference kThere{"10.0.0.2", std::nullopt};
const Content kContent{5, content_id(1)};

Peers others(DirectoryFixture& d, const Caller& caller, const PeerReference& peer) {
  const auto reply = d.directory.join_swarm(caller, peer, kContent);
  EXPECT_TRUE(reply.ok());
  return reply.ok() ? reply->peers : Peers();
}

TEST(DirectorySwarms, APeerSaysWhatItFetchesItselfAlone) {
  DirectoryFixture d;
  const Caller ana = d.logged_in("ana", "10.0.0.1");
  const Caller bob = d.logged_in("bob", "10.0.0.2", 7);
  EXPECT_EQ(others(d, ana, kHere), Peers());
  EXPECT_EQ(others(d, bob, kThere), (Peers{{"ana", "10.0.0.1", 50051}}));
  EXPECT_EQ(d.directory.join_swarm(ana, kHere, kContent)->renew, kSwarmRenewal);
  EXPECT_EQ(d.directory.join_swarm(bob, kHere, kContent).error().code, Code::kPermissionDenied);
  EXPECT_EQ(d.directory.leave_swarm(bob, kHere, kContent).error().code, Code::kPermissionDenied);
  const Caller nobody{std::nullopt, "192.0.2.9"};
  EXPECT_EQ(d.directory.join_swarm(nobody, kHere, kContent).error().code, Code::kUnauthenticated);
  EXPECT_EQ(d.directory.leave_swarm(nobody, kHere, kContent).error().code, Code::kUnauthenticated);
  const Content huge{1ULL << 53U, content_id(1)};
  EXPECT_TRUE(d.directory.join_swarm(ana, kHere, huge).error().message.starts_with("'size' "));
  EXPECT_TRUE(d.directory.leave_swarm(ana, kHere, kContent).ok());
  EXPECT_TRUE(d.directory.leave_swarm(ana, kHere, kContent).ok()) << "it has left";
  EXPECT_EQ(others(d, bob, kThere), Peers());
}

TEST(DirectorySwarms, WithoutATokenAnOpenDirectoryTakesTheAddress) {
  DirectoryFixture d(open_mode());
  const Caller nobody{std::nullopt, "192.0.2.9"};
  EXPECT_EQ(d.directory.join_swarm(nobody, kHere, kContent).error().code, Code::kNotFound);
  d.logged_in("ana", "10.0.0.1");
  d.logged_in("bob", "10.0.0.2");
  EXPECT_EQ(others(d, nobody, kHere), Peers());
  EXPECT_EQ(others(d, nobody, kThere), (Peers{{"ana", "10.0.0.1", 50051}}));
}

TEST(DirectorySwarms, APeerThatLogsOutIsInNone) {
  DirectoryFixture d;
  const Caller menu = d.logged_in("ana", "10.0.0.1");
  const Caller beside = d.logged_in("ana", "10.0.0.1");
  const Caller bob = d.logged_in("bob", "10.0.0.2");
  others(d, menu, kHere);
  ASSERT_TRUE(d.directory.log_out(menu, kHere).ok());
  EXPECT_EQ(others(d, bob, kThere).size(), 1U) << "its other session is open";
  ASSERT_TRUE(d.directory.log_out(beside, kHere).ok());
  EXPECT_EQ(others(d, bob, kThere), Peers());
}

TEST(DirectorySwarms, APeerWhoseLeaseEndsIsInNone) {
  DirectoryRules rules;
  rules.terms.lease = std::chrono::seconds(20);  // before the swarm would forget it
  DirectoryFixture d(rules);
  const Caller ana = d.logged_in("ana", "10.0.0.1");
  const Caller bob = d.logged_in("bob", "10.0.0.2");
  ASSERT_TRUE(d.directory.heartbeat(ana, kHere).ok());
  d.clock.advance(std::chrono::seconds(15));
  ASSERT_TRUE(d.directory.expire().ok());
  others(d, ana, kHere);
  d.clock.advance(std::chrono::seconds(5));
  ASSERT_EQ(d.directory.expire().value().size(), 1U);
  EXPECT_EQ(others(d, bob, kThere), Peers());
}

}  // namespace
}  // namespace trueque
