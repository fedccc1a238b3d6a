#include "common/content/part_name.h"

#include <gtest/gtest.h>

#include "common/base/file_name.h"
#include "common/base/text.h"

namespace trueque {
namespace {

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

TEST(PartName, IsReadAsItIsMade) {
  ContentId id;
  id.bytes[0] = 0x1a;
  for (const char* name : {"a", "a.bin", ".a", "ñandú 你.txt", "a.1a000000.part"}) {
    const auto read = read_part_name(part_name(name, id));
    ASSERT_TRUE(read) << name;
    EXPECT_EQ(read->name, name);
    EXPECT_EQ(read->id8, "1a000000");
  }
}

TEST(PartName, OfALongNameIsCutBetweenCodePointsAndLeavesRoomForTheJournal) {
  std::string name;
  while (name.size() + 2 <= kMaxComponentBytes) name += "ñ";
  const std::string part = part_name(name, {});
  EXPECT_LE(part.size() + std::string(kJournalSuffix).size(), kMaxComponentBytes);
  EXPECT_GE(part.size() + std::string(kJournalSuffix).size() + 1, kMaxComponentBytes);
  EXPECT_TRUE(is_valid_utf8(part));
  EXPECT_TRUE(name.starts_with(read_part_name(part)->name));
}

}  // namespace
}  // namespace trueque
