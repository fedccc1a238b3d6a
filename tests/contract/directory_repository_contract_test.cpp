// What every DirectoryRepository promises about peers, sessions, leases and files.
#include <gtest/gtest.h>

#include "tests/contract/directory_repository_contract.h"

namespace trueque {
namespace {

using std::chrono::seconds;
using testing::content_id;
using testing::kAna;
using testing::kAnaToo;
using testing::kBob;
using testing::kLease;
using testing::placeholder;
using testing::real_file;
using testing::token;
using Set = std::multiset<std::string>;
using List = std::vector<std::string>;

class DirectoryRepositoryTest : public testing::DirectoryRepositoryContract {
 protected:
  FilesSummary summary(const PeerKey& peer) {
    return testing::answer(repository().renew_lease(peer, now(), kLease));
  }
  static FileSetDigest digest_of(const std::vector<SharedFile>& files) {
    FileSetDigest digest;
    for (const SharedFile& file : files) digest.toggle(file.name, file.content);
    return digest;
  }
};

TEST_P(DirectoryRepositoryTest, AnEmptyDirectoryKnowsNothing) {
  restart();
  EXPECT_FALSE(repository().find_session(token(1)));
  EXPECT_FALSE(repository().latest_peer_at("10.0.0.1", std::nullopt));
  EXPECT_EQ(who_has("a"), Set());
  EXPECT_EQ(search("a"), List());
  EXPECT_TRUE(repository().peers(now()).empty());
  EXPECT_EQ(repository().counts().peers, 0U);
  EXPECT_EQ(code_of(repository().close_session(token(1))), Code::kNotFound);
  EXPECT_EQ(code_of(repository().close_latest_session(kAna)), Code::kNotFound);
  EXPECT_EQ(code_of(repository().renew_lease(kAna, now(), kLease)), Code::kNotFound);
  EXPECT_EQ(repository().add_files(kAna, {}).error().code, Code::kNotFound);
  EXPECT_EQ(repository().replace_files(kAna, {}).error().code, Code::kNotFound);
  EXPECT_EQ(repository().remove_files(kAna, {}).error().code, Code::kNotFound);
}

TEST_P(DirectoryRepositoryTest, APeerStaysUntilItsLastSessionEnds) {
  open(kAna, 1);
  EXPECT_EQ(add(kAna, {placeholder("a")}), 1U);
  open(kAna, 2);
  restart();
  EXPECT_EQ(who_has("a"), Set{"ana:a"});
  EXPECT_EQ(repository().find_session(token(1))->peer, kAna);
  EXPECT_EQ(repository().find_session(token(1))->opened, clock_.wall());
  ASSERT_TRUE(repository().close_session(token(1)).ok());
  restart();
  EXPECT_FALSE(repository().find_session(token(1)));
  EXPECT_EQ(who_has("a"), Set{"ana:a"});
  ASSERT_TRUE(repository().close_session(token(2)).ok());
  restart();
  EXPECT_EQ(who_has("a"), Set());
  EXPECT_TRUE(repository().peers(now()).empty());
  open(kAna, 3);
  EXPECT_EQ(who_has("a"), Set()) << "a peer that comes back begins without files";
}

TEST_P(DirectoryRepositoryTest, KnowsWhichPeersThereAre) {
  open(kAna, 1);
  restart();
  EXPECT_TRUE(repository().has_peer(kAna));
  EXPECT_FALSE(repository().has_peer(kAnaToo));
  ASSERT_TRUE(repository().close_session(token(1)).ok());
  restart();
  EXPECT_FALSE(repository().has_peer(kAna));
}

TEST_P(DirectoryRepositoryTest, TheLatestSessionEndsFirstWithoutAToken) {
  open(kAna, 1);
  open(kAna, 2);
  restart();
  ASSERT_TRUE(repository().close_latest_session(kAna).ok());
  EXPECT_TRUE(repository().find_session(token(1)));
  EXPECT_FALSE(repository().find_session(token(2)));
  restart();
  ASSERT_TRUE(repository().close_latest_session(kAna).ok());
  EXPECT_EQ(repository().counts().peers, 0U);
}

TEST_P(DirectoryRepositoryTest, ATokenOpensOneSession) {
  open(kAna, 1);
  EXPECT_FALSE(repository().open_session({token(1), kBob, clock_.wall()}, now(), kLease).ok());
  EXPECT_EQ(repository().counts().peers, 1U);
}

TEST_P(DirectoryRepositoryTest, FindsWhoLoggedInLastAtAnAddress) {
  const PeerKey eve{"eve", "10.0.0.1", 50051};
  open(kAna, 1);
  open(eve, 2);
  open(kAnaToo, 3);
  open(kBob, 4);
  restart();
  EXPECT_EQ(repository().latest_peer_at("10.0.0.1", std::nullopt), kAnaToo);
  EXPECT_EQ(repository().latest_peer_at("10.0.0.1", 50051), eve);
  EXPECT_EQ(repository().latest_peer_at("10.0.0.1", 1), std::nullopt);
  open(kAna, 5);
  restart();
  EXPECT_EQ(repository().latest_peer_at("10.0.0.1", std::nullopt), kAna);
  ASSERT_TRUE(repository().close_latest_session(kAna).ok());
  ASSERT_TRUE(repository().close_latest_session(kAna).ok());
  restart();
  EXPECT_EQ(repository().latest_peer_at("10.0.0.1", 50051), eve);
  EXPECT_EQ(repository().latest_peer_at("10.0.0.2", std::nullopt), kBob);
}

TEST_P(DirectoryRepositoryTest, AddReplaceAndRemoveGiveTheCountAfterwards) {
  open(kAna, 1);
  EXPECT_EQ(add(kAna, {placeholder("a"), real_file("b", 1, 1)}), 2U);
  EXPECT_EQ(add(kAna, {real_file("a", 5, 2), real_file("b", 1, 1), placeholder("c")}), 3U);
  restart();
  ASSERT_EQ(repository().find_by_name("a", 50).size(), 1U);
  EXPECT_EQ(repository().find_by_name("a", 50)[0].file, real_file("a", 5, 2));
  const std::vector<SharedFile> instead = {placeholder("b"), placeholder("d/e"),
                                           placeholder("d/e")};
  EXPECT_EQ(repository().replace_files(kAna, instead).value_or(999), 2U);
  restart();
  EXPECT_EQ(who_has("a"), Set());
  EXPECT_EQ(who_has("e"), Set{"ana:d/e"});
  EXPECT_TRUE(repository().find_by_content(content_id(1), 50).empty());
  const std::vector<std::string> names = {"b", "b", "nowhere"};
  EXPECT_EQ(repository().remove_files(kAna, names).value_or(999), 1U);
  EXPECT_EQ(repository().replace_files(kAna, {}).value_or(999), 0U);
  restart();
  EXPECT_EQ(repository().counts().files, 0U);
  EXPECT_EQ(repository().counts().peers, 1U);
}

TEST_P(DirectoryRepositoryTest, TheLastOfANameTwiceInOneRequestWins) {
  open(kAna, 1);
  EXPECT_EQ(add(kAna, {real_file("a", 1, 1), real_file("a", 2, 2)}), 1U);
  restart();
  EXPECT_EQ(repository().find_by_name("a", 50)[0].file, real_file("a", 2, 2));
}

TEST_P(DirectoryRepositoryTest, ANameIsFoundWholeOrByItsLastComponent) {
  open(kAna, 1);
  open(kBob, 2);
  add(kAna, {placeholder("a.txt"), placeholder("x/a.txt"), placeholder("a.txt/b")});
  add(kBob, {placeholder("x/a.txt"), placeholder("x/y/a.txt")});
  restart();
  EXPECT_EQ(who_has("a.txt"), (Set{"ana:a.txt", "ana:x/a.txt", "bob:x/a.txt", "bob:x/y/a.txt"}));
  EXPECT_EQ(repository().find_by_name("a.txt", 50).front().file.name, "a.txt");
  EXPECT_EQ(who_has("x/a.txt"), (Set{"ana:x/a.txt", "bob:x/a.txt"}));
  EXPECT_EQ(who_has("y/a.txt"), Set());
  EXPECT_EQ(who_has("x"), Set());
  EXPECT_EQ(who_has("A.TXT"), Set());
  EXPECT_EQ(who_has("a.txt", 3).size(), 3U);
}

TEST_P(DirectoryRepositoryTest, ALimitStillShowsEachContent) {
  for (std::uint8_t i = 1; i <= 20; ++i) {
    const PeerKey peer{"peer" + std::to_string(i), "10.0.0.1", i};
    open(peer, i);
    add(peer, {i == 20 ? real_file("a", 1, 2) : real_file("a", 1, 1)});
  }
  restart();
  std::set<ContentId> contents;
  for (const Source& source : repository().find_by_name("a", 5)) {
    contents.insert(source.file.content->id);
  }
  EXPECT_EQ(contents.size(), 2U);
  EXPECT_EQ(repository().find_by_name("a", 5).size(), 5U);
  EXPECT_EQ(repository().find_by_name("a", 50).size(), 20U);
  EXPECT_EQ(repository().find_by_content(content_id(1), 7).size(), 7U);
  EXPECT_EQ(repository().find_by_content(content_id(1), 50).size(), 19U);
}

TEST_P(DirectoryRepositoryTest, ContentIsFoundUnderAllItsNames) {
  open(kAna, 1);
  open(kBob, 2);
  add(kAna, {real_file("a", 7, 1), real_file("b", 7, 1), real_file("c", 7, 2)});
  add(kBob, {real_file("z/a", 7, 1)});
  restart();
  Set found;
  for (const Source& source : repository().find_by_content(content_id(1), 50)) {
    found.insert(source.peer.username + ":" + source.file.name);
  }
  EXPECT_EQ(found, (Set{"ana:a", "ana:b", "bob:z/a"}));
}

TEST_P(DirectoryRepositoryTest, FindsManyAsItFindsEachInTheirOrder) {
  open(kAna, 1);
  open(kBob, 2);
  add(kAna, {real_file("x/a", 7, 1), real_file("b", 7, 2), placeholder("c")});
  add(kBob, {real_file("a", 7, 3), real_file("b", 7, 2), real_file("y/b", 8, 4)});
  restart();
  const std::vector<std::string> names = {"b", "none", "a", "x/a"};
  const std::vector<ContentId> ids = {content_id(3), content_id(9), content_id(2)};
  for (const std::uint32_t limit : {50U, 2U, 1U}) {
    List expected;
    for (const std::string& name : names) {
      for (const Source& each : repository().find_by_name(name, limit))
        expected.push_back(each.peer.username + ":" + each.file.name);
    }
    for (const ContentId& id : ids) {
      for (const Source& each : repository().find_by_content(id, limit))
        expected.push_back(each.peer.username + ":" + each.file.name);
    }
    List found;
    for (const Source& each : repository().find_many(names, ids, limit))
      found.push_back(each.peer.username + ":" + each.file.name);
    EXPECT_EQ(found, expected) << limit;
  }
  EXPECT_TRUE(repository().find_many({}, {}, 50).empty());
  EXPECT_EQ(repository().find_many({}, ids, 50).size(), 3U);
}

TEST_P(DirectoryRepositoryTest, CountsNamesAndContentsOnce) {
  open(kAna, 1);
  open(kBob, 2);
  add(kAna, {real_file("a", 7, 1), real_file("b", 7, 1), placeholder("c")});
  add(kBob, {real_file("a", 7, 1), real_file("c", 7, 2)});
  restart();
  const RepositoryCounts counts = repository().counts();
  EXPECT_EQ(counts.peers, 2U);
  EXPECT_EQ(counts.files, 5U);
  EXPECT_EQ(counts.names, 3U);
  EXPECT_EQ(counts.contents, 2U);
  ASSERT_TRUE(repository().close_session(token(1)).ok());
  EXPECT_EQ(repository().counts().names, 2U);
  EXPECT_EQ(repository().counts().files, 2U);
}

TEST_P(DirectoryRepositoryTest, ALoginAndAHeartbeatTellWhatThePeerShares) {
  EXPECT_EQ(repository().open_session({token(1), kAna, clock_.wall()}, now(), kLease)->digest,
            FileSetDigest());
  add(kAna, {real_file("a", 7, 1), real_file("b", 7, 2), placeholder("c")});
  add(kAna, {real_file("a", 8, 1), placeholder("b")});
  const std::vector<std::string> unwanted = {"c", "d"};
  ASSERT_EQ(repository().remove_files(kAna, unwanted).value_or(0), 2U);
  restart();
  EXPECT_EQ(summary(kAna).files, 2U);
  EXPECT_EQ(summary(kAna).digest, digest_of({real_file("a", 8, 1), placeholder("b")}));
  const auto again = repository().open_session({token(2), kAna, clock_.wall()}, now(), kLease);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, summary(kAna));
  const std::vector<SharedFile> files = {real_file("a", 8, 1), real_file("e", 9, 3)};
  ASSERT_TRUE(repository().replace_files(kAna, files).ok());
  EXPECT_EQ(summary(kAna).digest, digest_of(files));
  ASSERT_TRUE(repository().replace_files(kAna, {}).ok());
  EXPECT_EQ(summary(kAna).digest, FileSetDigest());
  open(kBob, 3);
  add(kBob, {placeholder("a")});
  restart();
  EXPECT_EQ(summary(kAna).digest, FileSetDigest()) << "another peer's files do not count";
  EXPECT_EQ(summary(kBob).digest, digest_of({placeholder("a")}));
}

TEST_P(DirectoryRepositoryTest, ARevisionGrowsWithEachChangeAndWithNothingElse) {
  open(kAna, 1);
  open(kBob, 2);
  const std::vector<std::string> unwanted = {"a", "d"};
  std::uint64_t before = summary(kAna).revision;
  const auto grew = [&] {
    return summary(kAna).revision > std::exchange(before, summary(kAna).revision);
  };
  add(kAna, {placeholder("a"), real_file("b", 7, 2)});
  EXPECT_TRUE(grew());
  add(kAna, {placeholder("a"), real_file("b", 7, 2)});
  EXPECT_FALSE(grew()) << "as it was";
  add(kBob, {placeholder("a")});
  EXPECT_FALSE(grew()) << "another peer's";
  add(kAna, {real_file("a", 8, 3)});
  EXPECT_TRUE(grew());
  ASSERT_TRUE(repository().remove_files(kAna, unwanted).ok());
  EXPECT_TRUE(grew());
  ASSERT_TRUE(repository().remove_files(kAna, unwanted).ok());
  EXPECT_FALSE(grew()) << "it was not there";
  ASSERT_TRUE(repository().replace_files(kAna, {}).ok());
  EXPECT_TRUE(grew());
  ASSERT_TRUE(repository().replace_files(kAna, {}).ok());
  EXPECT_FALSE(grew());
  // A peer that comes back has no number it had before.
  ASSERT_TRUE(repository().close_session(token(1)).ok());
  open(kAna, 3);
  EXPECT_TRUE(grew());
}

TEST_P(DirectoryRepositoryTest, ARestartGivesNoRevisionTwice) {
  open(kAna, 1);
  add(kAna, {placeholder("a")});
  const FilesSummary before = summary(kAna);
  clock_.advance(seconds(1));
  restart();
  EXPECT_EQ(summary(kAna).digest, before.digest);
  EXPECT_GE(summary(kAna).revision, before.revision);
  add(kAna, {placeholder("b")});
  EXPECT_GT(summary(kAna).revision, before.revision);
}

TEST_P(DirectoryRepositoryTest, OnlyALeaseThatRanOutExpires) {
  open(kAna, 1);
  open(kBob, 2);
  add(kAna, {placeholder("a")});
  ASSERT_TRUE(repository().renew_lease(kAna, now(), kLease).ok());
  restart();
  const Clock::Wall long_ago = clock_.wall() - std::chrono::hours(1);
  clock_.advance(kLease - seconds(1));
  EXPECT_TRUE(repository().expire(now(), long_ago)->empty());
  ASSERT_TRUE(repository().renew_lease(kAna, now(), kLease).ok());
  clock_.advance(kLease - seconds(1));
  EXPECT_TRUE(repository().expire(now(), long_ago)->empty());
  clock_.advance(seconds(1));
  EXPECT_EQ(repository().expire(now(), long_ago).value_or({}), std::vector<PeerKey>{kAna});
  restart();
  EXPECT_EQ(who_has("a"), Set());
  EXPECT_FALSE(repository().find_session(token(1)));
  EXPECT_TRUE(repository().find_session(token(2))) << "without a heartbeat there is no lease";
}

TEST_P(DirectoryRepositoryTest, ALoginAndAGrantGiveAFullLease) {
  open(kAna, 1);
  ASSERT_TRUE(repository().renew_lease(kAna, now(), kLease).ok());
  clock_.advance(kLease);
  open(kAna, 2);
  EXPECT_TRUE(repository().expire(now(), {})->empty());
  clock_.advance(kLease);
  repository().grant_full_leases(now(), kLease);
  EXPECT_TRUE(repository().expire(now(), {})->empty());
  clock_.advance(kLease);
  EXPECT_EQ(repository().expire(now(), {})->size(), 1U);
}

TEST_P(DirectoryRepositoryTest, OldSessionsEndAndThePeerWithTheLast) {
  open(kAna, 1);
  open(kBob, 2);
  clock_.advance(std::chrono::hours(2));
  open(kBob, 3);
  restart();
  const auto gone = repository().expire(now(), clock_.wall() - std::chrono::hours(1));
  EXPECT_EQ(gone.value_or({}), std::vector<PeerKey>{kAna});
  restart();
  EXPECT_FALSE(repository().find_session(token(1)));
  EXPECT_FALSE(repository().find_session(token(2)));
  EXPECT_TRUE(repository().find_session(token(3)));
}

TEST_P(DirectoryRepositoryTest, PeersAreListedWithTheirFilesAndWhenTheyWereSeen) {
  open(kAna, 1);
  add(kAna, {placeholder("a"), placeholder("b")});
  open(kBob, 2);
  clock_.advance(seconds(30));
  repository().touch(kBob, now());
  repository().touch({"nobody", "x", 1}, now());
  clock_.advance(seconds(5));
  const auto peers = repository().peers(now());
  ASSERT_EQ(peers.size(), 2U);
  EXPECT_EQ(peers[0].peer, kAna);
  EXPECT_EQ(peers[0].files, 2U);
  EXPECT_EQ(peers[0].last_seen, seconds(35));
  EXPECT_EQ(peers[1].last_seen, seconds(5));
}

TEST_P(DirectoryRepositoryTest, ManyNamesComeAndGo) {
  open(kAna, 1);
  for (int round = 0; round < 3; ++round) {
    std::vector<SharedFile> files;
    for (int i = 0; i < 2000; ++i) {
      files.push_back(real_file("round" + std::to_string(round) + "/file " + std::to_string(i), 1,
                                static_cast<std::uint8_t>(i % 100)));
    }
    EXPECT_EQ(repository().replace_files(kAna, files).value_or(0), 2000U);
  }
  restart();
  EXPECT_EQ(repository().counts().names, 2000U);
  EXPECT_EQ(search("round0"), List());
  EXPECT_EQ(search("\"file 1999"), List());
  EXPECT_EQ(search("file 1999"), List{"round2/file 1999"});
  EXPECT_EQ(who_has("file 7"), Set{"ana:round2/file 7"});
  EXPECT_EQ(repository().find_by_content(content_id(7), 50).size(), 20U);
}

INSTANTIATE_TEST_SUITE_P(All, DirectoryRepositoryTest, testing::kEveryRepository,
                         testing::repository_name);

}  // namespace
}  // namespace trueque
