#include "peer_client/cli/menu.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <csignal>
#include <thread>

#include "common/base/files.h"
#include "tests/support/fake_directory_client.h"
#include "tests/support/fake_terminal.h"

namespace trueque {
namespace {

using testing::FakeDirectoryClient;
using testing::FakeTerminal;

constexpr const char* kMenu =
    "\n1. Login\n2. Logout\n3. Index Files\n4. Get Files\n5. Exit\nEnter your choice: ";

std::string without(std::string text, const std::string& part) {
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part))
    text.erase(at, part.size());
  return text;
}

class MenuTest : public ::testing::Test {
 protected:
  std::string run(const std::string& typed, int exit_code = 0) {
    EXPECT_EQ(Menu(terminal_.parts(typed)).run(), exit_code);
    const std::string shown = terminal_.out.str();
    terminal_.out.str("");
    return shown;
  }
  bool shows(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }

  FakeDirectoryClient directory_;
  FakeTerminal terminal_{directory_};
  testing::TemporaryDirectory folder_;
  const std::string login_ = "1\nana\nsecret\n10.0.0.1\n";
  const PeerKey ana_{"ana", "10.0.0.1", 50051};
  const PeerKey bob_{"bob", "10.0.0.2", 50051};
};

TEST_F(MenuTest, ShowsExactlyTheMenuAndEndsLikeExitAtTheEndOfInput) {
  EXPECT_EQ(run("5\n"), kMenu);
  EXPECT_EQ(run(""), std::string(kMenu) + "\n");
  EXPECT_EQ(run("9\n5\n"), std::string(kMenu) + "Invalid choice. Please try again.\n" + kMenu);
  EXPECT_EQ(run("\n5"), std::string(kMenu) + "Invalid choice. Please try again.\n" + kMenu);
}

TEST_F(MenuTest, AsksForALoginFirstAndOnlyOnce) {
  const std::string shown = run("2\n3\n4\n" + login_ + "1\n5\n");
  EXPECT_TRUE(shows(shown, "Enter your choice: \nLogin required first!\n")) << shown;
  EXPECT_TRUE(shows(shown, "Enter username: Enter password: Enter peer IP: Logged in as ana"))
      << shown;
  EXPECT_TRUE(shows(shown, "Already logged in!\n"));
  EXPECT_FALSE(shows(shown, "secret"));
}

TEST_F(MenuTest, AnEmptyPeerIpTakesTheDefaultAndABadOneIsExplained) {
  run("1\nana\nsecret\n\n5\n");
  EXPECT_EQ(directory_.logins(), 1);
  EXPECT_TRUE(directory_.knows(ana_));  // the peer-server beside it stands at 10.0.0.1
  EXPECT_TRUE(shows(run("1\nana\nsecret\nnot an ip\n5\n"), "The peer IP is not an IPv4 address"));
  EXPECT_TRUE(shows(run("1\n\nsecret\n10.0.0.1\n5\n"), "A username is needed"));
  EXPECT_EQ(directory_.logins(), 1);
}

TEST_F(MenuTest, APeerServerOnThisMachineIsReachedAtThisMachinesAddress) {
  terminal_.settings.beside = {"localhost", 50051};
  run("1\nana\nsecret\n\n5\n");
  EXPECT_TRUE(directory_.knows({"ana", "127.0.0.1", 50051}));
}

TEST_F(MenuTest, HoldsTheLeaseFromTheStart) {
  run(login_ + "5\n");
  EXPECT_EQ(directory_.heartbeats(), 1);
}

TEST_F(MenuTest, LogsOutAndInAgain) {
  const std::string shown = run(login_ + "2\n" + login_ + "2\n2\n5\n");
  EXPECT_TRUE(shows(shown, "Logged out peer with IP 10.0.0.1\n"));
  EXPECT_TRUE(shows(shown, "Login required first!"));
  EXPECT_FALSE(directory_.knows(ana_));
}

