// The expected roots come from a separate, straightforward Python implementation
// of BEP 52's padding (tests/support/pieces_root.py), over byte i = 31 i + 7 (i / 256).
#include "common/content/merkle_tree.h"

#include <gtest/gtest.h>

#include <set>

namespace trueque {
namespace {

std::vector<std::uint8_t> sample(std::uint64_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (std::uint64_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::uint8_t>(i * 31 + (i >> 8) * 7);
  return bytes;
}

ContentId hash_in_portions(const std::vector<std::uint8_t>& bytes, std::size_t portion) {
  ContentHasher hasher(bytes.size());
  const std::span<const std::uint8_t> all(bytes);
  for (std::size_t at = 0; at < all.size(); at += portion) {
    EXPECT_TRUE(hasher.update(all.subspan(at, std::min(portion, all.size() - at))));
  }
  return root_of_pieces(PieceLayout(bytes.size()), hasher.take_piece_hashes());
}

struct Vector {
  std::uint64_t size;
  const char* root;
};

const Vector kVectors[] = {
    {0, "0000000000000000000000000000000000000000000000000000000000000000"},
    {1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
    {16383, "edca85df79038995a58a29cde47a400ca9ea42705a52c68bc6b54662d0056e5e"},
    {16384, "c85be998ed1656d19fe8482f1191453f9806de55b305213736d8ffad240739fc"},
    {16385, "0a057fb4022b5706c242106efaa171fc7fd5492239f0935f4ddd980fde8455f8"},
    {1048575, "e7da288b3c01d7245477156007f3b2e3f587b585468e0aa170f21914574a8a47"},
    {1048576, "b69c5a8d8e3b81edf2832457191a487787752c109355636d40929991f1cff568"},
    {1048577, "522499345e9c1216f5b0c1ff42584dcbf25d9f9e9272887ff3f654a32bab7453"},
    {5242887, "6159a04f0c0b74f21c9aa184c74438ba31b9c5e72da964b7cc9c164360baac63"},
};

TEST(MerkleTree, AgreesWithAnotherImplementationAtEveryEdge) {
  for (const Vector& each : kVectors) {
    EXPECT_EQ(hash_in_portions(sample(each.size), 1 << 20).hex(), each.root) << each.size;
  }
}

TEST(MerkleTree, DoesNotDependOnHowTheBytesArrive) {
  for (const Vector& each : kVectors) {
    EXPECT_EQ(hash_in_portions(sample(each.size), 10'007).hex(), each.root) << each.size;
  }
}

TEST(MerkleTree, AFileOfOnePieceHasItsPieceHashAsContentId) {
  ContentHasher hasher(1'000'000);
  ASSERT_TRUE(hasher.update(sample(1'000'000)));
  const std::vector<Sha256> pieces = hasher.take_piece_hashes();
  ASSERT_EQ(pieces.size(), 1U);
  EXPECT_EQ(root_of_pieces(PieceLayout(1'000'000), pieces).bytes, pieces.front());
}

TEST(MerkleTree, EachPieceVerifiesByItself) {
  const std::vector<std::uint8_t> bytes = sample(5 * 1048576 + 7);
  ContentHasher whole(bytes.size());
  ASSERT_TRUE(whole.update(bytes));
  const std::vector<Sha256> pieces = whole.take_piece_hashes();
  const PieceLayout layout(bytes.size());
  ASSERT_EQ(pieces.size(), layout.piece_count());
  PieceHasher hasher(leaves_per_piece(layout));
  for (std::uint64_t i = 0; i < layout.piece_count(); ++i) {
    hasher.update(std::span(bytes).subspan(layout.piece_offset(i), layout.piece_length(i)));
    EXPECT_EQ(hasher.finish(), pieces[i]) << i;
  }
}

TEST(MerkleTree, RefusesMoreBytesThanTheFileHas) {
  ContentHasher hasher(3);
  EXPECT_FALSE(hasher.update(sample(4)));
  EXPECT_EQ(hasher.position(), 0U);
}

TEST(PieceLayout, IsTheSmallestPowerOfTwoForAtMostAThousandPieces) {
  constexpr std::uint64_t kMiB = 1024 * 1024;
  struct {
    std::uint64_t size, piece_size, count;
  } const rows[] = {
      {0, kMiB, 0},
      {1, kMiB, 1},
      {kMiB, kMiB, 1},
      {kMiB + 1, kMiB, 2},
      {1024 * kMiB, kMiB, 1024},
      {1024 * kMiB + 1, 2 * kMiB, 513},
      {65'536 * kMiB, 64 * kMiB, 1024},
      {131'072 * kMiB, 64 * kMiB, 2048},
  };
  for (const auto& row : rows) {
    const PieceLayout layout(row.size);
    EXPECT_EQ(layout.piece_size(), row.piece_size) << row.size;
    EXPECT_EQ(layout.piece_count(), row.count) << row.size;
  }
  EXPECT_EQ(PieceLayout(kMiB + 1).piece_length(1), 1U);
}

TEST(ContentId, IdsThatBeginAlikeHashApart) {
  std::set<std::size_t> hashes;
  for (std::uint8_t i = 0; i < 100; ++i) {
    ContentId id;
    id.bytes.back() = i;
    hashes.insert(ContentIdHash()(id));
  }
  EXPECT_EQ(hashes.size(), 100U);
}

TEST(ContentId, IsReadInEitherCaseAndWrittenInLowerCase) {
  const std::string upper(64, 'A');
  ASSERT_TRUE(ContentId::from_hex(upper));
  EXPECT_EQ(ContentId::from_hex(upper)->hex(), std::string(64, 'a'));
  EXPECT_FALSE(ContentId::from_hex(std::string(63, 'a')));
  EXPECT_FALSE(ContentId::from_hex(std::string(64, 'g')));
}

}  // namespace
}  // namespace trueque
