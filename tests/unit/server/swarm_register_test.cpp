// Who fetches what, by a clock moved by hand.
#include "server/core/swarm_register.h"

#include <gtest/gtest.h>

#include "tests/support/directory_fixture.h"

namespace trueque {
namespace {

using std::chrono::seconds;
using testing::content_id;
using testing::ManualClock;
using Peers = std::vector<PeerKey>;

PeerKey peer(std::uint16_t port) { return {"ana", "10.0.0.1", port}; }
Content content(std::uint8_t first, std::uint64_t size = 5) { return {size, content_id(first)}; }

struct Fixture {
  Peers join(std::uint16_t port, const Content& what) {
    return swarms.join(peer(port), what).value_or({peer(9999)});
  }
  ManualClock clock;
  SwarmRegister swarms{clock};
};

TEST(SwarmRegister, GivesTheOthersThoseHeardFromLastFirst) {
  Fixture f;
  EXPECT_EQ(f.join(1, content(1)), Peers());
  EXPECT_EQ(f.join(2, content(1)), Peers{peer(1)});
  EXPECT_EQ(f.join(3, content(1)), (Peers{peer(2), peer(1)}));
  EXPECT_EQ(f.join(1, content(1)), (Peers{peer(3), peer(2)}));
  EXPECT_EQ(f.join(2, content(1)), (Peers{peer(1), peer(3)}));
  EXPECT_EQ(f.join(2, content(2)), Peers());
  EXPECT_EQ(f.join(3, content(1, 6)), Peers()) << "another size is another content";
  EXPECT_EQ(f.swarms.size(), 5U);
}

TEST(SwarmRegister, ForgetsWhatIsNotSaidAgain) {
  Fixture f;
  f.join(1, content(1));
  f.clock.advance(seconds(15));
  f.join(2, content(1));
  f.clock.advance(kSwarmLease - seconds(16));
  EXPECT_EQ(f.join(3, content(1)), (Peers{peer(2), peer(1)}));
  f.clock.advance(seconds(1));
  EXPECT_EQ(f.join(3, content(1)), Peers{peer(2)});
  f.join(2, content(1));
  f.clock.advance(kSwarmLease - seconds(1));
  EXPECT_EQ(f.join(3, content(1)), Peers{peer(2)}) << "said again";
  f.clock.advance(kSwarmLease);
  EXPECT_TRUE(f.swarms.sweep(1000));
  EXPECT_EQ(f.swarms.size(), 0U);
}

TEST(SwarmRegister, LeavingAndGoingTakeAPeerOut) {
  Fixture f;
  f.join(1, content(1));
  f.join(1, content(2));
  f.join(2, content(1));
  f.swarms.leave(peer(1), content(1));
  f.swarms.leave(peer(1), content(1));
  f.swarms.leave(peer(7), content(1));
  EXPECT_EQ(f.join(3, content(1)), Peers{peer(2)});
  EXPECT_EQ(f.join(3, content(2)), Peers{peer(1)});
  f.swarms.forget(peer(3));
  f.swarms.forget(peer(3));
  EXPECT_EQ(f.swarms.size(), 2U);
  EXPECT_EQ(f.join(1, content(1)), Peers{peer(2)});
}

TEST(SwarmRegister, TellsSoManyAtMost) {
  Fixture f;
  for (std::uint16_t port = 1; port <= kMaxPeersOfASwarm + 10; ++port) f.join(port, content(1));
  const Peers others = f.join(5, content(1));
  ASSERT_EQ(others.size(), kMaxPeersOfASwarm);
  EXPECT_EQ(others.front(), peer(kMaxPeersOfASwarm + 10));
  EXPECT_EQ(others.back(), peer(11));
}

TEST(SwarmRegister, APeerIsInSoManySwarmsAtMost) {
  Fixture f;
  for (std::uint64_t i = 0; i < kMaxSwarmsOfAPeer; ++i) {
    ASSERT_TRUE(f.swarms.join(peer(1), content(1, i)).ok());
  }
  const Content one_more = content(2);
  EXPECT_EQ(f.swarms.join(peer(1), one_more).error().code, Code::kResourceExhausted);
  EXPECT_TRUE(f.swarms.join(peer(1), content(1, 3)).ok()) << "it is in that one";
  EXPECT_TRUE(f.swarms.join(peer(2), one_more).ok()) << "others have room";
  f.swarms.leave(peer(1), content(1, 0));
  EXPECT_TRUE(f.swarms.join(peer(1), one_more).ok());
  EXPECT_EQ(f.swarms.join(peer(1), content(3)).error().code, Code::kResourceExhausted);
  f.clock.advance(kSwarmLease);
  EXPECT_TRUE(f.swarms.join(peer(1), content(3)).ok()) << "what it let go does not count";
}

TEST(SwarmRegister, SweepsOldOnesAFewAtATime) {
  Fixture f;
  for (std::uint16_t port = 1; port <= 100; ++port) f.join(port, content(1));
  f.clock.advance(kSwarmLease);
  f.join(200, content(1));
  EXPECT_LT(f.swarms.size(), 100U) << "a join takes some away";
  EXPECT_GT(f.swarms.size(), 50U) << "and not all";
  EXPECT_FALSE(f.swarms.sweep(10));
  EXPECT_TRUE(f.swarms.sweep(1000));
  EXPECT_EQ(f.swarms.size(), 1U);
}

}  // namespace
}  // namespace trueque
