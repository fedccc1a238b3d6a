// resume, over whole command lines in this process.
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "common/base/files.h"
#include "common/content/part_name.h"
#include "peer_client/cli/command_line.h"
#include "tests/support/fake_directory_client.h"
#include "tests/support/fake_terminal.h"

namespace trueque {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;

// Counts what it is asked for names and contents.
class CountingDirectory final : public testing::FakeDirectoryClient {
 public:
  Result<FoundPage> find_files(const std::string& token, const FileQuery& query) override {
    ++many;
    if (older) return make_error(Code::kUnimplemented, "no such request");
    return FakeDirectoryClient::find_files(token, query);
  }
  Result<std::vector<FileSource>> find_by_name(const std::string& token, const std::string& name,
                                               std::uint32_t limit) override {
    ++single;
    return FakeDirectoryClient::find_by_name(token, name, limit);
  }
  Result<std::vector<FileSource>> find_by_content(const std::string& token, const ContentId& id,
                                                  std::uint32_t limit) override {
    ++single;
    return FakeDirectoryClient::find_by_content(token, id, limit);
  }
  bool older = false;
  int many = 0;
  int single = 0;
};

class Resume : public ::testing::Test {
 protected:
  Resume() {
    terminal_.settings.shared_dir = folder_.path().string();
    // Time stands still: of several downloads none makes it pass for the others.
    terminal_.wait = [](std::chrono::milliseconds, Cancellation&) { std::this_thread::yield(); };
    Session session(directory_);
    login_ = session.log_in({"me", "secret"}, "10.0.0.1", 50051).value();
  }

  // A file of ana's whose download was begun.
  std::string begin(const std::string& name, std::size_t size, std::uint32_t seed) {
    const auto bytes = testing::some_bytes(size, seed);
    const ContentId id = terminal_.peers.at({"10.0.0.2", 50051}).add(name, bytes);
    terminal_.peers.at({"10.0.0.1", 50051}).add(name, bytes);
    directory_.add({"ana", "10.0.0.2", 50051}, {name, Content{size, id}});
    std::string path = folder_.file(part_name(name, id));
    EXPECT_TRUE(write_file_atomically(path, "some of it").ok());
    if (size <= kMiB) return path;
    const RemoteFile file = testing::describe_bytes(name, bytes);
    const std::string journal = encode_journal_head(id, size, file.piece_hashes);
    EXPECT_TRUE(write_file_atomically(path + kJournalSuffix, journal).ok());
    return path;
  }
  int run(std::vector<std::string> words) {
    terminal_.out.str("");
    terminal_.err.str("");
    CLI::App app;
    CommandLine line(app);
    std::reverse(words.begin(), words.end());
    app.parse(words);
    SessionFile file(state_.file("trueque"), terminal_.settings.directory);
    EXPECT_TRUE(file.save(login_).ok());
    Commands commands(terminal_.parts(), std::move(file), std::nullopt);
    return line.run(commands, terminal_.console, false);
  }
  Json document() { return Json::parse(terminal_.out.str(), nullptr, false); }
  std::string out() const { return terminal_.out.str(); }
  std::string err() const { return terminal_.err.str(); }

  CountingDirectory directory_;
  testing::FakeTerminal terminal_{directory_};
  testing::TemporaryDirectory folder_;
  testing::TemporaryDirectory state_;
  Login login_;
};

TEST_F(Resume, AsksTheDirectoryOnceForManyAndSumsUp) {
  for (std::uint32_t i = 0; i < 5; ++i) begin("big" + std::to_string(i), 2 * kMiB, i + 1);
  EXPECT_EQ(run({"resume", "--json"}), 0) << err();
  EXPECT_EQ(directory_.many, 1);
  EXPECT_EQ(directory_.single, 0);
  const Json shown = document();
  EXPECT_EQ(shown["files"].size(), 5U);
  EXPECT_EQ(shown["summary"]["fetched"], 5);
  EXPECT_EQ(shown["summary"]["failed"], 0);
  EXPECT_EQ(shown["summary"]["bytes"], 5 * 2 * kMiB);
  EXPECT_NE(err().find("Fetched 5 files (10.0 MiB) in "), std::string::npos) << err();
}

TEST_F(Resume, OfSmallOnesOnlyTheNameIsKnownAndThatIsOneQuestionMore) {
  for (std::uint32_t i = 0; i < 3; ++i) begin("small" + std::to_string(i), 1000, i + 1);
  begin("big", 2 * kMiB, 9);
  EXPECT_EQ(run({"resume", "--json"}), 0) << err();
  EXPECT_EQ(directory_.many, 2);
  EXPECT_EQ(directory_.single, 0);
  EXPECT_EQ(document()["summary"]["fetched"], 4);
}

TEST_F(Resume, OneThatIsGoneIsAFailureOfItsOwn) {
  begin("a", 2 * kMiB, 1);
  begin("b", 2 * kMiB, 2);
  const std::string gone = folder_.file(".gone.bin.01234567.part");
  ASSERT_TRUE(write_file_atomically(gone, "some of it").ok());
  EXPECT_EQ(run({"resume", "--json"}), 3);
  EXPECT_EQ(document()["summary"]["fetched"], 2);
  EXPECT_EQ(document()["summary"]["failed"], 1);
  EXPECT_EQ(document()["code"], "not_found");
  EXPECT_NE(err().find("; 1 failed:\n  gone.bin: nobody shares that gone.bin any more"),
            std::string::npos)
      << err();
}

TEST_F(Resume, OneAloneIsToldOfAsOfOne) {
  begin("a", 2 * kMiB, 1);
  EXPECT_EQ(run({"resume"}), 0) << err();
  EXPECT_TRUE(out().starts_with("Fetched a (2.0 MiB, verified) to ")) << out();
  EXPECT_EQ(run({"resume", "--json"}), 0);
  EXPECT_EQ(document()["files"], Json::array());
  EXPECT_EQ(document()["summary"]["fetched"], 0);
  EXPECT_EQ(err(), "There is nothing to resume.\n");
}

TEST_F(Resume, OfWhatWasAllHereThereIsNoRate) {
  const auto bytes = testing::some_bytes(2 * kMiB, 1);
  const std::string part = begin("a", 2 * kMiB, 1);
  ASSERT_TRUE(write_file_atomically(part, std::string(bytes.begin(), bytes.end())).ok());
  std::filesystem::remove(part + kJournalSuffix);
  EXPECT_EQ(run({"resume"}), 0) << err();
  EXPECT_NE(out().find(" s; an earlier run had fetched all of it\n"), std::string::npos) << out();
  EXPECT_EQ(out().find("B/s"), std::string::npos) << out();
}

TEST_F(Resume, WithoutTheDirectoryItSaysSoOnce) {
  begin("a", 2 * kMiB, 1);
  begin("b", 2 * kMiB, 2);
  directory_.fail_with(make_error(Code::kUnavailable, "the directory is away"));
  EXPECT_EQ(run({"resume", "--json"}), 5);
  EXPECT_EQ(document()["summary"]["failed"], 2);
  EXPECT_EQ(document()["files"][0]["error"], "the directory is away");
  EXPECT_EQ(document()["files"][0]["size"], 2 * kMiB);
}

TEST_F(Resume, AnOlderDirectoryIsAskedOneByOne) {
  begin("a", 2 * kMiB, 1);
  begin("small", 1000, 2);
  directory_.older = true;
  EXPECT_EQ(run({"resume", "--json"}), 0) << err();
  EXPECT_EQ(document()["summary"]["fetched"], 2);
  EXPECT_GE(directory_.single, 2);
}

}  // namespace
}  // namespace trueque