TEST_F(MenuTest, IndexesNamesAsPlaceholdersWithoutAFolder) {
  const std::string shown = run(login_ + "3\n a.txt , b.txt,,\n3\n\n5\n");
  EXPECT_TRUE(shows(shown, "Enter peer files (comma-separated): ")) << shown;
  EXPECT_TRUE(shows(shown, "Files indexed successfully. 2 files offered, 2 files in all."))
      << shown;
  EXPECT_TRUE(shows(shown, "no shared folder is configured")) << shown;
  EXPECT_EQ(directory_.files_of(ana_),
            (std::vector<SharedFile>{{"a.txt", std::nullopt}, {"b.txt", std::nullopt}}));
}

TEST_F(MenuTest, AnEmptyLineIndexesTheWholeFolderWithoutWhatIsHidden) {
  terminal_.settings.shared_dir = folder_.path().string();
  for (const char* name : {"a.txt", "sub/b.txt", ".hidden", "sub/.c.part", ".git/config"}) {
    ASSERT_TRUE(make_directories(folder_.path() / std::filesystem::path(name).parent_path()).ok());
    ASSERT_TRUE(write_file_atomically(folder_.file(name), name).ok());
  }
  std::filesystem::create_symlink("/etc/passwd", folder_.path() / "out.txt");
  run(login_ + "3\n\n5\n");
  const auto files = directory_.files_of(ana_);
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].name, "a.txt");
  EXPECT_EQ(files[0].content->size, 5U);
  EXPECT_EQ(files[1].name, "sub/b.txt");
}

// As the peer-server beside it shares them.
TEST_F(MenuTest, OfLinksThoseThatEndAtWhatIsSharedAreOffered) {
  terminal_.settings.shared_dir = folder_.path().string();
  ASSERT_TRUE(make_directories(folder_.path() / "sub/inner").ok());
  for (const char* name : {"sub/a.txt", "sub/inner/b.txt", ".hidden"})
    ASSERT_TRUE(write_file_atomically(folder_.file(name), name).ok());
  const auto link = [&](const std::string& target, const char* name) {
    std::filesystem::create_symlink(target, folder_.path() / name);
  };
  link("sub/a.txt", "relative");
  link(folder_.file("sub/a.txt"), "absolute");
  link("../" + folder_.path().filename().string() + "/sub/a.txt", "out_and_back");
  link(".hidden", "unhide");
  link(folder_.file(".hidden"), "unhide_absolute");
  link("/etc/passwd", "out");
  link("sub", "linked");
  const auto names = [&] {
    std::vector<std::string> all;
    for (const SharedFile& file : directory_.files_of(ana_)) all.push_back(file.name);
    return all;
  };
  const std::vector<std::string> shared = {"absolute", "out_and_back", "relative", "sub/a.txt",
                                           "sub/inner/b.txt"};
  run(login_ + "3\n\n5\n");
  EXPECT_EQ(names(), shared);
  const std::string shown =
      run(login_ + "3\nunhide, unhide_absolute, out, linked, linked/a.txt, linked/inner\n5\n");
  EXPECT_EQ(names(), shared) << shown;
  EXPECT_TRUE(shows(shown, "unhide: a link to a hidden file is not shared")) << shown;
  EXPECT_TRUE(shows(shown, "out: a link that leads out of the folder is not shared")) << shown;
  EXPECT_TRUE(shows(shown, "linked/a.txt: what is behind a linked folder is not shared")) << shown;
}

TEST_F(MenuTest, OnlyAnEmptyLineIsTheWholeFolder) {
  terminal_.settings.shared_dir = folder_.path().string();
  ASSERT_TRUE(write_file_atomically(folder_.file("a.txt"), "a").ok());
  const std::string shown = run(login_ + "3\n,,, ,\n5\n");
  EXPECT_TRUE(shows(shown, "There is no name in that")) << shown;
  EXPECT_TRUE(directory_.files_of(ana_).empty());
  run(login_ + "3\n \n5\n");
  EXPECT_EQ(directory_.files_of(ana_).size(), 1U);
}

