// Downloads that go on in a shared folder: what of them is given out, and to whom.
#include "peer_server/core/partial_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

#include "common/content/part_name.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/peer_server/folder_fixture.h"

namespace trueque {
namespace {

using testing::FolderOnDisk;
using testing::id_of;
using testing::patterned;

constexpr std::size_t kPiece = kMinPieceSize;

// A content of four pieces, and its part in the folder.
class PartialFilesTest : public ::testing::Test {
 protected:
  static std::string journal_of(const std::string& bytes, const std::vector<int>& pieces) {
    ContentHasher hasher(bytes.size());
    hasher.update({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    std::string journal =
        encode_journal_head(id_of(bytes), bytes.size(), hasher.take_piece_hashes());
    for (const int piece : pieces) journal += encode_journal_piece(static_cast<unsigned>(piece));
    return journal;
  }
  void begin(const std::vector<int>& pieces) { write_journal(journal_of(bytes_, pieces)); }
  void write_journal(const std::string& bytes) {
    disk_.write(part_, bytes_);
    disk_.write(journal_, bytes);
    files_.look_at(journal_);
  }
  // The bytes of the range, or the code it fails with.
  Result<std::string> read(std::uint64_t offset, std::uint64_t length) {
    const Result<OpenPart> part = files_.open(id_, offset, length);
    if (!part) return part.error();
    std::string bytes(length, '\0');
    const std::array buffers = {std::span(reinterpret_cast<std::uint8_t*>(bytes.data()), length)};
    if (Status read = part->read(buffers, offset); !read) return read.error();
    return bytes;
  }
  Code code_of(std::uint64_t offset, std::uint64_t length) {
    const Result<std::string> bytes = read(offset, length);
    return bytes ? Code::kInternal : bytes.error().code;
  }
  std::vector<bool> held() {
    const Result<PartialDetails> details = files_.find(id_);
    return details ? details->held : std::vector<bool>();
  }

  FolderOnDisk disk_;
  FolderRoot root_ = std::move(*FolderRoot::open(disk_.path()));
  testing::ManualClock clock_;
  PartialFiles files_{root_, clock_};
  std::string bytes_ = patterned(3 * kPiece + 5);
  ContentId id_ = id_of(bytes_);
  std::string part_ = "sub/.a.bin" + part_ending(id_);
  std::string journal_ = part_ + kJournalSuffix;
};

using Held = std::vector<bool>;

TEST_F(PartialFilesTest, TellsWhatTheJournalNamesAndGivesIt) {
  begin({0, 3});
  const Result<PartialDetails> details = files_.find(id_);
  ASSERT_TRUE(details.ok()) << details.error().message;
  EXPECT_EQ(details->name, "sub/a.bin");
  EXPECT_EQ(details->size, bytes_.size());
  EXPECT_EQ(root_of_pieces(PieceLayout(bytes_.size()), details->hashes), id_);
  EXPECT_EQ(details->held, (Held{true, false, false, true}));
  EXPECT_EQ(*read(7, kPiece - 7), bytes_.substr(7, kPiece - 7));
  EXPECT_EQ(*read(3 * kPiece, 5), bytes_.substr(3 * kPiece));
  EXPECT_EQ(*read(kPiece, 0), "");
}

TEST_F(PartialFilesTest, WhatIsMissingComesLater) {
  begin({0, 3});
  EXPECT_EQ(code_of(kPiece, 1), Code::kUnavailable);
  EXPECT_EQ(code_of(kPiece - 1, 2), Code::kUnavailable);
  EXPECT_EQ(code_of(2 * kPiece, kPiece + 5), Code::kUnavailable);
  EXPECT_TRUE(read(kPiece, 1).error().retry_after);
  EXPECT_EQ(code_of(3 * kPiece, 6), Code::kOutOfRange);
  EXPECT_EQ(code_of(~0ULL, 2), Code::kOutOfRange);
  disk_.write(journal_, journal_of(bytes_, {0, 3, 1}));
  EXPECT_EQ(held(), (Held{true, true, false, true}));
  EXPECT_EQ(*read(0, 2 * kPiece), bytes_.substr(0, 2 * kPiece));
}

TEST_F(PartialFilesTest, APieceTheJournalIsWrongAboutIsNeverGivenOut) {
  const std::string& right = bytes_;
  begin({0, 1});
  std::string damaged = bytes_;
  ++damaged[kPiece + 9];
  disk_.write(part_, damaged);
  EXPECT_EQ(*read(0, kPiece), right.substr(0, kPiece));
  EXPECT_EQ(code_of(kPiece, 10), Code::kUnavailable);
  EXPECT_EQ(code_of(0, 2 * kPiece), Code::kUnavailable);
  EXPECT_EQ(held(), (Held{true, false, false, false}));
  // Fetched anew, and noted so.
  disk_.write(part_, right);
  disk_.write(journal_, journal_of(right, {0, 1, 1}));
  EXPECT_EQ(held(), (Held{true, true, false, false}));
  EXPECT_EQ(*read(kPiece, 10), right.substr(kPiece, 10));
}

TEST_F(PartialFilesTest, AnotherPartUnderTheNameIsLookedAtAnew) {
  begin({0, 1});
  EXPECT_EQ(*read(0, kPiece), bytes_.substr(0, kPiece));
  std::filesystem::rename(disk_.path(part_), disk_.path("old"));
  disk_.write(part_, std::string(bytes_.size(), 'x'));
  EXPECT_EQ(code_of(0, kPiece), Code::kUnavailable);
}

TEST_F(PartialFilesTest, AnOpenPartGoesOnWhenItIsFinished) {
  begin({0, 1, 2, 3});
  const Result<OpenPart> part = files_.open(id_, 0, bytes_.size());
  ASSERT_TRUE(part.ok());
  std::filesystem::rename(disk_.path(part_), disk_.path("sub/a.bin"));
  std::filesystem::remove(disk_.path(journal_));
  std::string got(bytes_.size(), '\0');
  const std::array buffers = {std::span(reinterpret_cast<std::uint8_t*>(got.data()), got.size())};
  ASSERT_TRUE(part->read(buffers, 0).ok());
  EXPECT_EQ(got, bytes_);
  // Who asks now comes too early for the hashes, until that must be over.
  EXPECT_EQ(files_.find(id_).error().code, Code::kUnavailable);
  files_.look_at(journal_);
  EXPECT_EQ(files_.find(id_).error().code, Code::kUnavailable);
  EXPECT_TRUE(files_.find(id_).error().retry_after);
  clock_.advance(std::chrono::seconds(31));
  EXPECT_EQ(files_.find(id_).error().code, Code::kNotFound);
}

TEST_F(PartialFilesTest, ASecondPartOfTheContentCounts) {
  begin({1});
  const std::string part = ".other.bin" + part_ending(id_);
  disk_.write(part, bytes_);
  disk_.write(part + kJournalSuffix, journal_of(bytes_, {1, 2}));
  files_.look_at(part + kJournalSuffix);
  EXPECT_EQ(held(), (Held{false, true, true, false}));
  std::filesystem::remove(disk_.path(part + kJournalSuffix));
  files_.look_below("");
  EXPECT_EQ(held(), (Held{false, true, false, false}));
}

TEST_F(PartialFilesTest, HostileJournalsAreNothing) {
  const std::string good = journal_of(bytes_, {0});
  std::string wrong_hash = good;
  ++wrong_hash[100];
  const std::string small = patterned(9);
  const std::string rows[] = {
      "", "TqJ1", "rubbish", good.substr(0, 60), wrong_hash, journal_of(small, {0})};
  for (const std::string& row : rows) {
    write_journal(row);
    EXPECT_EQ(files_.find(id_).error().code, Code::kNotFound) << row.size();
    EXPECT_EQ(files_.find(id_of(small)).error().code, Code::kNotFound) << row.size();
  }
  // Beyond any journal's size, and without its room on the disk.
  disk_.write(journal_, good);
  std::filesystem::resize_file(disk_.path(journal_), 1ULL << 40U);
  files_.look_at(journal_);
  EXPECT_EQ(files_.find(id_).error().code, Code::kNotFound);
  // No more than what is named in it may be there.
  write_journal(good + encode_journal_piece(4) + encode_journal_piece(~0U));
  EXPECT_EQ(held(), (Held{true, false, false, false}));
}

TEST_F(PartialFilesTest, LinksAndPipesAreNotFollowed) {
  const std::string outside = disk_.outside("journal");
  std::ofstream(outside, std::ios::binary) << journal_of(bytes_, {0});
  disk_.write(part_, bytes_);
  const auto becomes_nothing = [&](const char* what) {
    files_.look_at(journal_);
    EXPECT_EQ(files_.find(id_).error().code, Code::kNotFound) << what;
    std::filesystem::remove(disk_.path(journal_));
  };
  std::filesystem::create_symlink(outside, disk_.path(journal_));
  becomes_nothing("link");
  ASSERT_EQ(::mkfifo(disk_.path(journal_).c_str(), 0600), 0);
  becomes_nothing("pipe");
  std::filesystem::create_directory(disk_.path(journal_));
  becomes_nothing("folder");
  // A part that is a link: the journal is one, the bytes are not.
  begin({0});
  std::filesystem::rename(disk_.path(part_), disk_.outside("part"));
  std::filesystem::create_symlink(disk_.outside("part"), disk_.path(part_));
  EXPECT_FALSE(read(0, 1).ok());
}

TEST_F(PartialFilesTest, OnlyJournalsBelowNoHiddenFolderAreLookedAt) {
  const std::string journal = journal_of(bytes_, {0});
  for (const std::string& folder :
       {std::string(".hidden/"), std::string("a/.b/"), std::string("../")}) {
    const std::string part = folder + ".a.bin" + part_ending(id_);
    disk_.write(part, bytes_);
    disk_.write(part + kJournalSuffix, journal);
    files_.look_at(part + kJournalSuffix);
    EXPECT_EQ(files_.find(id_).error().code, Code::kNotFound) << folder;
  }
  disk_.write("a.bin.pieces", journal);
  files_.look_at("a.bin.pieces");
  EXPECT_EQ(files_.find(id_).error().code, Code::kNotFound);
}

TEST_F(PartialFilesTest, KnowsABoundedNumberOfThem) {
  for (int i = 0; i < 300; ++i) {
    const std::string bytes = std::string(kPiece, 'a') + std::to_string(i);
    const std::string part = "." + std::to_string(i) + part_ending(id_of(bytes));
    disk_.write_sparse(part, bytes.size());
    disk_.write(part + kJournalSuffix, journal_of(bytes, {}));
    files_.look_at(part + kJournalSuffix);
  }
  begin({0});
  EXPECT_EQ(files_.find(id_).error().code, Code::kNotFound);
  files_.forget_all();
  files_.look_at(journal_);
  EXPECT_TRUE(files_.find(id_).ok());
}

TEST(SharedFolderParts, AreServedByContentAlone) {
  FolderOnDisk disk;
  const std::string bytes = patterned(2 * kPiece + 1);
  ContentHasher hasher(bytes.size());
  hasher.update({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  const ContentId id = id_of(bytes);
  const std::string part = ".a.bin" + part_ending(id);
  const std::string head = encode_journal_head(id, bytes.size(), hasher.take_piece_hashes());
  const auto folder = disk.share_settled();
  ASSERT_TRUE(folder);
  disk.write(part, bytes);
  disk.write(part + kJournalSuffix, head + encode_journal_piece(1));
  const auto deadline = std::chrono::steady_clock::now() + testing::kPatience;
  while (!folder->find_by_content(id).ok() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  const Result<FileDetails> details = folder->find_by_content(id);
  ASSERT_TRUE(details.ok()) << details.error().message;
  EXPECT_EQ(details->name, "a.bin");
  EXPECT_EQ(details->held, (Held{false, true, false}));
  EXPECT_TRUE(folder->open_part(id, kPiece, kPiece).ok());
  std::size_t from = 0;
  EXPECT_TRUE(folder->page(from, 1).empty());
  for (const std::string& name : {std::string("a.bin"), part, part + kJournalSuffix}) {
    EXPECT_EQ(folder->find_by_name(name).error().code, Code::kNotFound) << name;
    EXPECT_FALSE(folder->contains(name).ok()) << name;
  }
  // Whole, under its name: from now on it is a file like any other.
  std::filesystem::rename(disk.path(part), disk.path("a.bin"));
  std::filesystem::remove(disk.path(part + kJournalSuffix));
  ASSERT_TRUE(disk.names.wait_for("a.bin", id));
  EXPECT_TRUE(folder->find_by_content(id)->held.empty());
}

TEST(SharedFolderParts, ThatWereThereAtTheStartAreServed) {
  FolderOnDisk disk;
  const std::string bytes = patterned(2 * kPiece);
  ContentHasher hasher(bytes.size());
  hasher.update({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  const std::string part = "x/.a.bin" + part_ending(id_of(bytes));
  disk.write(part, bytes);
  disk.write(part + kJournalSuffix,
             encode_journal_head(id_of(bytes), bytes.size(), hasher.take_piece_hashes()) +
                 encode_journal_piece(0));
  const auto folder = disk.share_settled();
  ASSERT_TRUE(folder);
  EXPECT_EQ(folder->find_by_content(id_of(bytes))->held, (Held{true, false}));
}

}  // namespace
}  // namespace trueque
