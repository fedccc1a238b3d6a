#include "common/content/file_hashing.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <latch>
#include <thread>

#include "common/content/merkle_tree.h"

namespace trueque {
namespace {

std::vector<std::uint8_t> sample(std::uint64_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (std::uint64_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 + i / 997);
  return bytes;
}

std::vector<Sha256> pieces_of(const std::vector<std::uint8_t>& bytes) {
  ContentHasher hasher(bytes.size());
  EXPECT_TRUE(hasher.update(bytes));
  return hasher.take_piece_hashes();
}

// Reads from memory, counting.
class FileHashingTest : public ::testing::Test {
 protected:
  FileHashing::Read reader(const std::vector<std::uint8_t>& bytes) {
    return [this, &bytes](std::span<std::uint8_t> into, std::uint64_t offset) {
      EXPECT_LE(offset + into.size(), bytes.size());
      std::memcpy(into.data(), bytes.data() + offset, into.size());
      bytes_read_ += into.size();
      return Status();
    };
  }

  std::atomic<std::uint64_t> bytes_read_ = 0;
};

TEST_F(FileHashingTest, IsTheSameAsInOrderWhateverTheThreads) {
  for (const std::uint64_t size : {0UL, 1UL, 16'384UL, 16'385UL, kMinPieceSize, kMinPieceSize + 1,
                                   5 * kMinPieceSize + 77, 16 * kMinPieceSize}) {
    const std::vector<std::uint8_t> bytes = sample(size);
    for (const unsigned threads : {0U, 1U, 2U, 7U}) {
      bytes_read_ = 0;
      FileHashing hashing(size, reader(bytes));
      ASSERT_TRUE(hash_all(hashing, threads).ok());
      EXPECT_EQ(hashing.done(), pieces_of(bytes)) << size;
      EXPECT_EQ(hashing.id(), root_of_pieces(PieceLayout(size), pieces_of(bytes)));
      EXPECT_EQ(bytes_read_, size);  // once
    }
  }
}

TEST_F(FileHashingTest, GoesOnAfterThePiecesThatAreKnown) {
  const std::vector<std::uint8_t> bytes = sample(5 * kMinPieceSize + 77);
  const std::vector<Sha256> all = pieces_of(bytes);
  for (std::size_t known = 0; known <= all.size(); ++known) {
    bytes_read_ = 0;
    FileHashing hashing(bytes.size(), reader(bytes), {all.begin(), all.begin() + known});
    ASSERT_TRUE(hash_all(hashing, 2).ok());
    EXPECT_EQ(hashing.done(), all);
    // Of a file that is known in full the last piece is hashed again.
    EXPECT_EQ(bytes_read_, bytes.size() - std::min(known, all.size() - 1) * kMinPieceSize);
  }
}

TEST_F(FileHashingTest, SeveralThreadsAreAtWorkAtOnce) {
  const std::vector<std::uint8_t> bytes = sample(3 * kMinPieceSize);
  const FileHashing::Read read = reader(bytes);
  std::latch all_three(3);  // each waits within its own piece until the others are in theirs
  FileHashing hashing(bytes.size(), [&](std::span<std::uint8_t> into, std::uint64_t offset) {
    if (offset % kMinPieceSize == 0) all_three.arrive_and_wait();
    return read(into, offset);
  });
  ASSERT_TRUE(hash_all(hashing, 3).ok());
  EXPECT_EQ(hashing.done(), pieces_of(bytes));
}

TEST_F(FileHashingTest, AFailureEndsItAndKeepsWhatWasDoneBefore) {
  const std::vector<std::uint8_t> bytes = sample(5 * kMinPieceSize);
  const FileHashing::Read read = reader(bytes);
  FileHashing hashing(bytes.size(), [&](std::span<std::uint8_t> into, std::uint64_t offset) {
    if (offset >= 2 * kMinPieceSize) return Status(make_error(Code::kAborted, "disk on fire"));
    return read(into, offset);
  });
  EXPECT_FALSE(hashing.hash_next());
  EXPECT_EQ(hashing.done_count(), 1U);
  EXPECT_FALSE(hashing.hash_next());
  EXPECT_TRUE(hashing.has_more());
  EXPECT_TRUE(hashing.hash_next());
  EXPECT_FALSE(hashing.has_more());
  EXPECT_FALSE(hashing.hash_next());
  EXPECT_EQ(hashing.status().error().message, "disk on fire");
  const std::vector<Sha256> all = pieces_of(bytes);
  EXPECT_EQ(hashing.done(), (std::vector<Sha256>{all[0], all[1]}));
}

TEST_F(FileHashingTest, APieceThatIsDoneOutOfTurnCountsWhenThoseBeforeItAre) {
  const std::vector<std::uint8_t> bytes = sample(3 * kMinPieceSize);
  const FileHashing::Read read = reader(bytes);
  std::latch begun(1);
  std::latch go_on(1);
  FileHashing hashing(bytes.size(), [&](std::span<std::uint8_t> into, std::uint64_t offset) {
    if (offset == 0) {
      begun.count_down();
      go_on.wait();
    }
    return read(into, offset);
  });
  std::thread first([&hashing] { EXPECT_FALSE(hashing.hash_next()); });
  begun.wait();
  EXPECT_FALSE(hashing.hash_next());
  EXPECT_EQ(hashing.done_count(), 0U);
  go_on.count_down();
  first.join();
  EXPECT_EQ(hashing.done_count(), 2U);
  EXPECT_TRUE(hashing.hash_next());
  EXPECT_EQ(hashing.done(), pieces_of(bytes));
}

}  // namespace
}  // namespace trueque