TEST_F(MenuTest, SaysWhenOthersCannotFetchWhatIsIndexed) {
  terminal_.settings.shared_dir = folder_.path().string();
  ASSERT_TRUE(write_file_atomically(folder_.file("a.txt"), "a").ok());
  std::string shown = run(login_ + "3\na.txt\n5\n");
  EXPECT_TRUE(shows(shown,
                    "Others cannot fetch a.txt from you: the peer-server beside you "
                    "(10.0.0.1:50051) does not answer (cannot be reached); start it."))
      << shown;
  testing::FakePeer& beside = terminal_.peers.at({"10.0.0.1", 50051});
  shown = run(login_ + "3\na.txt\n5\n");
  EXPECT_TRUE(shows(shown, "does not share it; let its shared_dir be the client's.")) << shown;
  beside.add("a.txt", {'a'});
  EXPECT_FALSE(shows(run(login_ + "3\na.txt\n5\n"), "Others cannot fetch"));
}

TEST_F(MenuTest, NamesAreLookedUpInTheFolder) {
  terminal_.settings.shared_dir = folder_.path().string();
  ASSERT_TRUE(write_file_atomically(folder_.file("a.txt"), "hello").ok());
  const std::string shown = run(login_ + "3\na.txt,b.txt,../c\n5\n");
  EXPECT_TRUE(shows(shown, "not in your shared folder: b.txt")) << shown;
  EXPECT_TRUE(shows(shown, "Not indexed: ../c")) << shown;
  const auto files = directory_.files_of(ana_);
  ASSERT_EQ(files.size(), 2U);
  EXPECT_TRUE(files[0].content.has_value());
  EXPECT_FALSE(files[1].content.has_value());
}

TEST_F(MenuTest, FetchesAFolderOrAPatternAndTakesACommaForPartOfAName) {
  terminal_.settings.shared_dir = folder_.path().string();
  std::uint32_t seed = 1;
  for (const char* name : {"photos/1.jpg", "photos/2.jpg", "a, b.txt"}) {
    const auto bytes = testing::some_bytes(100, seed++);
    const ContentId id = terminal_.peers.at({"10.0.0.2", 50051}).add(name, bytes);
    terminal_.peers.at({"10.0.0.1", 50051}).add(name, bytes);  // the peer-server beside us
    directory_.add(bob_, {name, Content{100, id}});
  }
  const std::string shown = run(login_ + "4\nphotos/\n4\n*.jpg\n4\na, b.txt\n4\nnone/\n5\n");
  EXPECT_TRUE(shows(shown, "Fetched 2 files (200 B) in ")) << shown;
  EXPECT_TRUE(shows(shown, "Fetched 0 files; 2 already here.\n")) << shown;
  EXPECT_TRUE(shows(shown, "Fetched a, b.txt (100 B")) << shown;
  EXPECT_TRUE(shows(shown, "nobody shares a file below none/\n")) << shown;
  EXPECT_EQ(directory_.files_of(ana_).size(), 3U);
}

TEST_F(MenuTest, FetchesAtOnceWhatHasOneContentAndListsIt) {
  terminal_.settings.shared_dir = folder_.path().string();
  const auto bytes = testing::some_bytes(1000);
  const ContentId id = terminal_.peers.at({"10.0.0.2", 50051}).add("x/a.txt", bytes);
  terminal_.peers.at({"10.0.0.1", 50051}).add("x/a.txt", bytes);  // the peer-server beside us
  directory_.add(bob_, {"x/a.txt", Content{1000, id}});
  const std::string shown = run(login_ + "4\na.txt\n4\na.txt\n5\n");
  EXPECT_TRUE(shows(shown, "Fetched x/a.txt (1000 B, verified) to " + folder_.file("x/a.txt")))
      << shown;
  EXPECT_TRUE(shows(shown, "You have x/a.txt already: ")) << shown;
  ASSERT_EQ(directory_.files_of(ana_).size(), 1U);
  EXPECT_EQ(directory_.files_of(ana_)[0].name, "x/a.txt");
}

