#include "common/directory/file_set_digest.h"

#include <gtest/gtest.h>

#include <vector>

#include "common/directory/directory_types.h"

namespace trueque {
namespace {

SharedFile file(const std::string& name, std::uint8_t content) {
  ContentId id;
  id.bytes.fill(content);
  return {name, Content{content, id}};
}

FileSetDigest digest_of(const std::vector<SharedFile>& files) {
  FileSetDigest digest;
  for (const SharedFile& each : files) digest.toggle(each.name, each.content);
  return digest;
}

// By hand: printf 'sub/b.txt\0%s\0%s' 7 0707... | sha256sum | cut -c1-32
TEST(FileSetDigest, IsWhatTheProtocolSays) {
  EXPECT_EQ(FileSetDigest().hex(), std::string(32, '0'));
  EXPECT_EQ(digest_of({{"a.txt", std::nullopt}}).hex(), "41168b3a788379352a32b732af88e8c1");
  EXPECT_EQ(digest_of({file("sub/b.txt", 7)}).hex(), "cfbb43bb9dd11370ce439c6c966de694");
  EXPECT_EQ(digest_of({{"a.txt", std::nullopt}, file("sub/b.txt", 7)}).hex(),
            "8eadc881e5526a45e4712b5e39e50e55");
}

TEST(FileSetDigest, DoesNotDependOnOrderAndForgetsWhatLeft) {
  const SharedFile a = file("a", 1), b = file("b", 2), c{"c", std::nullopt};
  EXPECT_EQ(digest_of({a, b, c}), digest_of({c, a, b}));
  EXPECT_EQ(digest_of({a, b, c, b}), digest_of({a, c}));
  FileSetDigest both = digest_of({a, b});
  both.toggle(digest_of({c}));
  EXPECT_EQ(both, digest_of({a, b, c}));
}

TEST(FileSetDigest, EachPartOfAFileCounts) {
  const SharedFile a = file("a", 1);
  SharedFile larger = a;
  larger.content->size = 2;
  SharedFile other = a;
  other.content->id.bytes[31] = 0;
  const std::vector<SharedFile> all = {a, larger, other, {"a", std::nullopt}, file("b", 1)};
  for (const SharedFile& one : all) {
    for (const SharedFile& another : all)
      EXPECT_EQ(digest_of({one}) == digest_of({another}), one == another);
  }
}

TEST(FileSetDigest, IsReadAsItIsWritten) {
  const FileSetDigest digest = digest_of({file("a", 1)});
  EXPECT_EQ(FileSetDigest::from_hex(digest.hex()), digest);
  const auto bytes = digest.bytes();
  EXPECT_EQ(FileSetDigest::from_bytes({reinterpret_cast<const char*>(bytes.data()), 16}), digest);
  for (const std::string& bad : {std::string(), std::string(31, '0'), std::string(33, '0'),
                                 std::string(32, 'g'), std::string(64, '0')})
    EXPECT_FALSE(FileSetDigest::from_hex(bad)) << bad;
  EXPECT_FALSE(FileSetDigest::from_bytes("short"));
}

}  // namespace
}  // namespace trueque
