#include "common/content/piece_bits.h"

#include <gtest/gtest.h>

namespace trueque {
namespace {

TEST(PieceBits, AreThoseOfBep3) {
  EXPECT_EQ(encode_piece_bits({true}), "\x80");
  EXPECT_EQ(encode_piece_bits({false, true, false, false, false, false, false, true, true}),
            std::string("\x41\x80"));
  EXPECT_EQ(encode_piece_bits({}), "");
}

TEST(PieceBits, ComeBackAsTheyWere) {
  for (std::size_t pieces = 0; pieces < 20; ++pieces) {
    std::vector<bool> held(pieces);
    for (std::size_t piece = 0; piece < pieces; piece += 3) held[piece] = true;
    EXPECT_EQ(decode_piece_bits(encode_piece_bits(held), pieces), held);
  }
}

TEST(PieceBits, OfAnotherNumberOfPiecesAreNone) {
  EXPECT_FALSE(decode_piece_bits("", 1));
  EXPECT_FALSE(decode_piece_bits("a", 9));
  EXPECT_FALSE(decode_piece_bits("ab", 8));
  EXPECT_TRUE(decode_piece_bits("\xff", 3));
}

}  // namespace
}  // namespace trueque