TEST_F(MenuTest, SaysWhyAFetchedFileIsNotListed) {
  const testing::TemporaryDirectory elsewhere;
  terminal_.settings.shared_dir = folder_.path().string();
  const ContentId id =
      terminal_.peers.at({"10.0.0.2", 50051}).add("a.txt", testing::some_bytes(10));
  directory_.add(bob_, {"a.txt", Content{10, id}});
  const std::string shown = run(login_ + "4\na.txt\n5\n");
  EXPECT_TRUE(shows(shown, "It is not indexed, because the peer-server beside you")) << shown;
  EXPECT_TRUE(directory_.files_of(ana_).empty());
}

TEST_F(MenuTest, AsksOnlyWhenThereAreSeveralContents) {
  terminal_.settings.shared_dir = folder_.path().string();
  const PeerKey carl{"carl", "10.0.0.3", 50051};
  const ContentId one = terminal_.peers.at({"10.0.0.2", 50051}).add("a", testing::some_bytes(10));
  const ContentId two = terminal_.peers.at({"10.0.0.3", 50051}).add("a", testing::some_bytes(20));
  directory_.add(bob_, {"a.txt", Content{10, one}});
  directory_.add(carl, {"a.txt", Content{20, two}});
  const std::string shown = run(login_ + "4\na.txt\n2\n4\na.txt\n7\n5\n");
  EXPECT_TRUE(shows(shown, "    size  sources  content   name\n1.  10 B  1        " +
                               one.hex().substr(0, 8) + "  a.txt\n2.  20 B"))
      << shown;
  EXPECT_TRUE(shows(shown, "Fetched a.txt (20 B")) << shown;
  EXPECT_TRUE(shows(shown, "There is no such number")) << shown;
}

TEST_F(MenuTest, AChosenContentComesFromWhoeverHasItUnderAnyName) {
  terminal_.settings.shared_dir = folder_.path().string();
  const PeerKey carl{"carl", "10.0.0.3", 50051};
  const PeerKey dora{"dora", "10.0.0.4", 50051};
  const ContentId one = terminal_.peers.at({"10.0.0.2", 50051}).add("a", testing::some_bytes(10));
  const ContentId two = terminal_.peers.at({"10.0.0.4", 50051}).add("b", testing::some_bytes(20));
  directory_.add(bob_, {"a.txt", Content{10, one}});
  directory_.add(carl, {"a.txt", Content{20, two}});  // nobody answers there
  directory_.add(dora, {"b.txt", Content{20, two}});
  const std::string shown = run(login_ + "4\na.txt\n2\n5\n");
  EXPECT_TRUE(shows(shown, "Fetched a.txt (20 B")) << shown;
}

TEST_F(MenuTest, OffersNearNamesWhenNoneMatches) {
  directory_.add(bob_, {"holiday.txt", std::nullopt});
  const std::string shown = run(login_ + "4\nholiday.jpg\n5\n");
  EXPECT_TRUE(shows(shown, "nobody shares holiday.jpg\nNames like it:\n  holiday.txt\n")) << shown;
}

TEST_F(MenuTest, SaysWhatToDoWhenNoNameIsNear) {
  const std::string shown = run(login_ + "4\nnowhere\n5\n");
  EXPECT_TRUE(shows(shown, "nobody shares nowhere\nCheck the exact name, or try again")) << shown;
}

