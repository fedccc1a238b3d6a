// What every DirectoryRepository promises, run over each of them; the last one is
// closed and opened again from disk wherever a test says restart().
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <set>

#include "server/core/directory_repository.h"
#include "server/core/search_query.h"
#include "server/storage/json_directory_repository.h"
#include "server/storage/memory_directory_repository.h"
#include "tests/support/directory_fixture.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

namespace trueque {
namespace {

using std::chrono::seconds;
using testing::content_id;
using testing::ManualClock;
using testing::placeholder;
using testing::real_file;

enum class Kind { kMemory, kJson, kJsonRestarted };

const PeerKey kAna{"ana", "10.0.0.1", 50051};
const PeerKey kBob{"bob", "10.0.0.2", 50051};
const PeerKey kAnaToo{"ana", "10.0.0.1", 50052};
constexpr seconds kLease{45};

TokenHash token(std::uint8_t first) { return content_id(first).bytes; }

class DirectoryRepositoryContract : public ::testing::TestWithParam<Kind> {
 protected:
  DirectoryRepositoryContract() {
    if (GetParam() == Kind::kMemory) {
      repository_ = std::make_unique<MemoryDirectoryRepository>();
    } else {
      reopen();
    }
  }

  void restart() {
    if (GetParam() != Kind::kJsonRestarted) return;
    repository_.reset();
    reopen();
    repository_->grant_full_leases(now(), kLease);
  }
  void reopen() {
    auto opened = JsonDirectoryRepository::open(folder_.file("logged_peers.json"), clock_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    repository_ = *std::move(opened);
  }

  DirectoryRepository& repository() { return *repository_; }
  Clock::Steady now() const { return clock_.steady(); }
  void open(const PeerKey& peer, std::uint8_t number) {
    const Status opened =
        repository().open_session({token(number), peer, clock_.wall()}, now(), kLease);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
  }
  std::uint64_t add(const PeerKey& peer, const std::vector<SharedFile>& files) {
    return repository().add_files(peer, files).value_or(999);
  }
  // "user:name" of each source, sorted.
  std::multiset<std::string> who_has(std::string_view name, std::uint32_t limit = 50) {
    std::multiset<std::string> out;
    for (const Source& source : repository().find_by_name(name, limit)) {
      out.insert(source.peer.username + ":" + source.file.name);
    }
    return out;
  }
  std::vector<std::string> search(const std::string& words, std::uint32_t limit = 50) {
    std::vector<std::string> out;
    for (const RankedHit& hit : repository().search({words, limit, std::nullopt})) {
      out.push_back(hit.hit.file.name);
    }
    return out;
  }
  Code code_of(const Status& status) { return status.ok() ? Code::kInternal : status.error().code; }

  testing::TemporaryDirectory folder_;
  ManualClock clock_;
  std::unique_ptr<DirectoryRepository> repository_;
};

using Set = std::multiset<std::string>;
using List = std::vector<std::string>;

TEST_P(DirectoryRepositoryContract, AnEmptyDirectoryKnowsNothing) {
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

TEST_P(DirectoryRepositoryContract, APeerStaysUntilItsLastSessionEnds) {
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

TEST_P(DirectoryRepositoryContract, TheLatestSessionEndsFirstWithoutAToken) {
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

TEST_P(DirectoryRepositoryContract, ATokenOpensOneSession) {
  open(kAna, 1);
  EXPECT_FALSE(repository().open_session({token(1), kBob, clock_.wall()}, now(), kLease).ok());
  EXPECT_EQ(repository().counts().peers, 1U);
}

TEST_P(DirectoryRepositoryContract, FindsWhoLoggedInLastAtAnAddress) {
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

TEST_P(DirectoryRepositoryContract, AddReplaceAndRemoveGiveTheCountAfterwards) {
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

TEST_P(DirectoryRepositoryContract, TheLastOfANameTwiceInOneRequestWins) {
  open(kAna, 1);
  EXPECT_EQ(add(kAna, {real_file("a", 1, 1), real_file("a", 2, 2)}), 1U);
  restart();
  EXPECT_EQ(repository().find_by_name("a", 50)[0].file, real_file("a", 2, 2));
}

TEST_P(DirectoryRepositoryContract, ANameIsFoundWholeOrByItsLastComponent) {
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

TEST_P(DirectoryRepositoryContract, ALimitStillShowsEachContent) {
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

TEST_P(DirectoryRepositoryContract, ContentIsFoundUnderAllItsNames) {
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

TEST_P(DirectoryRepositoryContract, CountsNamesAndContentsOnce) {
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

TEST_P(DirectoryRepositoryContract, SearchRanksWholeNameThenPrefixThenWordStartThenInside) {
  open(kAna, 1);
  add(kAna, {placeholder("unmapped.txt"), placeholder("the map.txt"), placeholder("map.txt"),
             placeholder("MAP"), placeholder("amap 1"), placeholder("other")});
  restart();
  EXPECT_EQ(search("map"), (List{"MAP", "map.txt", "the map.txt", "amap 1", "unmapped.txt"}));
  EXPECT_EQ(search("  Map\t"), search("map"));
  EXPECT_EQ(search("map", 1).size(), 2U) << "one more tells that a page follows";
}

TEST_P(DirectoryRepositoryContract, SearchWantsEveryWordInAnyOrder) {
  open(kAna, 1);
  add(kAna, {placeholder("photos/Ávila summer.jpg"), placeholder("summer/notes.txt"),
             placeholder("ñ"), placeholder("ab"), placeholder("xaby")});
  restart();
  const struct {
    const char* words;
    List names;
  } rows[] = {
      {"summer photos", {"photos/Ávila summer.jpg"}},
      {"SUMMER", {"summer/notes.txt", "photos/Ávila summer.jpg"}},
      {"ávila", {"photos/Ávila summer.jpg"}},
      {"summer winter", {}},
      {"Ñ", {"ñ"}},
      {"ab", {"ab", "xaby"}},
      {"ummer jp", {"photos/Ávila summer.jpg"}},
      {"zzz", {}},
  };
  for (const auto& row : rows) EXPECT_EQ(search(row.words), row.names) << row.words;
}

TEST_P(DirectoryRepositoryContract, SearchGroupsByContentAndPutsMoreSourcesFirst) {
  open(kAna, 1);
  open(kBob, 2);
  add(kAna, {real_file("b map", 1, 1), real_file("a map", 1, 2), real_file("c map", 3, 3)});
  add(kBob, {real_file("b map", 1, 1), real_file("c map", 4, 4), placeholder("a map")});
  restart();
  const auto hits = repository().search({"map", 50, std::nullopt});
  ASSERT_EQ(hits.size(), 5U);
  EXPECT_EQ(hits[0].hit.file, real_file("b map", 1, 1));
  EXPECT_EQ(hits[0].hit.sources, 2U);
  EXPECT_EQ(hits[1].hit.file, placeholder("a map"));
  EXPECT_EQ(hits[2].hit.file, real_file("a map", 1, 2));
  EXPECT_EQ(hits[3].hit.file, real_file("c map", 3, 3));
  EXPECT_EQ(hits[4].hit.file, real_file("c map", 4, 4));
}

TEST_P(DirectoryRepositoryContract, PagesOfASearchMakeUpTheWhole) {
  open(kAna, 1);
  open(kBob, 2);
  std::vector<SharedFile> files;
  for (std::uint8_t i = 0; i < 30; ++i) {
    files.push_back(real_file((i % 3 == 0 ? "map " : "x map ") + std::to_string(i / 2), 1, i));
  }
  files.push_back(placeholder("map 1"));
  add(kAna, files);
  add(kBob, {files[4], files[5]});
  restart();
  const auto all = repository().search({"map", 1000, std::nullopt});
  std::vector<RankedHit> paged;
  SearchRequest request{"map", 7, std::nullopt};
  while (true) {
    auto page = repository().search(request);
    const bool more = page.size() > 7;
    if (more) page.resize(7);
    paged.insert(paged.end(), page.begin(), page.end());
    if (!more) break;
    request.after = position_of(page.back());
  }
  ASSERT_EQ(paged.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(paged[i].hit.file, all[i].hit.file) << i;
  }
}

TEST_P(DirectoryRepositoryContract, OnlyALeaseThatRanOutExpires) {
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

TEST_P(DirectoryRepositoryContract, ALoginAndAGrantGiveAFullLease) {
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

TEST_P(DirectoryRepositoryContract, OldSessionsEndAndThePeerWithTheLast) {
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

TEST_P(DirectoryRepositoryContract, PeersAreListedWithTheirFilesAndWhenTheyWereSeen) {
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

TEST_P(DirectoryRepositoryContract, ManyNamesComeAndGo) {
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

std::string name_of(const ::testing::TestParamInfo<Kind>& kind) {
  const char* const names[] = {"Memory", "Json", "JsonRestarted"};
  return names[static_cast<int>(kind.param)];
}

INSTANTIATE_TEST_SUITE_P(All, DirectoryRepositoryContract,
                         ::testing::Values(Kind::kMemory, Kind::kJson, Kind::kJsonRestarted),
                         name_of);

}  // namespace
}  // namespace trueque
