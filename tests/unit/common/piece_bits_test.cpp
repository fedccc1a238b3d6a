#include "common/content/piece_bits.h"

#include <gtest/gtest.h>

#include "common/content/part_name.h"

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

TEST(PartName, SaysWhatItIsThePartOf) {
  ContentId id;
  id.bytes[0] = 0x1a;
  EXPECT_EQ(part_ending(id), ".1a000000.part");
  const std::string journal = "sub/.a.bin.1a000000.part.pieces";
  EXPECT_TRUE(is_journal_name(journal));
  EXPECT_EQ(part_of_journal(journal), "sub/.a.bin.1a000000.part");
  EXPECT_EQ(final_name_of_journal(journal), "sub/a.bin");
  for (const char* other :
       {"", ".pieces", "a.pieces", ".part.pieces", ".a.1a000000.part", "a.1a000000.part.pieces",
        ".a.1a0000.part.pieces", ".a.1A000000.part.pieces", "..1a000000.part.pieces",
        ".a.1a000000.part.pieces/x", ".a-1a000000.part.pieces"})
    EXPECT_FALSE(is_journal_name(other)) << other;
}

}  // namespace
}  // namespace trueque