TEST_F(MenuTest, PlaceholdersShowThePeersMessageAndAreListed) {
  directory_.add(bob_, {"a.txt", std::nullopt});
  terminal_.peers.at({"10.0.0.2", 50051});
  EXPECT_TRUE(shows(run(login_ + "4\na.txt\n5\n"), "File a.txt downloaded properly!\n"));
  EXPECT_EQ(directory_.files_of(ana_).size(), 1U);
}

TEST_F(MenuTest, NothingFromTheWireReachesTheTerminalAsAControl) {
  directory_.add(bob_, {"a.txt", std::nullopt});
  terminal_.peers.at({"10.0.0.2", 50051}).message =
      "\x1b[2J\x1b]0;x\x07 %s \xc2\x9b"
      "31m\rdone\xff";
  std::string shown = run(login_ + "4\na.txt\n5\n");
  directory_.fail_with(make_error(Code::kUnavailable, "bad\x1b[31m news\r\xe2\x80\xae"));
  shown += run("1\nana\nsecret\n10.0.0.1\n5\n");
  EXPECT_TRUE(shows(shown, "done")) << shown;
  EXPECT_TRUE(shows(shown, "news")) << shown;
  for (const char* bad : {"\x1b", "\x07", "\r", "\xc2\x9b", "\xff", "\xe2\x80\xae"})
    EXPECT_FALSE(shows(shown, bad)) << shown;
}

TEST_F(MenuTest, APeersMessageIsOneLine) {
  directory_.add(bob_, {"a.txt", std::nullopt});
  terminal_.peers.at({"10.0.0.2", 50051}).message = "done\nFetched b.txt\r\n5. Exit";
  const std::string shown = run(login_ + "4\na.txt\n5\n");
  EXPECT_TRUE(shows(shown,
                    ": done\xEF\xBF\xBD"
                    "Fetched b.txt\xEF\xBF\xBD\xEF\xBF\xBD"
                    "5. Exit\n"))
      << shown;
}

TEST_F(MenuTest, AnEndedLoginIsSaidAndForgotten) {
  directory_.forget_sessions();
  Session session(directory_);
  ASSERT_TRUE(session.log_in({"ana", "secret"}, "10.0.0.1", 50051).ok());
  directory_.forget_sessions();
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<Code> lost;
  HeartbeatKeeper keeper(session, std::chrono::seconds(15), [&](const Error& error) {
    const std::lock_guard lock(mutex);
    lost = error.code;
    changed.notify_all();
  });
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return lost.has_value(); });
  EXPECT_EQ(*lost, Code::kUnauthenticated);
  EXPECT_FALSE(session.login());
}

TEST_F(MenuTest, ASignalAtThePromptEndsWithItsCode) {
  ClientParts parts = terminal_.parts("");
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const UniqueFd reading(ends[0]);
  const UniqueFd writing(ends[1]);
  TerminalInput input(reading.get(), terminal_.interrupts);
  const ClientParts with_pipe{parts.settings,   parts.directory, parts.peers,   parts.beside,
                              parts.clock,      parts.wait,      parts.console, input,
                              parts.interrupts, parts.aside,     parts.limit};
  terminal_.interrupts.set_orderly(true);
  terminal_.interrupts.deliver(SIGINT);
  EXPECT_EQ(Menu(with_pipe).run(), 130);
}

TEST_F(MenuTest, CtrlCDuringADownloadReturnsToTheMenu) {
  terminal_.settings.shared_dir = folder_.path().string();
  testing::FakePeer& peer = terminal_.peers.at({"10.0.0.2", 50051});
  const ContentId id = peer.add("a.bin", testing::some_bytes(3 << 20));
  // Once: a second Ctrl-C ends the program, and two lanes fetch from a source alone.
  std::atomic<bool> pressed = false;
  peer.fetch_lie = [&](auto&, auto) {
    if (!pressed.exchange(true)) terminal_.interrupts.deliver(SIGINT);
  };
  directory_.add(bob_, {"a.bin", Content{3 << 20, id}});
  const std::string shown = run(login_ + "4\na.bin\n9\n5\n");
  EXPECT_TRUE(shows(shown, "Interrupted; what was fetched is kept.")) << shown;
  EXPECT_TRUE(shows(shown, "Invalid choice")) << shown;
}

