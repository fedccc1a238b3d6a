#include "peer_client/core/unfinished.h"

#include <filesystem>
#include <numeric>

#include "common/content/part_journal.h"
#include "peer_client/cli/download_notes.h"
#include "tests/support/downloader_fixture.h"

namespace trueque {
namespace {

namespace fs = std::filesystem;
using testing::kMiB;

class UnfinishedTest : public testing::DownloaderFixture {
 protected:
  // A part of `name` in the folder, with a journal that names `pieces`.
  std::string begin(const std::string& name, const std::vector<std::uint64_t>& pieces) {
    const fs::path file = folder_.path() / name;
    fs::create_directories(file.parent_path());
    const std::string part =
        (file.parent_path() / part_name(file.filename().string(), file_.content_id)).string();
    EXPECT_TRUE(write_file_atomically(part, std::string(2 * kMiB, 'x')).ok());
    std::string journal = encode_journal_head(file_.content_id, bytes_.size(), file_.piece_hashes);
    for (const std::uint64_t piece : pieces) journal += encode_journal_piece(piece);
    EXPECT_TRUE(write_file_atomically(part + kJournalSuffix, journal).ok());
    return part;
  }
  std::vector<Unfinished> found() const { return find_unfinished(folder_.path().string()); }
};

TEST_F(UnfinishedTest, PartsAreFoundByNameAndJournal) {
  begin("sub/a.bin", {0, 1});
  begin(".hidden/b.bin", {0});
  ASSERT_TRUE(write_file_atomically(folder_.file("c.part"), "mine").ok());
  ASSERT_TRUE(write_file_atomically(folder_.file(".c.zzzzzzzz.part"), "mine").ok());
  fs::create_symlink(folder_.file("c.part"), folder_.file(".d.01234567.part"));
  const auto all = found();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].name, "sub/a.bin");
  EXPECT_EQ(all[0].content, file_.content_id);
  EXPECT_EQ(all[0].size, bytes_.size());
  EXPECT_EQ(all[0].there, 2 * kMiB);
  EXPECT_EQ(all[0].percent(), 66U);
}

TEST_F(UnfinishedTest, APartWithoutAJournalCountsByItsNameAlone) {
  fs::remove(begin("a.bin", {}) + kJournalSuffix);
  const auto all = found();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].name, "a.bin");
  EXPECT_EQ(all[0].id8, file_.content_id.hex().substr(0, 8));
  EXPECT_EQ(all[0].content, std::nullopt);
  EXPECT_EQ(all[0].percent(), std::nullopt);
}

TEST_F(UnfinishedTest, AJournalOfRubbishIsNone) {
  ASSERT_TRUE(write_file_atomically(begin("a.bin", {0}) + kJournalSuffix, "rubbish").ok());
  ASSERT_EQ(found().size(), 1U);
  EXPECT_EQ(found()[0].content, std::nullopt);
}

TEST_F(UnfinishedTest, ForgettingRemovesBothAndSaysWhatWasFreed) {
  const std::string part = begin("a.bin", {0});
  const auto freed = forget(found().at(0));
  ASSERT_TRUE(freed.ok()) << freed.error().message;
  EXPECT_GE(*freed, 2 * kMiB);
  EXPECT_TRUE(fs::is_empty(folder_.path()));
}

TEST_F(UnfinishedTest, WhatAnotherClientIsAtIsNotForgotten) {
  const std::string part = begin("a.bin", {0});
  const auto folder = TargetFolder::open(folder_.path().string(), "", false);
  ASSERT_TRUE(folder.ok());
  const auto held = folder->open_part("a.bin", file_.content_id);
  ASSERT_TRUE(held.ok());
  const auto freed = forget(found().at(0));
  ASSERT_FALSE(freed.ok());
  EXPECT_EQ(freed.error().code, Code::kFailedPrecondition);
  EXPECT_TRUE(fs::exists(part));
  EXPECT_TRUE(fs::exists(part + kJournalSuffix));
}

TEST_F(UnfinishedTest, NotesOutliveRubbishBesideThem) {
  const DownloadNotes notes(folder_.path().string());
  const DownloadNote note{"x/a.bin", file_.content_id, 7, "/elsewhere/b.bin"};
  ASSERT_TRUE(notes.add(note).ok());
  ASSERT_TRUE(notes.add(note).ok());
  for (const char* rubbish : {"", "[]", "{}", "{\"file_name\": 7}", "\xff\xfe",
                              "{\"file_name\": \"../a\", \"content_id\": \"00\", \"size\": 1, "
                              "\"output\": \"b\"}"}) {
    ASSERT_TRUE(write_file_atomically(folder_.file("downloads/rubbish.json"), rubbish).ok());
    ASSERT_EQ(notes.all().size(), 1U) << rubbish;
  }
  EXPECT_EQ(notes.all()[0].file_name, "x/a.bin");
  EXPECT_EQ(notes.all()[0].content, file_.content_id);
  EXPECT_EQ(notes.all()[0].output, "/elsewhere/b.bin");
  EXPECT_EQ(notes.of({choice({})}).size(), 1U);
  FileChoice other = choice({});
  other.content = testing::describe_bytes("b.bin", testing::some_bytes(7)).content_id;
  EXPECT_TRUE(notes.of({other}).empty());
  notes.remove(note);
  EXPECT_TRUE(notes.all().empty());
}

// Enough pieces that several threads look at them.
TEST_F(UnfinishedTest, MuchIsLookedAtByAllCoresAndOnlyWhatIsRightCounts) {
  bytes_ = testing::some_bytes(80 * kMiB);
  file_ = testing::describe_bytes("a.bin", bytes_);
  std::vector<std::uint64_t> pieces(80);
  std::iota(pieces.begin(), pieces.end(), 0);
  const std::string part = begin("a.bin", pieces);
  std::string text = wanted();
  text[5 * kMiB] ^= 1;
  text[79 * kMiB] ^= 1;
  ASSERT_TRUE(write_file_atomically(part, text).ok());
  honest(1);
  const auto outcome = fetch({1});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(notes_.report.fetched, 2 * kMiB);
  EXPECT_EQ(this->text("a.bin"), wanted());
}

}  // namespace
}  // namespace trueque
