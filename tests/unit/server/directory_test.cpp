// Who may do what in both modes, and what a valid request is.
#include "server/core/directory.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "server/core/search_cursor.h"
#include "tests/support/directory_fixture.h"

namespace trueque {
namespace {

using std::chrono::seconds;
using testing::closed_registration;
using testing::content_id;
using testing::DirectoryFixture;
using testing::kCheapHash;
using testing::open_mode;
using testing::placeholder;
using testing::real_file;

const Caller kNobody{std::nullopt, "192.0.2.9"};
const PeerReference kHere{"10.0.0.1", std::nullopt};

template <typename T>
Code code_of(const Result<T>& result) {
  EXPECT_FALSE(result.ok());
  return result.ok() ? Code::kInternal : result.error().code;
}

template <typename T>
std::string message_of(const Result<T>& result) {
  return result.ok() ? "no error" : result.error().message;
}

// An invalid argument whose sentence begins with the member it is about.
template <typename T>
void expect_blames(const Result<T>& result, const std::string& member) {
  ASSERT_FALSE(result.ok()) << member;
  EXPECT_EQ(result.error().code, Code::kInvalidArgument) << result.error().message;
  EXPECT_TRUE(result.error().message.starts_with("'" + member + "' ")) << result.error().message;
}

Result<std::uint64_t> index(DirectoryFixture& d, const Caller& caller, const PeerReference& peer,
                            const std::vector<SharedFile>& files,
                            IndexMode mode = IndexMode::kAdd) {
  return d.directory.index_files(caller, peer, files, mode);
}

TEST(Directory, ALoginTellsThePeerItsTokenAndTerms) {
  DirectoryFixture d;
  const auto reply = d.log_in("ana", "2001:DB8:0::1", 7000);
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  EXPECT_EQ(reply->peer, (PeerKey{"ana", "2001:db8::1", 7000}));
  EXPECT_EQ(reply->token.size(), 64U);
  EXPECT_EQ(reply->terms.heartbeat, seconds(15));
  EXPECT_EQ(reply->terms.lease, seconds(45));
  EXPECT_NE(reply->token, d.log_in("ana", "2001:db8::1", 7000)->token);
}

TEST(Directory, TheTokenItselfIsNotKept) {
  DirectoryFixture d;
  const std::string token = d.log_in("ana")->token;
  EXPECT_TRUE(*d.repository.find_session(hash_token(token)));
  EXPECT_NE(to_hex(hash_token(token)), token);
  EXPECT_EQ(to_hex(hash_token("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Directory, WhatIsIndexedIsFoundUntilTheLastSessionEnds) {
  DirectoryFixture d;
  const Caller first = d.logged_in("ana");
  const Caller second = d.logged_in("ana");
  const std::vector<SharedFile> files = {real_file("docs/a b.txt", 3, 1), placeholder("c")};
  EXPECT_EQ(index(d, first, kHere, files).value_or(0), 2U);
  EXPECT_EQ(d.directory.log_out(first, kHere).value_or(""), "10.0.0.1");
  const auto sources = d.directory.find_by_name(second, "a b.txt", 50);
  ASSERT_TRUE(sources.ok()) << sources.error().message;
  ASSERT_EQ(sources->size(), 1U);
  EXPECT_EQ(sources->front().peer_name, "ana");
  EXPECT_EQ(sources->front().peer_port, 50051);
  EXPECT_EQ(sources->front().file, files[0]);
  ASSERT_TRUE(d.directory.log_out(second, kHere).ok());
  const Caller other = d.logged_in("bob");
  EXPECT_EQ(code_of(d.directory.find_by_name(other, "a b.txt", 50)), Code::kNotFound);
  EXPECT_EQ(message_of(d.directory.find_by_name(other, "a b.txt", 50)), "File not found.");
  EXPECT_EQ(message_of(d.directory.find_by_content(other, content_id(1), 50)), "File not found.");
}

TEST(Directory, DownloadLinksAreEncodedAndTakeIpv6InBrackets) {
  const struct {
    const char *user, *ip, *name, *link;
  } rows[] = {
      {"ana", "10.0.0.1", "docs/a b.txt", "http://10.0.0.1/download/ana/docs/a%20b.txt"},
      {"ana", "::1", "x", "http://[::1]/download/ana/x"},
      {"a/b", "h.local", "c/d", "http://h.local/download/a%2Fb/c/d"},
      {"..", "h.local", "x", "http://h.local/download/%2E%2E/x"},
      {"a ñ", "h.local", "ñ?#", "http://h.local/download/a%20%C3%B1/%C3%B1%3F%23"},
  };
  for (const auto& row : rows) {
    DirectoryFixture d;
    const Caller caller = d.logged_in(row.user, row.ip);
    ASSERT_TRUE(index(d, caller, {row.ip, {}}, {placeholder(row.name)}).ok());
    EXPECT_EQ(d.directory.find_by_name(caller, row.name, 1)->front().download_link, row.link);
  }
}

TEST(Directory, PasswordModeWantsATokenForEverythingButALogin) {
  DirectoryFixture d;
  d.logged_in("ana");
  for (const Caller& caller : {kNobody, Caller{"", "192.0.2.1"}, Caller{"00ff", "192.0.2.1"}}) {
    EXPECT_EQ(code_of(d.directory.log_out(caller, kHere)), Code::kUnauthenticated);
    EXPECT_EQ(code_of(index(d, caller, kHere, {})), Code::kUnauthenticated);
    EXPECT_EQ(code_of(d.directory.find_by_name(caller, "a", 50)), Code::kUnauthenticated);
    EXPECT_EQ(code_of(d.directory.find_by_content(caller, {}, 50)), Code::kUnauthenticated);
    EXPECT_EQ(code_of(d.directory.heartbeat(caller, kHere)), Code::kUnauthenticated);
    EXPECT_EQ(code_of(d.directory.search(caller, "a", 50, {})), Code::kUnauthenticated);
    EXPECT_EQ(code_of(d.directory.peers(caller)), Code::kUnauthenticated);
    EXPECT_EQ(code_of(d.directory.stats(caller)), Code::kUnauthenticated);
  }
}

TEST(Directory, ATokenIsForItsOwnPeerAlone) {
  for (const DirectoryRules& rules : {DirectoryRules{}, open_mode()}) {
    DirectoryFixture d(rules);
    const Caller ana = d.logged_in("ana", "10.0.0.1", 7000);
    d.logged_in("ana", "10.0.0.1", 7001);
    d.logged_in("bob", "10.0.0.2", 7000);
    const struct {
      PeerReference peer;
      bool allowed;
    } rows[] = {
        {{"10.0.0.1", std::nullopt}, true}, {{"10.0.0.1", 7000}, true},
        {{"10.0.0.1", 7001}, false},        {{"10.0.0.2", std::nullopt}, false},
        {{"10.0.0.2", 7000}, false},        {{"10.0.0.9", std::nullopt}, false},
    };
    for (const auto& row : rows) {
      const auto beat = d.directory.heartbeat(ana, row.peer);
      const auto indexed = index(d, ana, row.peer, {placeholder("a")});
      EXPECT_EQ(beat.ok(), row.allowed) << row.peer.peer_ip;
      EXPECT_EQ(indexed.ok(), row.allowed) << row.peer.peer_ip;
      if (row.allowed) continue;
      EXPECT_EQ(code_of(beat), Code::kPermissionDenied);
      EXPECT_EQ(code_of(indexed), Code::kPermissionDenied);
      EXPECT_EQ(code_of(d.directory.log_out(ana, row.peer)), Code::kPermissionDenied);
    }
    EXPECT_EQ(d.directory.stats(ana)->files, 1U) << "and nobody else's files changed";
    EXPECT_EQ(d.directory.stats(ana)->peers, 3U);
  }
}

TEST(Directory, OpenModeChecksNoPasswordAndTakesTheLatestPeerOfTheAddress) {
  DirectoryFixture d(open_mode());
  ASSERT_TRUE(d.log_in("ana", "10.0.0.1", 7000, "one").ok());
  ASSERT_TRUE(d.log_in("ana", "10.0.0.1", 7000, "").ok());
  ASSERT_TRUE(d.log_in("eve", "10.0.0.1", 7001, "x").ok());
  ASSERT_TRUE(index(d, kNobody, kHere, {placeholder("of eve")}).ok());
  ASSERT_TRUE(index(d, kNobody, {"10.0.0.1", 7000}, {placeholder("of ana")}).ok());
  EXPECT_EQ(d.directory.find_by_name(kNobody, "of eve", 50)->front().peer_name, "eve");
  EXPECT_EQ(d.directory.find_by_name(kNobody, "of ana", 50)->front().peer_name, "ana");
  EXPECT_TRUE(d.directory.heartbeat(kNobody, kHere).ok());
  ASSERT_TRUE(d.directory.log_out(kNobody, kHere).ok());
  EXPECT_EQ(code_of(d.directory.find_by_name(kNobody, "of eve", 50)), Code::kNotFound);
  EXPECT_FALSE(*d.accounts.find("ana")) << "no account is made of a password nobody checked";
}

TEST(Directory, OpenModeAndAPeerNobodyKnows) {
  DirectoryFixture d(open_mode());
  EXPECT_EQ(d.directory.log_out(kNobody, {"Host.Local", {}}).value_or(""), "host.local");
  EXPECT_EQ(code_of(index(d, kNobody, kHere, {})), Code::kNotFound);
  EXPECT_EQ(message_of(index(d, kNobody, kHere, {})), "Peer IP not found.");
  EXPECT_EQ(code_of(d.directory.heartbeat(kNobody, kHere)), Code::kNotFound);
  expect_blames(d.directory.log_out(kNobody, {"not an address", {}}), "peer_ip");
}

TEST(Directory, ABadTokenIsRefusedInOpenModeToo) {
  DirectoryFixture d(open_mode());
  d.logged_in("ana");
  const Caller bad{"deadbeef", ""};
  EXPECT_EQ(code_of(d.directory.peers(bad)), Code::kUnauthenticated);
  EXPECT_EQ(code_of(d.directory.log_out(bad, kHere)), Code::kUnauthenticated);
}

TEST(Directory, AnAccountIsMadeAtTheFirstLoginAndItsPasswordThenCounts) {
  DirectoryFixture d;
  ASSERT_TRUE(d.log_in("ana", "10.0.0.1", 1, "right").ok());
  const auto wrong = d.log_in("ana", "10.0.0.2", 1, "wrong");
  EXPECT_EQ(code_of(wrong), Code::kUnauthenticated);
  EXPECT_TRUE(d.log_in("ana", "10.0.0.2", 1, "right").ok());
  EXPECT_EQ((*d.accounts.find("ana"))->password_hash.find("right"), std::string::npos);
}

TEST(Directory, ClosedRegistrationMakesNoAccounts) {
  DirectoryFixture d(closed_registration());
  const auto refused = d.log_in("ana");
  EXPECT_EQ(code_of(refused), Code::kPermissionDenied);
  EXPECT_NE(refused.error().message.find("main-server add-user"), std::string::npos);
  ASSERT_TRUE(add_account(d.accounts, d.hasher, "ana", "secret").ok());
  EXPECT_TRUE(d.log_in("ana").ok());
  EXPECT_EQ(code_of(d.log_in("ana", "10.0.0.1", 1, "other")), Code::kUnauthenticated);
}

TEST(Directory, AddAccountChecksWhatItIsGiven) {
  DirectoryFixture d;
  expect_blames(add_account(d.accounts, d.hasher, "", "x"), "username");
  expect_blames(add_account(d.accounts, d.hasher, "ana", ""), "password");
  ASSERT_TRUE(add_account(d.accounts, d.hasher, "ana", "x").ok());
  const Status again = add_account(d.accounts, d.hasher, "ana", "y");
  EXPECT_EQ(again.error().code, Code::kAlreadyExists);
  EXPECT_NE(again.error().message.find("'ana'"), std::string::npos);
}

// The account appears between the look-up and create(), as when two first logins race.
class RacingAccounts final : public AccountRepository {
 public:
  explicit RacingAccounts(Account winner) : winner_(std::move(winner)) {}
  Result<std::optional<Account>> find(const std::string&) const override {
    return std::exchange(looked_, true) ? std::optional(winner_) : std::optional<Account>();
  }
  Status create(const Account&) override { return make_error(Code::kAlreadyExists, "taken"); }
  Status set_password(const Account&) override { return {}; }

 private:
  Account winner_;
  mutable bool looked_ = false;
};

TEST(Directory, TheLoserOfTwoFirstLoginsNeedsTheWinnersPassword) {
  const testing::ManualClock clock;
  PasswordHasher hasher(kCheapHash, 1);
  const Account winner{"ana", hasher.hash("winner's").value()};
  for (const bool same : {true, false}) {
    MemoryDirectoryRepository repository;
    RacingAccounts accounts(winner);
    Directory directory({}, repository, accounts, hasher, clock);
    const auto reply = directory.log_in({"ana", same ? "winner's" : "another", "h", 1}, "a");
    EXPECT_EQ(reply.ok(), same);
    if (!same) {
      EXPECT_EQ(code_of(reply), Code::kUnauthenticated);
    }
  }
}

TEST(Directory, OfManyFirstLoginsAtOnceOnePasswordWins) {
  DirectoryFixture d;
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const std::string address = "192.0.2." + std::to_string(i);
      if (d.log_in("ana", "h", 1, "password " + std::to_string(i), address).ok()) ++good;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 1);
}

TEST(Directory, FiveWrongPasswordsCloseThatNameFromThatAddressAlone) {
  DirectoryFixture d;
  ASSERT_TRUE(d.log_in("ana").ok());
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(code_of(d.log_in("ana", "h", 1, "wrong")), Code::kUnauthenticated);
  }
  const auto sixth = d.log_in("ana");
  EXPECT_EQ(code_of(sixth), Code::kResourceExhausted) << "the right password too";
  EXPECT_EQ(sixth.error().retry_after, seconds(30));
  EXPECT_TRUE(d.log_in("ana", "h", 1, "secret", "192.0.2.2").ok());
  EXPECT_TRUE(d.log_in("bob").ok());
  d.clock.advance(seconds(30));
  EXPECT_TRUE(d.log_in("ana").ok());
}

TEST(Directory, APeerWithoutHeartbeatsStaysOneWithThemExpires) {
  DirectoryFixture d;
  const Caller ana = d.logged_in("ana");
  const Caller bob = d.logged_in("bob", "10.0.0.2");
  ASSERT_TRUE(index(d, ana, kHere, {placeholder("a")}).ok());
  EXPECT_EQ(d.directory.heartbeat(ana, kHere)->terms.lease, seconds(45));
  for (int i = 0; i < 44; ++i) {
    d.clock.advance(seconds(1));
    EXPECT_TRUE(d.directory.expire()->empty()) << i;
  }
  d.clock.advance(seconds(1));
  EXPECT_EQ(d.directory.expire().value_or({}), (std::vector<PeerKey>{{"ana", "10.0.0.1", 50051}}));
  EXPECT_EQ(code_of(d.directory.heartbeat(ana, kHere)), Code::kUnauthenticated);
  EXPECT_EQ(code_of(d.directory.find_by_name(bob, "a", 50)), Code::kNotFound);
  EXPECT_EQ(d.directory.peers(bob)->size(), 1U);
}

TEST(Directory, AHeartbeatOfAnExpiredPeerWithoutATokenIsNotFound) {
  DirectoryFixture d(open_mode());
  d.logged_in("ana");
  ASSERT_TRUE(d.directory.heartbeat(kNobody, kHere).ok());
  for (int i = 0; i < 45; ++i) {
    d.clock.advance(seconds(1));
    ASSERT_TRUE(d.directory.expire().ok());
  }
  EXPECT_EQ(code_of(d.directory.heartbeat(kNobody, kHere)), Code::kNotFound);
}

TEST(Directory, AfterAPauseEachPeerGetsAFullLease) {
  DirectoryFixture d;
  const Caller ana = d.logged_in("ana");
  ASSERT_TRUE(d.directory.heartbeat(ana, kHere).ok());
  ASSERT_TRUE(d.directory.expire()->empty());
  d.clock.advance(seconds(3600));
  EXPECT_TRUE(d.directory.expire()->empty());
  d.clock.advance(seconds(44));
  EXPECT_TRUE(d.directory.expire()->empty());
  d.clock.advance(seconds(1));
  EXPECT_EQ(d.directory.expire()->size(), 1U);
}

TEST(Directory, AfterARestartEachPeerGetsAFullLease) {
  DirectoryFixture d;
  const Caller ana = d.logged_in("ana");
  ASSERT_TRUE(d.directory.heartbeat(ana, kHere).ok());
  d.clock.advance(seconds(100));
  Directory again(d.rules, d.repository, d.accounts, d.hasher, d.clock);
  EXPECT_TRUE(again.expire()->empty());
  EXPECT_TRUE(again.heartbeat(ana, kHere).ok()) << "the token survives as well";
}

TEST(Directory, ASessionEndsAfterThirtyDays) {
  DirectoryFixture d;
  const Caller ana = d.logged_in("ana");
  d.clock.advance(kSessionLifetime - seconds(1));
  EXPECT_TRUE(d.directory.peers(ana).ok());
  EXPECT_TRUE(d.directory.expire()->empty());
  d.clock.advance(seconds(1));
  EXPECT_EQ(code_of(d.directory.peers(ana)), Code::kUnauthenticated);
  d.clock.advance(seconds(1));
  EXPECT_EQ(d.directory.expire()->size(), 1U);
}

TEST(Directory, PeersAndStatsTellWhatIsThere) {
  DirectoryFixture d;
  const Caller ana = d.logged_in("ana");
  const Caller bob = d.logged_in("bob", "10.0.0.2");
  ASSERT_TRUE(index(d, ana, kHere, {real_file("a", 1, 1), placeholder("b")}).ok());
  ASSERT_TRUE(index(d, bob, {"10.0.0.2", {}}, {real_file("a", 1, 1)}).ok());
  d.clock.advance(seconds(7));
  const auto stats = d.directory.stats(ana);
  ASSERT_TRUE(stats.ok());
  EXPECT_EQ(stats->peers, 2U);
  EXPECT_EQ(stats->files, 3U);
  EXPECT_EQ(stats->names, 2U);
  EXPECT_EQ(stats->contents, 1U);
  EXPECT_EQ(stats->uptime, seconds(7));
  const auto peers = d.directory.peers(bob);
  ASSERT_EQ(peers->size(), 2U);
  EXPECT_EQ((*peers)[0].files, 2U);
  EXPECT_EQ((*peers)[0].last_seen, seconds(0)) << "ana asked for the stats just now";
}

}  // namespace
}  // namespace trueque