// Answers exactly as the original directory was recorded.
class OriginalDirectory {
 public:
  OriginalDirectory() {
    server_.Post("/login", [this](const auto& request, auto& response) {
      record(request);
      answer(response,
             "{\n  \"password\": \"secreto\",\n  \"peer_ip\": \"10.0.0.1\",\n  "
             "\"username\": \"ana\"\n}\n");
    });
    server_.Post("/indexFiles", [this](const auto& request, auto& response) {
      record(request);
      answer(response, "{\n  \"message\": \"Files indexed successfully.\"\n}\n");
    });
    server_.Post("/getFiles", [this](const auto& request, auto& response) {
      record(request);
      answer(response,
             "[\n  {\n    \"download_link\": \"http://10.0.0.1/download/ana/a.txt\",\n    "
             "\"file_name\": \"a.txt\",\n    \"peer_ip\": \"10.0.0.1\",\n    \"peer_name\": "
             "\"ana\"\n  }\n]\n");
    });
    server_.Post("/logout", [this](const auto& request, auto& response) {
      record(request);
      answer(response, "{\n  \"message\": \"Logged out peer with IP 10.0.0.1\"\n}\n");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
  }
  ~OriginalDirectory() {
    server_.stop();
    thread_.join();
  }

  std::uint16_t port() const { return static_cast<std::uint16_t>(port_); }
  std::vector<std::string> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void record(const httplib::Request& request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request.path + " " + request.body);
  }
  static void answer(httplib::Response& response, const char* body) {
    response.set_header("Connection", "close");
    response.set_content(body, "application/json");
  }

  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
  std::mutex mutex_;
  std::vector<std::string> requests_;
};

TEST(RecordedSession, OfTheOriginalWorksAgainstAnOriginalDirectory) {
  OriginalDirectory original;
  HttpDirectoryClient directory({"127.0.0.1", original.port()});
  FakeTerminal terminal(directory);
  terminal.settings.beside = {"127.0.0.1", 50051};
  terminal.peers.at({"127.0.0.1", 50051}).without_file_transfer = true;
  const std::string typed =
      "4\n1\nana\nsecreto\n10.0.0.1\n1\n3\na.txt, b.txt\n4\na.txt\n2\n2\n9\n5\n";
  EXPECT_EQ(Menu(terminal.parts(typed)).run(), 0);
  const std::string shown = without(terminal.out.str(), kMenu);
  EXPECT_EQ(shown,
            "\nLogin required first!\n"
            "Enter username: Enter password: Enter peer IP: Logged in as ana at 10.0.0.1:50051.\n"
            "Already logged in!\n"
            "Enter peer files (comma-separated): "
            "Indexed as a name alone, not in your shared folder: a.txt\n"
            "Indexed as a name alone, not in your shared folder: b.txt\n"
            "Files indexed successfully. 2 files offered.\n"
            "Enter file name to search: File a.txt downloaded properly!\n"
            "Logged out peer with IP 10.0.0.1\n"
            "\nLogin required first!\n"
            "Invalid choice. Please try again.\n");
  const std::vector<std::string> requests = original.requests();
  ASSERT_EQ(requests.size(), 5U);
  EXPECT_TRUE(requests[0].starts_with("/login "));
  EXPECT_NE(requests[1].find(R"("peer_files":["a.txt","b.txt"])"), std::string::npos)
      << requests[1];
  EXPECT_TRUE(requests[2].starts_with("/getFiles "));
  EXPECT_NE(requests[3].find(R"("peer_files":["a.txt"])"), std::string::npos) << requests[3];
  EXPECT_TRUE(requests[4].starts_with("/logout "));
}

}  // namespace
}  // namespace trueque
