#include "peer_server/core/hash_cache.h"

#include <gtest/gtest.h>

#include <random>

#include "peer_server/core/hash_cache_reader.h"
#include "tests/unit/peer_server/folder_fixture.h"

namespace trueque {
namespace {

using std::chrono::seconds;
using testing::FolderOnDisk;
using testing::patterned;

constexpr std::uint64_t kTwoPieces = kMinPieceSize + 1;

ContentId some_id(std::uint8_t byte) {
  ContentId id;
  id.bytes.fill(byte);
  return id;
}

std::vector<Sha256> two_pieces(std::uint8_t byte) {
  return {some_id(byte).bytes, some_id(static_cast<std::uint8_t>(byte + 1)).bytes};
}

class HashCacheTest : public ::testing::Test {
 protected:
  HashCache open() {
    HashCache cache(disk_.outside("cache"), "/the/folder", disk_.log());
    cache.load();
    return cache;
  }
  std::string cache_file() const {
    for (const auto& entry : std::filesystem::directory_iterator(disk_.outside("cache"))) {
      if (entry.path().extension() == ".hashes") return entry.path().string();
    }
    return "";
  }

  FolderOnDisk disk_;
};

TEST_F(HashCacheTest, RemembersBetweenStarts) {
  const FileStamp small{5, 10, 20};
  const FileStamp large{kTwoPieces, 11, 21};
  {
    HashCache cache = open();
    EXPECT_TRUE(cache.persistent());
    ASSERT_TRUE(cache.keep("small", small, some_id(1), {}).ok());
    const auto kept = cache.keep("large", large, some_id(2), two_pieces(7));
    ASSERT_TRUE(kept.ok());
    EXPECT_EQ(*cache.read_pieces(kept->pieces), two_pieces(7));
  }
  HashCache cache = open();
  EXPECT_EQ(cache.loaded(), 2U);
  ASSERT_TRUE(cache.find("small", small));
  EXPECT_EQ(cache.find("small", small)->id, some_id(1));
  ASSERT_TRUE(cache.find("large", large));
  EXPECT_EQ(*cache.read_pieces(cache.find("large", large)->pieces), two_pieces(7));
}

TEST_F(HashCacheTest, ForgetsAFileWhoseStampDiffers) {
  const FileStamp stamp{5, 10, 20};
  { ASSERT_TRUE(open().keep("a", stamp, some_id(1), {}).ok()); }
  HashCache cache = open();
  for (const FileStamp& other : {FileStamp{6, 10, 20}, FileStamp{5, 11, 20}, FileStamp{5, 10, 21}})
    EXPECT_FALSE(cache.find("a", other));
  EXPECT_FALSE(cache.find("b", stamp));
  EXPECT_TRUE(cache.find("a", stamp));
}

TEST_F(HashCacheTest, TheLastRecordOfANameCountsAndRemovedOnesDoNot) {
  {
    HashCache cache = open();
    ASSERT_TRUE(cache.keep("a", {1, 1, 1}, some_id(1), {}).ok());
    ASSERT_TRUE(cache.keep("a", {2, 2, 2}, some_id(2), {}).ok());
    ASSERT_TRUE(cache.keep("b", {3, 3, 3}, some_id(3), {}).ok());
    cache.keep_removed("b");
  }
  HashCache cache = open();
  EXPECT_EQ(cache.loaded(), 1U);
  EXPECT_FALSE(cache.find("a", {1, 1, 1}));
  EXPECT_TRUE(cache.find("a", {2, 2, 2}));
}

TEST_F(HashCacheTest, DropsNamesThatAreNotFoundAnyMore) {
  {
    HashCache cache = open();
    ASSERT_TRUE(cache.keep("stays", {1, 1, 1}, some_id(1), {}).ok());
    ASSERT_TRUE(cache.keep("goes", {1, 1, 2}, some_id(2), {}).ok());
  }
  {
    HashCache cache = open();
    EXPECT_TRUE(cache.find("stays", {1, 1, 1}));
    cache.forget_loaded();
  }
  EXPECT_EQ(open().loaded(), 1U);
}

TEST_F(HashCacheTest, RemembersHowFarALargeFileHasCome) {
  const FileStamp stamp{3 * kMinPieceSize, 10, 20};
  const auto begin = [&](std::uint8_t byte) {
    HashCache cache = open();
    cache.keep_unfinished("a", stamp, {{some_id(byte).bytes}});
    cache.keep_unfinished("a", stamp, two_pieces(byte));
  };
  begin(1);
  {
    HashCache cache = open();
    EXPECT_FALSE(cache.find("a", stamp));
    EXPECT_EQ(cache.find_unfinished("a", stamp), two_pieces(1));
    EXPECT_TRUE(cache.find_unfinished("a", {stamp.size, 11, 20}).empty());
    EXPECT_TRUE(cache.find_unfinished("b", stamp).empty());
    cache.forget_loaded();
    EXPECT_EQ(cache.find_unfinished("a", stamp), two_pieces(1));
    const std::vector<Sha256> all(3, some_id(5).bytes);
    ASSERT_TRUE(cache.keep("a", stamp, some_id(5), all).ok());
  }
  {
    HashCache cache = open();
    EXPECT_TRUE(cache.find("a", stamp));
    EXPECT_TRUE(cache.find_unfinished("a", stamp).empty());
  }
  begin(3);
  { open().forget_loaded(); }  // it was not found, so it is gone
  EXPECT_TRUE(open().find_unfinished("a", stamp).empty());
}

TEST_F(HashCacheTest, IsCompactedWhenMostOfItIsStale) {
  {
    HashCache cache = open();
    ASSERT_TRUE(cache.keep("large", {kTwoPieces, 1, 1}, some_id(9), two_pieces(3)).ok());
    cache.keep_unfinished("begun", {3 * kMinPieceSize, 1, 1}, two_pieces(6));
    for (std::int64_t i = 0; i < 2'000; ++i)
      ASSERT_TRUE(cache.keep("a", {1, i, 1}, some_id(1), {}).ok());
  }
  const auto before = std::filesystem::file_size(cache_file());
  HashCache cache = open();
  EXPECT_LT(std::filesystem::file_size(cache_file()) * 10, before);
  EXPECT_TRUE(cache.find("a", {1, 1'999, 1}));
  const auto large = cache.find("large", {kTwoPieces, 1, 1});
  ASSERT_TRUE(large);
  EXPECT_EQ(*cache.read_pieces(large->pieces), two_pieces(3));
  EXPECT_EQ(cache.find_unfinished("begun", {3 * kMinPieceSize, 1, 1}), two_pieces(6));
  // What is appended to the compacted file is found as well.
  ASSERT_TRUE(cache.keep("new", {1, 1, 5}, some_id(4), {}).ok());
}

TEST_F(HashCacheTest, ATornTailCostsOnlyTheLastRecord) {
  {
    HashCache cache = open();
    ASSERT_TRUE(cache.keep("a", {1, 1, 1}, some_id(1), {}).ok());
    ASSERT_TRUE(cache.keep("b", {2, 2, 2}, some_id(2), {}).ok());
  }
  std::filesystem::resize_file(cache_file(), std::filesystem::file_size(cache_file()) - 3);
  {
    HashCache cache = open();
    EXPECT_TRUE(cache.find("a", {1, 1, 1}));
    EXPECT_FALSE(cache.find("b", {2, 2, 2}));
    ASSERT_TRUE(cache.keep("c", {3, 3, 3}, some_id(3), {}).ok());
  }
  HashCache cache = open();
  EXPECT_TRUE(cache.find("a", {1, 1, 1}));
  EXPECT_TRUE(cache.find("c", {3, 3, 3}));
}

TEST_F(HashCacheTest, DamageInTheMiddleCostsOnlyItsRecord) {
  std::uint64_t first = 0;
  {
    HashCache cache = open();
    first = std::filesystem::file_size(cache_file());
    for (const char* name : {"a", "b", "c"})
      ASSERT_TRUE(cache.keep(name, {1, 1, 1}, some_id(1), {}).ok());
  }
  const std::uint64_t record = (std::filesystem::file_size(cache_file()) - first) / 3;
  std::fstream file(cache_file(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(first + record + 30));
  file << "rotten";
  file.close();
  HashCache cache = open();
  EXPECT_TRUE(cache.find("a", {1, 1, 1}));
  EXPECT_FALSE(cache.find("b", {1, 1, 1}));
  EXPECT_TRUE(cache.find("c", {1, 1, 1}));
}

TEST_F(HashCacheTest, RubbishIsNeverBelievedNorFatal) {
  {
    HashCache cache = open();
    for (std::uint8_t i = 0; i < 40; ++i)
      ASSERT_TRUE(
          cache.keep("name" + std::to_string(i), {kTwoPieces, i, i}, some_id(i), two_pieces(i))
              .ok());
  }
  const std::string good = *read_file(cache_file());
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::string bad = good;
    for (auto hits = 1 + random() % 20; hits > 0; --hits)
      bad[random() % bad.size()] = static_cast<char>(random());
    if (round % 3 == 0) bad.resize(random() % bad.size());
    if (round % 5 == 0) bad.insert(random() % (bad.size() + 1), patterned(random() % 500, 3));
    std::ofstream(cache_file(), std::ios::binary | std::ios::trunc) << bad;
    HashCache cache = open();
    for (std::uint8_t i = 0; i < 40; ++i) {
      const auto found = cache.find("name" + std::to_string(i), {kTwoPieces, i, i});
      if (!found) continue;
      EXPECT_EQ(found->id, some_id(i));
      EXPECT_EQ(*cache.read_pieces(found->pieces), two_pieces(i));
    }
  }
}

TEST_F(HashCacheTest, ASecondUserGoesWithout) {
  HashCache first = open();
  HashCache second = open();
  EXPECT_TRUE(first.persistent());
  EXPECT_FALSE(second.persistent());
  const auto kept = second.keep("a", {kTwoPieces, 1, 1}, some_id(1), two_pieces(5));
  ASSERT_TRUE(kept.ok());
  EXPECT_EQ(*second.read_pieces(kept->pieces), two_pieces(5));
}

TEST_F(HashCacheTest, WithoutAFolderPieceHashesAreStillKept) {
  HashCache cache("", "/the/folder", disk_.log());
  EXPECT_FALSE(cache.persistent());
  const auto kept = cache.keep("a", {kTwoPieces, 1, 1}, some_id(1), two_pieces(5));
  ASSERT_TRUE(kept.ok());
  EXPECT_EQ(*cache.read_pieces(kept->pieces), two_pieces(5));
  EXPECT_EQ(cache.keep("b", {1, 1, 1}, some_id(2), {})->id, some_id(2));
}

TEST(HashRecord, RefusesEveryBrokenRecord) {
  const HashRecord record{HashRecord::Kind::kHashed, "a", {kTwoPieces, 1, 1}, some_id(1), 2};
  const std::string good = encode_record(record, two_pieces(1)).bytes;
  ASSERT_EQ(decode_record(good).kind, DecodedRecord::Kind::kRecord);
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_EQ(decode_record(good.substr(0, length)).kind, DecodedRecord::Kind::kNeedMore);
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    EXPECT_NE(decode_record(bad).kind, DecodedRecord::Kind::kRecord) << at;
  }
  // Of a file that is not hashed to its end some pieces are known, and not all.
  const HashRecord begun{HashRecord::Kind::kUnfinished, "a", {kTwoPieces, 1, 1}, {}, 1};
  const std::vector<Sha256> one = {some_id(1).bytes};
  EXPECT_EQ(decode_record(encode_record(begun, one).bytes).kind, DecodedRecord::Kind::kRecord);
  for (const std::vector<Sha256>& wrong : {std::vector<Sha256>(), two_pieces(1)}) {
    HashRecord odd = begun;
    odd.piece_count = static_cast<std::uint32_t>(wrong.size());
    EXPECT_EQ(decode_record(encode_record(odd, wrong).bytes).kind, DecodedRecord::Kind::kBad);
  }
  // Well-formed, but about nothing that can be.
  for (const HashRecord& odd :
       {HashRecord{HashRecord::Kind::kHashed, "../a", {1, 1, 1}, some_id(1), 0},
        HashRecord{HashRecord::Kind::kHashed, "", {1, 1, 1}, some_id(1), 0},
        HashRecord{HashRecord::Kind::kHashed, "a", {kMaxFileSize + 1, 1, 1}, some_id(1), 0},
        HashRecord{HashRecord::Kind::kHashed, "a", {kTwoPieces, 1, 1}, some_id(1), 0}}) {
    EXPECT_EQ(decode_record(encode_record(odd, {}).bytes).kind, DecodedRecord::Kind::kBad);
  }
}

TEST(CacheDirectory, FollowsTheXdgRules) {
  using Variables = std::map<std::string, std::string>;
  const auto chosen = [](const std::string& configured, const Variables& variables) {
    return cache_directory(configured, [&](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    });
  };
  EXPECT_EQ(chosen("/c", {{"XDG_CACHE_HOME", "/x"}, {"HOME", "/h"}}), "/c");
  EXPECT_EQ(chosen("", {{"XDG_CACHE_HOME", "/x"}, {"HOME", "/h"}}), "/x/trueque");
  EXPECT_EQ(chosen("", {{"XDG_CACHE_HOME", "relative"}, {"HOME", "/h"}}), "/h/.cache/trueque");
  EXPECT_EQ(chosen("", {{"HOME", "/h"}}), "/h/.cache/trueque");
  EXPECT_EQ(chosen("", {}), "");
}

}  // namespace
}  // namespace trueque
