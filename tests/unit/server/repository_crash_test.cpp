// The power fails at every single operation of a scripted run, and what was not synced
// survives in several ways. Opened again, the directory has everything it acknowledged,
// and the change under way wholly or not at all.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "server/storage/json_directory_repository.h"
#include "server/storage/memory_directory_repository.h"
#include "tests/support/answering_repository.h"
#include "tests/support/directory_fixture.h"
#include "tests/support/faulty_files.h"
#include "tests/support/manual_clock.h"
#include "tests/support/snapshot_counter.h"
#include "tests/support/temporary_directory.h"

namespace trueque {
namespace {

using std::chrono::seconds;
using testing::FaultyFiles;
using testing::placeholder;
using testing::real_file;
using testing::SnapshotCounter;
using Survival = FaultyFiles::Survival;

const PeerKey kAna{"ana", "10.0.0.1", 50051};
const PeerKey kBob{"bob", "10.0.0.2", 50051};
const PeerKey kCarol{"carol", "10.0.0.3", 50051};
const PeerKey kDora{"dora", "10.0.0.4", 50051};
constexpr seconds kLease{45};
constexpr Survival kSurvivals[] = {Survival::kNothing, Survival::kEverything, Survival::kNames,
                                   Survival::kTorn,    Survival::kZeros,      Survival::kChance};

TokenHash token(std::uint8_t first) { return testing::content_id(first).bytes; }

// All that must not be lost, as text that can be compared.
using Seen = std::set<std::string>;

Seen look_at(DirectoryRepository& looked_at, Clock::Steady now) {
  testing::AnsweringRepository repository(looked_at);
  Seen seen;
  for (const PeerSummary& each : repository.peers(now)) seen.insert("peer " + each.peer.username);
  for (std::uint8_t number = 1; number < 20; ++number) {
    const auto session = repository.find_session(token(number));
    if (session) seen.insert("token " + std::to_string(number) + " " + session->peer.username);
  }
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    for (const Source& source : repository.find_by_name(name, 50)) {
      const auto& content = source.file.content;
      seen.insert(source.peer.username + " has " + name + " " +
                  (content ? content->id.hex().substr(0, 2) : "placeholder"));
    }
  }
  const auto latest = repository.latest_peer_at("10.0.0.1", std::nullopt);
  if (latest) seen.insert("latest " + latest->username);
  // Last, for it changes something: who is under a lease goes when that ends.
  repository.grant_full_leases(now, kLease);
  for (const PeerKey& gone : repository.expire(now + kLease, {}).value_or({}))
    seen.insert("lease " + gone.username);
  return seen;
}

// True when it was acknowledged.
using Step = std::function<bool(DirectoryRepository&, Clock&)>;

Step log_in(const PeerKey& peer, std::uint8_t number) {
  return [=](DirectoryRepository& repository, Clock& clock) {
    return repository.open_session({token(number), peer, clock.wall()}, clock.steady(), kLease)
        .ok();
  };
}

Step log_out(std::uint8_t number) {
  return [=](DirectoryRepository& repository, Clock&) {
    return repository.close_session(token(number)).ok();
  };
}

Step add(const PeerKey& peer, const std::vector<SharedFile>& files) {
  return [=](DirectoryRepository& repository, Clock&) {
    return repository.add_files(peer, files).ok();
  };
}

Step replace(const PeerKey& peer, const std::vector<SharedFile>& files) {
  return [=](DirectoryRepository& repository, Clock&) {
    return repository.replace_files(peer, files).ok();
  };
}

Step remove(const PeerKey& peer, const std::vector<std::string>& names) {
  return [=](DirectoryRepository& repository, Clock&) {
    return repository.remove_files(peer, names).ok();
  };
}

Step heartbeat(const PeerKey& peer) {
  return [=](DirectoryRepository& repository, Clock& clock) {
    return repository.renew_lease(peer, clock.steady(), kLease).ok();
  };
}

// A snapshot begins behind each third step of four, and is over before the fifth.
const std::vector<Step> kScript = {
    log_in(kAna, 1),
    add(kAna, {real_file("a", 1, 1), placeholder("b")}),
    heartbeat(kAna),
    log_in(kBob, 2),

    add(kBob, {real_file("a", 1, 1), real_file("c", 2, 3)}),
    log_in(kAna, 3),
    replace(kAna, {real_file("b", 7, 7), placeholder("d")}),
    log_out(1),

    log_out(2),
    remove(kAna, {"b"}),
    log_in(kBob, 4),
    add(kBob, {placeholder("e")}),
};

class RepositoryCrashTest : public ::testing::Test {
 protected:
  // One life of a directory.
  struct Life {
    explicit Life(RepositoryCrashTest& test) {
      auto opened = JsonDirectoryRepository::open(test.path_, test.clock_, *test.files_, snapshots);
      EXPECT_TRUE(opened.ok()) << opened.error().message;
      if (opened.ok()) repository = *std::move(opened);
    }
    SnapshotCounter snapshots;
    std::unique_ptr<JsonDirectoryRepository> repository;
  };

