// Two hundred peers in one process, without threads, sockets or waiting: the rules of
// the client's Swarm and the server's UploadSchedule over a simulated network. What must
// hold at each step is checked in Download; here is what must come of it.
//
// Each scenario runs with a few fixed seeds. TRUEQUE_SIMULATION_SEED=N runs that one
// alone, TRUEQUE_SIMULATION_RUNS=N the first N.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>

#include "tests/simulation/crowd.h"

namespace trueque::simulation {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using State = Download::State;

constexpr std::uint64_t kMiB = 1024 * 1024;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// Runs `scenario` with each seed; a failure names it.
void with_seeds(const std::function<void(std::uint64_t seed)>& scenario) {
  constexpr std::uint64_t kFirst = 1;
  const std::uint64_t only = number_from("TRUEQUE_SIMULATION_SEED", 0);
  const std::uint64_t runs = only > 0 ? 1 : number_from("TRUEQUE_SIMULATION_RUNS", 2);
  for (std::uint64_t i = 0; i < runs && !::testing::Test::HasFailure(); ++i) {
    const std::uint64_t seed = only > 0 ? only : kFirst + i;
    SCOPED_TRACE("TRUEQUE_SIMULATION_SEED=" + std::to_string(seed));
    scenario(seed);
  }
}

double in_seconds(Duration time) { return std::chrono::duration<double>(time).count(); }

void report(const Crowd& crowd, std::uint64_t seed) {
  const DownloadCounts counts = crowd.counts();
  std::cout << "seed " << seed << ": " << crowd.count(State::kWhole) << " whole after "
            << in_seconds(crowd.whole_after()) << " s, " << crowd.count(State::kGaveUp)
            << " gave up; " << counts.failures << " failures, " << counts.liars << " lies, "
            << counts.copies << " copies, " << crowd.bytes_in_vain() / kMiB << " MiB in vain\n";
}

void expect_all_whole(const Crowd& crowd) {
  for (PeerId peer = 0; peer < crowd.size(); ++peer) {
    if (crowd.is_source(peer)) continue;
    EXPECT_EQ(crowd.download(peer).state(), State::kWhole) << "peer " << peer;
    EXPECT_TRUE(crowd.download(peer).disk().whole()) << "peer " << peer;
  }
}

TEST(Simulation, OnACalmDayHardlyAnythingIsFetchedTwice) {
  with_seeds([](std::uint64_t seed) {
    Crowd crowd({.seed = seed});
    for (PeerId peer = 0; peer < 20; ++peer) crowd.lines()[peer].up = 20e6;
    crowd.run(minutes(10));
    report(crowd, seed);
    expect_all_whole(crowd);
    EXPECT_EQ(crowd.counts().failures, 0U);
    // Second copies at the very end are all that is fetched twice: of what there was to
    // fetch, a twentieth.
    EXPECT_LE(crowd.bytes_in_vain(), crowd.count(State::kWhole) * crowd.file_size() / 20);
  });
}

// The same seed, the same run: else a failure could not be looked into.
TEST(Simulation, Repeats) {
  const auto run = [](std::uint64_t seed) {
    Crowd crowd({.seed = seed, .peers = 40, .seeds = 3});
    for (PeerId peer = 0; peer < 2; ++peer) crowd.uploader(peer).lie(Lie::kBytes);
    crowd.run(minutes(10));
    return std::tuple(crowd.whole_after(), crowd.counts().copies, crowd.counts().failures);
  };
  EXPECT_EQ(run(7), run(7));
  EXPECT_NE(run(7), run(8));
}

// All but five seeds go and come back, downloads with them.
TEST(Simulation, PeersThatComeAndGoGetItAll) {
  constexpr PeerId kStay = 5;
  with_seeds([](std::uint64_t seed) {
    Crowd crowd({.seed = seed});
    std::function<void()> change = [&] {
      const PeerId peer = kStay + crowd.below(crowd.size() - kStay);
      if (crowd.lines()[peer].online) {
        crowd.go_offline(peer);
        crowd.events().after(milliseconds(500 + crowd.below(20'000)),
                             [&crowd, peer] { crowd.come_online(peer); });
      }
      if (crowd.elapsed() < minutes(2)) crowd.events().after(milliseconds(100), change);
    };
    crowd.events().after(seconds(1), change);
    crowd.run(minutes(15));
    report(crowd, seed);
    expect_all_whole(crowd);
    EXPECT_GT(crowd.counts().cut_short, 0U);
  });
}

TEST(Simulation, SlowSourcesDoNotHoldUpTheFast) {
  with_seeds([](std::uint64_t seed) {
    const auto time = [seed](double slow_up) {
      Crowd crowd({.seed = seed, .seeds = 40});
      for (PeerId peer = 0; peer < 20; ++peer) crowd.lines()[peer].up = slow_up;
      crowd.run(minutes(30));
      report(crowd, seed);
      expect_all_whole(crowd);
      return in_seconds(crowd.whole_after());
    };
    // Half of them at a fiftieth: those that are left take twice as long, and then some.
    EXPECT_LT(time(1e5), 4 * time(5e6));
  });
}

// Half of the sources lie, each in its way.
TEST(Simulation, LiarsCostEachOneAChanceAndNoMore) {
  constexpr Lie kLies[] = {Lie::kStat, Lie::kBytes, Lie::kShort, Lie::kMore};
  with_seeds([&](std::uint64_t seed) {
    Crowd crowd({.seed = seed});
    for (PeerId peer = 0; peer < 10; ++peer) crowd.uploader(peer).lie(kLies[peer % 4]);
    crowd.run(minutes(15));
    report(crowd, seed);
    expect_all_whole(crowd);
    EXPECT_GT(crowd.counts().liars, 0U);
    // Both lanes of a source may be lied to at once, and none after that.
    EXPECT_LE(crowd.counts().liars, 2 * 10 * crowd.size());
  });
}

TEST(Simulation, WithLiarsAloneAllGiveUpAndNothingIsKept) {
  with_seeds([](std::uint64_t seed) {
    Crowd crowd({.seed = seed, .seeds = 10});
    for (PeerId peer = 0; peer < 10; ++peer) crowd.uploader(peer).lie(Lie::kBytes);
    crowd.run(minutes(10));
    report(crowd, seed);
    EXPECT_EQ(crowd.count(State::kGaveUp), crowd.size() - 10);
    for (PeerId peer = 10; peer < crowd.size(); ++peer)
      EXPECT_TRUE(crowd.download(peer).disk().pieces().empty());
  });
}

// However many there are: what they were given, and the second copies of it, are not theirs,
// nor do they keep anybody from being asked.
TEST(Simulation, OneHonestSourceAmongSilentOnesIsEnough) {
  with_seeds([](std::uint64_t seed) {
    for (const std::size_t silent : {1, 2, 4, 7, 9, 20}) {
      for (const std::uint64_t pieces : {1, 3, 16, 60}) {
        Crowd crowd({.seed = seed,
                     .peers = silent + 2,
                     .seeds = silent + 1,
                     .pieces = pieces,
                     .arrivals = milliseconds(0),
                     .swarms = false});
        for (PeerId peer = 0; peer < silent; ++peer) crowd.uploader(peer).lie(Lie::kSilent);
        crowd.lines()[static_cast<PeerId>(silent)].up = 6e6;
        crowd.run(minutes(10));
        std::cout << silent << " silent, " << pieces << " pieces, ";
        report(crowd, seed);
        expect_all_whole(crowd);
        // Eight at once are asked, each for eight seconds at most.
        const double rounds = 1.0 + static_cast<double>(silent / 8);
        EXPECT_LE(in_seconds(crowd.whole_after()), 8 * rounds + 14) << silent << ", " << pieces;
      }
    }
  });
}

TEST(Simulation, SilentAndBusySourcesAreLeftForOthers) {
  with_seeds([](std::uint64_t seed) {
    Crowd crowd({.seed = seed});
    for (PeerId peer = 0; peer < 5; ++peer) crowd.uploader(peer).lie(Lie::kSilent);
    for (PeerId peer = 5; peer < 10; ++peer) crowd.uploader(peer).lie(Lie::kAlwaysBusy);
    crowd.run(minutes(15));
    report(crowd, seed);
    expect_all_whole(crowd);
  });
}

// All sources on one side; the other side waits, and goes on once the line is mended.
TEST(Simulation, APartitionOfHalfAMinuteIsSurvived) {
  with_seeds([](std::uint64_t seed) {
    Crowd crowd({.seed = seed, .seeds = 4, .arrivals = milliseconds(2000)});
    for (PeerId peer = 0; peer < 4; ++peer) crowd.lines()[peer].up = 20e6;
    for (PeerId peer = 100; peer < crowd.size(); ++peer) crowd.lines()[peer].side = 1;
    crowd.events().after(seconds(15), [&] { crowd.lines().split(true); });
    crowd.events().after(seconds(45), [&] { crowd.lines().split(false); });
    crowd.run(minutes(15));
    report(crowd, seed);
    expect_all_whole(crowd);
    EXPECT_GT(crowd.counts().failures, 0U);
  });
}

TEST(Simulation, ALastingPartitionIsGivenUpInTime) {
  with_seeds([](std::uint64_t seed) {
    Crowd crowd({.seed = seed, .seeds = 4});
    for (PeerId peer = 100; peer < crowd.size(); ++peer) crowd.lines()[peer].side = 1;
    crowd.lines().split(true);
    crowd.run(minutes(15));
    report(crowd, seed);
    EXPECT_EQ(crowd.count(State::kWhole), 96U);
    EXPECT_EQ(crowd.count(State::kGaveUp), 100U);
  });
}

// Three servers that take a quarter of those who ask: the others are told to come again.
TEST(Simulation, BusyServersServeEverybodyInTheEnd) {
  with_seeds([](std::uint64_t seed) {
    Crowd crowd({.seed = seed, .seeds = 3, .uploads = {.slots = 8, .streams = 16}});
    for (PeerId peer = 0; peer < 3; ++peer) crowd.lines()[peer].up = 50e6;
    crowd.run(minutes(30));
    report(crowd, seed);
    expect_all_whole(crowd);
  });
}

// One source, and everybody at once.
TEST(Simulation, AFlashCrowdAtOneSource) {
  with_seeds([](std::uint64_t seed) {
    const auto share_of_one_by_one = [seed](bool swarms) {
      Crowd crowd({.seed = seed, .seeds = 1, .arrivals = milliseconds(1000), .swarms = swarms});
      crowd.lines()[0].up = 50e6;
      crowd.run(minutes(60));
      report(crowd, seed);
      expect_all_whole(crowd);
      // It was 23 % when any copy was made that could come sooner.
      EXPECT_LT(crowd.bytes_in_vain(), (crowd.size() - 1) * crowd.file_size() / 10);
      const double one_by_one = static_cast<double>(crowd.size() - 1) *
                                static_cast<double>(crowd.file_size()) / crowd.lines()[0].up;
      return in_seconds(crowd.whole_after()) / one_by_one;
    };
    EXPECT_LT(share_of_one_by_one(false), 1.2);
    EXPECT_LT(share_of_one_by_one(true), 0.5);
  });
}

// So many at one source that a piece takes each of them minutes: what comes that slowly
// comes all the same, and giving it up would only begin it anew.
TEST(Simulation, ASourceThatIsFarTooSlowForItsCrowdServesItAllTheSame) {
  with_seeds([](std::uint64_t seed) {
    for (const bool swarms : {false, true}) {
      Crowd crowd({.seed = seed,
                   .peers = 60,
                   .seeds = 1,
                   .pieces = 8,
                   .arrivals = milliseconds(1000),
                   .swarms = swarms});
      crowd.lines()[0].up = swarms ? 0.6e6 : 1.5e6;
      crowd.run(minutes(120));
      report(crowd, seed);
      expect_all_whole(crowd);
    }
  });
}

// Who fetches gives what it has, and some of those give something else.
TEST(Simulation, LiarsAmongThoseWhoFetchAreFoundOut) {
  with_seeds([](std::uint64_t seed) {
    Crowd crowd({.seed = seed, .seeds = 4});
    for (PeerId peer = 0; peer < 4; ++peer) crowd.lines()[peer].up = 20e6;
    for (PeerId peer = 4; peer < 44; ++peer) crowd.uploader(peer).lie(Lie::kBytes);
    crowd.run(minutes(30));
    report(crowd, seed);
    expect_all_whole(crowd);
    EXPECT_GT(crowd.counts().liars, 0U);
  });
}

}  // namespace
}  // namespace trueque::simulation
