#include "common/content/part_journal.h"

#include <gtest/gtest.h>

#include "tests/support/fake_peers.h"

namespace trueque {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;

class PartJournalTest : public ::testing::Test {
 protected:
  RemoteFile file_ = testing::describe_bytes("a", testing::some_bytes(3 * kMiB + 7));
  std::string head_ = encode_journal_head(file_.content_id, file_.size, file_.piece_hashes);
};

TEST_F(PartJournalTest, SaysWhatWasNoted) {
  const auto journal = decode_journal(head_ + encode_journal_piece(2) + encode_journal_piece(0) +
                                      encode_journal_piece(2));
  ASSERT_TRUE(journal);
  EXPECT_EQ(journal->content, file_.content_id);
  EXPECT_EQ(journal->size, file_.size);
  EXPECT_EQ(journal->hashes, file_.piece_hashes);
  EXPECT_EQ(journal->pieces, (std::vector<std::uint64_t>{0, 2}));
}

TEST_F(PartJournalTest, ItsSizeIsKnownBefore) {
  const std::vector<Sha256> hashes(5);
  std::string bytes = encode_journal_head({}, 1, hashes);
  for (std::uint64_t piece = 0; piece < hashes.size(); ++piece)
    bytes += encode_journal_piece(piece);
  EXPECT_EQ(journal_bytes(hashes.size()), bytes.size());
}

TEST_F(PartJournalTest, PiecesThatMakeNoSenseAreLeftOut) {
  const std::string cut = encode_journal_piece(3).substr(0, 3);
  const auto journal = decode_journal(head_ + encode_journal_piece(1) + encode_journal_piece(4) +
                                      encode_journal_piece(0xFFFFFFFF) + cut);
  ASSERT_TRUE(journal);
  EXPECT_EQ(journal->pieces, std::vector<std::uint64_t>{1});
}

TEST_F(PartJournalTest, AnyOtherHeadIsNone) {
  EXPECT_FALSE(decode_journal(""));
  EXPECT_FALSE(decode_journal(head_.substr(0, head_.size() - 1)));
  for (std::size_t i = 0; i < head_.size(); ++i) {
    std::string other = head_;
    other[i] = static_cast<char>(other[i] ^ 0x40);
    // A size within the last piece leaves the hashes as they are.
    const bool size_of_last_piece = i >= 36 && i < 39;
    if (size_of_last_piece) continue;
    EXPECT_FALSE(decode_journal(other)) << "byte " << i;
  }
}

}  // namespace
}  // namespace trueque