  // The script as far as its steps are acknowledged, or all of it. Gives which were.
  std::vector<bool> run(Life& life, bool stop_when_refused) {
    std::vector<bool> done;
    int snapshots = 0;
    bool is_new = false;  // anything since the last snapshot
    for (const Step& step : kScript) {
      done.push_back(step(*life.repository, clock_));
      is_new = is_new || done.back();
      if (stop_when_refused && !done.back()) break;
      if (done.size() % 4 == 3 && is_new) {
        clock_.advance(seconds(6));
        life.repository->look_at_clock();
        ++snapshots;
        is_new = false;
      }
      if (done.size() % 4 == 0) life.snapshots.wait_for(snapshots);
    }
    return done;
  }

  Seen model(const std::vector<bool>& done) {
    MemoryDirectoryRepository memory;
    for (std::size_t i = 0; i < done.size(); ++i) {
      const bool applied = done[i] && kScript[i](memory, clock_);
      EXPECT_EQ(applied, done[i]);
    }
    return look_at(memory, clock_.steady());
  }

  Seen model_of_first(std::size_t steps) { return model(std::vector<bool>(steps, true)); }

  // Opened again it takes changes, keeps them through a second crash, and has what it must.
  Seen what_is_left() {
    {
      Life life(*this);
      if (!life.repository) return {"nothing: it cannot be opened"};
      EXPECT_TRUE(log_in(kCarol, 19)(*life.repository, clock_));
      files_->fail_power_at(1);
    }
    files_->crash(Survival::kNothing);
    Life life(*this);
    if (!life.repository) return {"nothing: it cannot be opened again"};
    Seen seen = look_at(*life.repository, clock_.steady());
    EXPECT_EQ(seen.erase("peer carol") + seen.erase("token 19 carol"), 2U);
    return seen;
  }

  testing::TemporaryDirectory folder_;
  const std::string path_ = folder_.file("logged_peers.json");
  testing::ManualClock clock_;
  std::unique_ptr<FaultyFiles> files_;
};

TEST_F(RepositoryCrashTest, NothingAcknowledgedIsLostWhereverThePowerFails) {
  for (const Survival survival : kSurvivals) {
    bool failed = true;
    for (std::uint64_t cut = 1; failed; ++cut) {
      files_ = std::make_unique<FaultyFiles>();
      files_->fail_power_at(cut);
      std::size_t done = 0;
      {
        Life life(*this);
        ASSERT_TRUE(life.repository);
        const std::vector<bool> steps = run(life, true);
        done = static_cast<std::size_t>(std::count(steps.begin(), steps.end(), true));
      }
      failed = files_->operations() >= cut;
      files_->crash(survival, cut);
      const Seen seen = what_is_left();
      const bool with_the_last = done < kScript.size() && seen == model_of_first(done + 1);
      EXPECT_TRUE(with_the_last || seen == model_of_first(done))
          << "power failed at " << cut << ", survival " << static_cast<int>(survival) << ", "
          << done << " steps done: " << ::testing::PrintToString(seen);
      if (HasFailure()) return;
    }
  }
}

// A disk that fails for a while: what was refused is not there and does not come back, what
// was acknowledged is.
TEST_F(RepositoryCrashTest, WhatADiskRefusedDoesNotComeBack) {
  for (const std::uint64_t length : {1U, 2U, 5U}) {
    bool failed = true;
    for (std::uint64_t first = 1; failed; ++first) {
      files_ = std::make_unique<FaultyFiles>();
      std::atomic<std::uint64_t> count = 0;
      files_->refuse([&](FaultyFiles::Operation, const std::string&) -> std::string {
        const std::uint64_t number = ++count;
        return number >= first && number < first + length ? "Input/output error" : "";
      });
      std::vector<bool> done;
      {
        Life life(*this);
        ASSERT_TRUE(life.repository);
        done = run(life, false);
        failed = count >= first;
        files_->refuse(nullptr);
        ASSERT_TRUE(log_in(kDora, 18)(*life.repository, clock_)) << "it heals by itself";
        files_->fail_power_at(1);
      }
      files_->crash(first % 2 == 0 ? Survival::kEverything : Survival::kTorn);
      Seen seen = what_is_left();
      EXPECT_EQ(seen.erase("peer dora") + seen.erase("token 18 dora"), 2U);
      EXPECT_EQ(seen, model(done)) << "failing from " << first << ", for " << length;
      if (HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace trueque
