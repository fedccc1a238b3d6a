// Which bytes of a journal count, and what is told of those that do not.
#include "server/storage/journal/journal_reader.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/storage/journal/journal.h"
#include "server/storage/journal/journal_segments.h"
#include "tests/support/faulty_files.h"

namespace trueque {
namespace {

using testing::FaultyFiles;
using Texts = std::vector<std::string>;

const std::string kPrefix = "/d/state.journal.";

class JournalReaderTest : public ::testing::Test {
 protected:
  JournalReaderTest() { begin({}); }

  void begin(const JournalTail& tail) {
    journal_ = std::make_unique<Journal>(files_, kPrefix, tail, [this] { return ++salt_; });
  }
  void append(const std::string& payload) { ASSERT_TRUE(journal_->append(payload).ok()); }

  JournalContents read(std::uint64_t needed_from = 0) {
    auto contents = read_journal(files_, kPrefix, needed_from);
    EXPECT_TRUE(contents.ok());
    return *std::move(contents);
  }
  static Texts payloads(const JournalContents& contents) {
    Texts out;
    for (const JournalSegment& segment : contents.segments) {
      for (const Frame& frame : segment.frames) out.emplace_back(frame.payload);
    }
    return out;
  }
  static std::string path(std::uint64_t number) { return segment_path(kPrefix, number); }
  std::string bytes(std::uint64_t number) { return files_.contents().at(path(number)); }
  void change(std::uint64_t number, const std::function<void(std::string&)>& edit) {
    std::string text = bytes(number);
    edit(text);
    files_.put(path(number), text);
  }
  // "2 at 40: ..." of each damage.
  static Texts damages(const JournalContents& contents) {
    Texts out;
    for (const JournalDamage& each : contents.damages) {
      out.push_back(each.path.substr(kPrefix.size()) + " at " + std::to_string(each.range.offset) +
                    "+" + std::to_string(each.range.length));
    }
    return out;
  }

