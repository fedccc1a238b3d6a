// What is said of something wrong that a person typed names it, and says what to do.
#include <gtest/gtest.h>

#include "peer_client/cli/command_line.h"
#include "tests/support/fake_directory_client.h"
#include "tests/support/fake_terminal.h"

namespace trueque {
namespace {

class Messages : public ::testing::Test {
 protected:
  Messages() {
    terminal_.settings.shared_dir = folder_.path().string();
    Session session(directory_);
    login_ = session.log_in({"me", "secret"}, "10.0.0.1", 50051).value();
    directory_.add({"ana", "10.0.0.2", 1}, {"two.txt", Content{5, id(1)}});
    directory_.add({"bob", "10.0.0.3", 1}, {"two.txt", Content{5, id(2)}});
  }
  static ContentId id(std::uint8_t first) {
    ContentId id;
    id.bytes[0] = first;
    return id;
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
  std::string last_line() const {
    std::string text = terminal_.err.str();
    if (text.ends_with('\n')) text.pop_back();
    return text.substr(text.rfind('\n') + 1);
  }

  testing::FakeDirectoryClient directory_;
  testing::FakeTerminal terminal_{directory_};
  testing::TemporaryDirectory folder_;
  testing::TemporaryDirectory state_;
  Login login_;
};

TEST_F(Messages, NameWhatWasTypedAndSayWhatToDo) {
  const struct {
    std::vector<std::string> words;
    int code;
    std::string message;
  } rows[] = {
      {{"get", "["}, 2, "the pattern '[' has a '[' without its ']'; write [[] for a plain ["},
      {{"get", "a\\*"},
       2,
       "the pattern 'a\\*' has a backslash, which no name holds; write [*] for a plain *"},
      {{"get", "../up/"},
       2,
       "the name '../up/' has a component '.' or '..'; give it as 'peer-client search' shows it"},
      {{"get", "/etc/passwd"},
       2,
       "the name '/etc/passwd' begins with '/'; give it as 'peer-client search' shows it"},
      {{"get", ""}, 2, "the name '' is empty; give it as 'peer-client search' shows it"},
      {{"get", std::string(3000, 'a')},
       2,
       "the name '" + std::string(100, 'a') +
           "...' is over 1,024 bytes; give it as 'peer-client search' shows it"},
      {{"get", "a.txt", "--content-id", "12"},
       2,
       "--content-id must be 64 hex digits, as 'peer-client search --json' shows them, not '12'"},
      {{"get", "photos/", "--content-id", id(9).hex()},
       2,
       "--content-id means one file, and photos/ is a folder; give the NAME of a file, or none"},
      {{"get", "a.txt", "b.txt", "--content-id", id(9).hex()},
       2,
       "--content-id goes with one NAME"},
      {{"get", "none", "--content-id", id(0).hex()},
       3,
       "nobody shares the content " + id(0).hex() +
           ", as none or by another name; look with 'peer-client search WORDS', or see with "
           "'peer-client peers' who is there"},
      {{"get", "--content-id", id(0).hex()}, 3, "nobody shares the content " + id(0).hex()},
      {{"get", "--content-id", id(1).hex(), "--from", "bob"},
       3,
       "bob does not share the content " + id(1).hex()},
      {{"get", "two.txt"},
       2,
       "several contents share the name two.txt; choose one with --content-id"},
      {{"get", "--from", "eva"},
       3,
       "eva shares nothing; see with 'peer-client peers' who is there"},
      {{"clean", "a.txt"},
       3,
       "no download of a.txt was begun; 'peer-client status' shows those that were"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(run(row.words), row.code) << row.message;
    EXPECT_EQ(last_line(), "peer-client: " + row.message);
  }
}

TEST_F(Messages, AFolderIsSuggestedForItsNameWithoutTheSlash) {
  directory_.add({"ana", "10.0.0.2", 1}, {"photos/1.jpg", Content{5, id(3)}});
  directory_.add({"ana", "10.0.0.2", 1}, {"photos.zip", Content{5, id(4)}});
  EXPECT_EQ(run({"get", "photos"}), 3);
  EXPECT_EQ(terminal_.err.str(),
            "Names like it:\n  photos/\n  photos.zip\npeer-client: nobody shares photos\n");
  EXPECT_EQ(run({"get", "photos", "--json"}), 3);
  const Json shown = Json::parse(terminal_.out.str(), nullptr, false);
  EXPECT_EQ(shown["near_names"], (Json{"photos/", "photos.zip"}));
  EXPECT_EQ(shown["summary"]["failed"], 1);
}

TEST_F(Messages, OneFailureIsToldOnce) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"get", "--from", "eva"}, {"get", "*.none"}, {"get", "none/"}}) {
    EXPECT_EQ(run(words), 3);
    EXPECT_EQ(terminal_.out.str(), "") << words.back();
    EXPECT_TRUE(terminal_.err.str().starts_with("peer-client: ")) << terminal_.err.str();
  }
  EXPECT_EQ(run({"get", "*.none", "*.no"}), 3);
  EXPECT_NE(terminal_.out.str().find("; 2 failed:\n"), std::string::npos) << terminal_.out.str();
}

TEST_F(Messages, APatternIsNoNameForAContent) {
  const ContentId content = terminal_.peers.at({"10.0.0.4", 1}).add("real.txt", {1, 2, 3});
  directory_.add({"eva", "10.0.0.4", 1}, {"real.txt", Content{3, content}});
  EXPECT_EQ(run({"get", "*.txt", "--content-id", content.hex()}), 0) << terminal_.err.str();
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "real.txt"));
}

TEST_F(Messages, APatternBesideOthersIsAFailureOfItsOwn) {
  EXPECT_EQ(run({"get", "[", "x/"}), 1);
  EXPECT_NE(terminal_.out.str().find("  [: the pattern '[' has a '[' without its ']'"),
            std::string::npos)
      << terminal_.out.str();
}

}  // namespace
}  // namespace trueque
