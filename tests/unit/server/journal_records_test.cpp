// Records replayed over a state, whichever of their changes it has already, end in the
// same: what lets a snapshot be read slice by slice while changes go on.
#include "server/storage/journal/journal_records.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/support/directory_fixture.h"
#include "tests/support/manual_clock.h"

namespace trueque {
namespace {

using testing::content_id;
using testing::placeholder;
using testing::real_file;

constexpr std::chrono::seconds kLease{45};

// Everything durable, the order of sessions included.
std::string text_of(const DirectoryTables& tables) {
  std::string out;
  std::vector<OrderedSession> sessions;
  for (const auto& [key, peer] : tables.all_peers()) {
    out += key.username + (peer.leased ? " leased" : "") + ":";
    std::set<std::string> files;
    DirectoryTables::for_each_file(
        peer, [&](std::string_view name, const std::optional<Content>& content) {
          files.insert(" " + std::string(name) + (content ? content->id.hex().substr(0, 2) : ""));
        });
    for (const std::string& file : files) out += file;
    for (const OrderedSession& session : tables.sessions_of(peer)) sessions.push_back(session);
    out += "\n";
  }
  std::sort(sessions.begin(), sessions.end(),
            [](const auto& left, const auto& right) { return left.order < right.order; });
  for (const OrderedSession& each : sessions) out += " " + to_hex(each.session.token).substr(0, 2);
  return out;
}

// Random changes to a few peers, files and sessions, each with its record.
class History {
 public:
  explicit History(std::uint64_t seed) : chance_(seed) {}

  // Applies one change and gives its record; empty when nothing changed.
  std::string change(DirectoryTables& tables) {
    Change change;
    std::string record = verb(tables, change);
    if (change.empty()) return {};
    return record.empty() ? ended_records(change) : record;
  }

 private:
  std::string verb(DirectoryTables& tables, Change& change) {
    const PeerKey peer{std::string(1, static_cast<char>('p' + pick(3))), "10.0.0.1", 50051};
    const TokenHash token = content_id(static_cast<std::uint8_t>(pick(8))).bytes;
    const std::vector<SharedFile> files = {file(), file()};
    const std::vector<std::string> names = {file().name, file().name};
    const Clock::Steady now = clock_.steady();
    switch (pick(7)) {
      case 0: {
        const Session session{token, peer, clock_.wall()};
        done(tables.open_session(session, now, kLease, change).ok());
        return session_opened_record(session);
      }
      case 1:
        done(tables.close_session(token, change).ok());
        return {};
      case 2:
        done(tables.close_latest_session(peer, change).ok());
        return {};
      case 3:
        done(tables.renew_lease(peer, now, kLease, change).ok());
        return lease_began_record(peer);
      case 4:
        done(tables.add_files(peer, files, change).ok());
        return files_put_record(peer, files);
      case 5:
        done(tables.replace_files(peer, files, change).ok());
        return files_replaced_record(peer, files);
      default:
        done(tables.remove_files(peer, names, change).ok());
        return files_removed_record(peer, names);
    }
  }
  // What the tables refuse changes nothing, and has no record.
  static void done(bool /*ok*/) {}
  std::uint64_t pick(std::uint64_t count) { return chance_() % count; }
  SharedFile file() {
    const std::string name(1, static_cast<char>('a' + pick(5)));
    return pick(3) == 0 ? placeholder(name)
                        : real_file(name, 1, static_cast<std::uint8_t>(pick(4) + 1));
  }

  std::mt19937_64 chance_;
  testing::ManualClock clock_;
};

// The state as a snapshot would have it whose peers are read at different moments: each
// from one of `moments`, like the slices.
struct FuzzySnapshot {
  std::vector<OrderedSession> sessions;
  std::vector<PeerKey> leases;
};

void copy_peer(const DirectoryTables& from, const PeerKey& key, DirectoryTables& to,
               FuzzySnapshot& rest) {
  const auto place = from.all_peers().find(key);
  if (place == from.all_peers().end()) return;
  to.restore_peer(key, {});
  std::vector<SharedFile> files;
  DirectoryTables::for_each_file(place->second, [&](std::string_view name, const auto& content) {
    files.push_back({std::string(name), content});
  });
  Change ignored;
  ASSERT_TRUE(to.add_files(key, files, ignored).ok());
  for (const OrderedSession& each : from.sessions_of(place->second)) rest.sessions.push_back(each);
  if (place->second.leased) rest.leases.push_back(key);
}

TEST(JournalRecords, ASnapshotOfManyMomentsAndTheRecordsSinceMakeTheState) {
  constexpr std::size_t kLength = 60;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    History history(seed);
    std::mt19937_64 chance(seed);
    DirectoryTables tables;
    const std::size_t cut = chance() % kLength;
    std::size_t moments[3];
    for (std::size_t& moment : moments) moment = cut + chance() % (kLength - cut);
    std::sort(std::begin(moments), std::end(moments));
    DirectoryTables restored;
    FuzzySnapshot rest;
    std::vector<std::string> records;
    for (std::size_t i = 0; i < kLength; ++i) {
      for (std::size_t peer = 0; peer < 3; ++peer) {
        const PeerKey key{std::string(1, static_cast<char>('p' + peer)), "10.0.0.1", 50051};
        if (moments[peer] == i) copy_peer(tables, key, restored, rest);
      }
      const std::string record = history.change(tables);
      if (i >= cut && !record.empty()) records.push_back(record);
    }
    std::sort(rest.sessions.begin(), rest.sessions.end(),
              [](const auto& left, const auto& right) { return left.order < right.order; });
    for (const OrderedSession& each : rest.sessions) restored.restore_session(each.session);
    for (const PeerKey& each : rest.leases) restored.restore_lease(each);
    for (const std::string& record : records)
      ASSERT_TRUE(replay_batch(record, {}, restored).ok()) << seed;
    ASSERT_EQ(text_of(restored), text_of(tables)) << seed;
  }
}

TEST(JournalRecords, ABatchIsRecordsOneBehindTheOther) {
  DirectoryTables tables;
  const PeerKey ana{"ana", "10.0.0.1", 50051};
  const std::vector<SharedFile> files = {real_file("a", 5, 1), placeholder("ñ")};
  const std::string batch = session_opened_record({content_id(1).bytes, ana, {}}) +
                            lease_began_record(ana) + files_put_record(ana, files);
  ASSERT_TRUE(replay_batch(batch, {}, tables).ok());
  EXPECT_EQ(tables.counts().files, 2U);
  EXPECT_TRUE(tables.all_peers().at(ana).leased);
}

TEST(JournalRecords, WhatNobodyWroteIsRefused) {
  const PeerKey ana{"ana", "10.0.0.1", 50051};
  const std::vector<SharedFile> escape = {placeholder("../x")};
  const std::string bad[] = {
      "no batch",
      session_opened_record({content_id(1).bytes, {"", "10.0.0.1", 1}, {}}),
      session_opened_record({content_id(1).bytes, {"ana", "no address", 1}, {}}),
      session_opened_record({content_id(1).bytes, {"ana", "10.0.0.1", 0}, {}}),
      files_put_record(ana, escape),
      std::string("\x0A\x00", 2),  // a record of no kind
  };
  for (const std::string& batch : bad) {
    DirectoryTables tables;
    EXPECT_EQ(replay_batch(batch, {}, tables).error().code, Code::kDataLoss) << batch;
  }
}

}  // namespace
}  // namespace trueque