  FaultyFiles files_;
  std::uint32_t salt_ = 7;
  std::unique_ptr<Journal> journal_;
};

TEST_F(JournalReaderTest, WhatWasAppendedComesBackInOrder) {
  EXPECT_EQ(payloads(read()), Texts{});
  append("one");
  append("");
  append(std::string(100'000, 'x'));
  ASSERT_TRUE(journal_->rotate().ok());
  append("four");
  const JournalContents contents = read();
  EXPECT_EQ(payloads(contents), (Texts{"one", "", std::string(100'000, 'x'), "four"}));
  EXPECT_EQ(contents.segments.size(), 2U);
  EXPECT_EQ(damages(contents), Texts{});
  EXPECT_FALSE(contents.torn);
  begin(contents.tail);
  append("five");
  EXPECT_EQ(payloads(read()).back(), "five");
  EXPECT_EQ(read().segments.size(), 3U) << "a file of another life is not written to";
}

TEST_F(JournalReaderTest, ATornEndIsDroppedWhereverItIsTorn) {
  append("one");
  const std::size_t whole = bytes(1).size();
  append("two");
  const std::string all = bytes(1);
  for (std::size_t end = whole + 1; end < all.size(); ++end) {
    for (const char filling : {'\0', 'T'}) {
      files_.put(path(1), all.substr(0, end) + std::string(all.size() - end, filling));
      const JournalContents contents = read();
      EXPECT_EQ(payloads(contents), Texts{"one"}) << end;
      EXPECT_EQ(damages(contents), Texts{});
      ASSERT_TRUE(contents.torn);
      EXPECT_EQ(contents.torn->range.offset, whole);
      EXPECT_EQ(contents.tail.counted, whole);
    }
  }
  begin(read().tail);
  append("three");
  EXPECT_EQ(payloads(read()), (Texts{"one", "three"}));
  EXPECT_FALSE(read().torn) << "what did not count is not told of again";
}

TEST_F(JournalReaderTest, EachFlippedBitOfTheMiddleIsDamageAndToldWhere) {
  append("one");
  const std::size_t second = bytes(1).size();
  append("two");
  const std::size_t third = bytes(1).size();
  append("three");
  for (std::size_t at = second; at < third; ++at) {
    const std::string before = bytes(1);
    change(1, [at](std::string& text) { text[at] = static_cast<char>(text[at] ^ 0x10); });
    const JournalContents contents = read();
    EXPECT_EQ(damages(contents),
              Texts{"1 at " + std::to_string(second) + "+" + std::to_string(third - second)});
    EXPECT_EQ(payloads(contents), (Texts{"one", "three"})) << "the others can be kept";
    files_.put(path(1), before);
  }
}

TEST_F(JournalReaderTest, TheEndOfASegmentThatIsNotTheLastIsDamageToo) {
  append("one");
  append("two");
  ASSERT_TRUE(journal_->rotate().ok());
  append("three");
  const std::string whole = bytes(1);
  change(1, [](std::string& text) { text.pop_back(); });
  EXPECT_EQ(payloads(read()), (Texts{"one", "three"}));
  EXPECT_EQ(read().damages.size(), 2U) << "short, and what is left is no frame";
  change(1, [](std::string& text) { text.push_back('?'); });
  EXPECT_EQ(read().damages.size(), 1U);
  files_.put(path(1), whole);
  EXPECT_EQ(damages(read()), Texts{});
}

TEST_F(JournalReaderTest, ADamagedHeaderIsTold) {
  append("one");
  ASSERT_TRUE(journal_->rotate().ok());
  append("two");
  for (const std::uint64_t number : {1U, 2U}) {
    for (std::size_t at = 0; at < kSegmentHeaderBytes; ++at) {
      const std::string before = bytes(number);
      change(number, [at](std::string& text) { text[at] = static_cast<char>(text[at] ^ 0x01); });
      EXPECT_EQ(damages(read()), Texts{std::to_string(number) + " at 0+52"}) << at;
      EXPECT_EQ(payloads(read()), (Texts{"one", "two"}));
      files_.put(path(number), before);
    }
  }
}

TEST_F(JournalReaderTest, ASegmentThatGotNoHeaderWasNeverBegun) {
  append("one");
  for (const std::string& bytes : {std::string(), std::string("TqJr"), std::string(52, '\0')}) {
    files_.put(path(2), bytes);
    EXPECT_EQ(payloads(read()), Texts{"one"});
    EXPECT_EQ(damages(read()), Texts{});
  }
  begin(read().tail);
  append("two");
  EXPECT_EQ(payloads(read()), (Texts{"one", "two"}));
}

TEST_F(JournalReaderTest, WhatWasRefusedDoesNotCount) {
  append("one");
  files_.refuse([](FaultyFiles::Operation operation, const std::string&) -> std::string {
    return operation == FaultyFiles::Operation::kSync ? "Input/output error" : "";
  });
  EXPECT_FALSE(journal_->append("refused").ok());
  EXPECT_FALSE(journal_->append("refused again").ok());
  files_.refuse(nullptr);
  append("two");
  EXPECT_NE(bytes(1).find("refused"), std::string::npos);
  EXPECT_EQ(payloads(read()), (Texts{"one", "two"}));
  EXPECT_EQ(damages(read()), Texts{});
}

TEST_F(JournalReaderTest, SegmentsThatTheSnapshotHasMayBeMissing) {
  append("one");
  ASSERT_TRUE(journal_->rotate().ok());
  append("two");
  ASSERT_TRUE(journal_->rotate().ok());
  append("three");
  ASSERT_TRUE(remove_segments_below(files_, kPrefix, 2).ok());
  EXPECT_EQ(damages(read(2)), Texts{});
  EXPECT_EQ(damages(read(0)), Texts{});
  EXPECT_EQ(damages(read(1)), Texts{"1 at 0+0"});
  ASSERT_TRUE(files_.remove(path(2)).ok());
  EXPECT_EQ(damages(read(2)), Texts{"2 at 0+0"});
  ASSERT_TRUE(files_.remove(path(3)).ok());
  EXPECT_EQ(damages(read(2)), Texts{"2 at 0+0"});
}

TEST_F(JournalReaderTest, ACutOfWhatIsCutAlreadyMakesNoFile) {
  append("one");
  EXPECT_EQ(journal_->rotate().value(), 2U);
  EXPECT_EQ(journal_->rotate().value(), 2U);
  append("two");
  EXPECT_EQ(journal_->rotate().value(), 3U);
  EXPECT_EQ(payloads(read()), (Texts{"one", "two"}));
}

TEST_F(JournalReaderTest, BytesOfAPeerAreNotTakenForAFrame) {
  // A peer may send whatever it likes as a content id, but not the salt.
  const std::string forged = encode_frame(12345, 99, "forged");
  append("one");
  append(forged + forged);
  change(1, [](std::string& text) { text.pop_back(); });
  EXPECT_EQ(payloads(read()), Texts{"one"});
  EXPECT_EQ(damages(read()), Texts{}) << "a torn end, and nothing behind it";
}

TEST_F(JournalReaderTest, ANewerVersionIsNotTakenForDamage) {
  append("one");
  change(1, [](std::string& text) {
    text[8] = 2;
    const auto crc = ::crc32(0, reinterpret_cast<const Bytef*>(text.data()), 48);
    for (unsigned i = 0; i < 4; ++i) text[48 + i] = static_cast<char>(crc >> (8 * i));
  });
  const auto contents = read_journal(files_, kPrefix, 0);
  ASSERT_FALSE(contents.ok());
  EXPECT_EQ(contents.error().code, Code::kUnimplemented);
}

}  // namespace
}  // namespace trueque
