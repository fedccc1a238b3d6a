// What every DirectoryClient promises, over HTTP to a real directory and in memory.
#include <gtest/gtest.h>

#include "common/directory/http_directory_client.h"
#include "tests/support/directory_server.h"
#include "tests/support/fake_directory_client.h"

namespace trueque {
namespace {

struct OverHttp {
  testing::DirectoryServer server;
  HttpDirectoryClient client{DirectoryEndpoint{"127.0.0.1", server.port()}};
};

struct InMemory {
  testing::FakeDirectoryClient client;
};

template <typename Backend>
class DirectoryClientContract : public ::testing::Test {
 protected:
  DirectoryClient& client() { return backend_.client; }
  LoginReply log_in(const std::string& name, std::uint16_t port = 50051) {
    const auto reply = client().log_in({name, "pw-" + name}, "10.0.0.1", port);
    EXPECT_TRUE(reply.ok());
    return reply.ok() ? *reply : LoginReply();
  }
  std::uint64_t index(const LoginReply& who, const std::vector<SharedFile>& files,
                      IndexMode mode = IndexMode::kAdd) {
    const auto count = client().index_files(who.token, who.peer, files, mode);
    EXPECT_TRUE(count.ok());
    return count.ok() ? count->value_or(0) : 0;
  }

  const Content content_{5, *ContentId::from_hex(std::string(64, 'b'))};

 private:
  Backend backend_;
};

using Backends = ::testing::Types<OverHttp, InMemory>;
TYPED_TEST_SUITE(DirectoryClientContract, Backends);

TYPED_TEST(DirectoryClientContract, LoginGivesTheCanonicalPeerAndASession) {
  const auto reply = this->client().log_in({"ana", "pw"}, "FE80::0:1", 7);
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->peer, (PeerKey{"ana", "fe80::1", 7}));
  EXPECT_FALSE(reply->token.empty());
  EXPECT_EQ(this->client().log_in({"ana", "other"}, "10.0.0.1", 7).error().code,
            Code::kUnauthenticated);
  EXPECT_EQ(this->client().log_in({"bob", "pw"}, "no address", 7).error().code,
            Code::kInvalidArgument);
}

TYPED_TEST(DirectoryClientContract, FilesAreAddedReplacedAndRemoved) {
  const LoginReply ana = this->log_in("ana");
  EXPECT_EQ(this->index(ana, {{"a", {}}, {"b", this->content_}}), 2U);
  EXPECT_EQ(this->index(ana, {{"b", {}}, {"c", {}}}), 3U);
  EXPECT_EQ(this->index(ana, {{"a", {}}, {"zzz", {}}}, IndexMode::kRemove), 2U);
  EXPECT_EQ(this->index(ana, {{"d", {}}}, IndexMode::kReplace), 1U);
  EXPECT_EQ(
      this->client()
          .index_files(ana.token, ana.peer, std::vector<SharedFile>{{"../x", {}}}, IndexMode::kAdd)
          .error()
          .code,
      Code::kInvalidArgument);
}

TYPED_TEST(DirectoryClientContract, FindsByWholeNameLastComponentAndContent) {
  const LoginReply ana = this->log_in("ana");
  const LoginReply bob = this->log_in("bob", 7);
  this->index(ana, {{"p/a.txt", this->content_}});
  this->index(bob, {{"a.txt", {}}});
  DirectoryClient& client = this->client();
  EXPECT_EQ(client.find_by_name(bob.token, "a.txt", 50).value().size(), 2U);
  EXPECT_EQ(client.find_by_name(bob.token, "a.txt", 1).value().size(), 1U);
  const auto whole = client.find_by_name(bob.token, "p/a.txt", 50);
  ASSERT_EQ(whole.value().size(), 1U);
  EXPECT_EQ(whole->front().peer_name, "ana");
  EXPECT_EQ(whole->front().peer_port, 50051);
  EXPECT_EQ(whole->front().file, (SharedFile{"p/a.txt", this->content_}));
  EXPECT_EQ(whole->front().download_link, "http://10.0.0.1/download/ana/p/a.txt");
  EXPECT_EQ(client.find_by_content(bob.token, this->content_.id, 50).value().size(), 1U);
  EXPECT_EQ(client.find_by_name(bob.token, "none", 50).error().code, Code::kNotFound);
  EXPECT_EQ(client.find_by_content(bob.token, ContentId{}, 50).error().code, Code::kNotFound);
}

TYPED_TEST(DirectoryClientContract, SearchPagesThroughItsHits) {
  const LoginReply ana = this->log_in("ana");
  this->index(ana, {{"note 1", {}}, {"note 2", {}}, {"Note 3", {}}, {"other", {}}});
  std::vector<std::string> names;
  std::string cursor;
  do {
    const auto page = this->client().search(ana.token, "note", 2, cursor);
    ASSERT_TRUE(page.ok());
    for (const SearchHit& hit : page->files) {
      names.push_back(hit.file.name);
      EXPECT_EQ(hit.sources, 1U);
    }
    cursor = page->next.value_or("");
  } while (!cursor.empty() && names.size() < 10);
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"Note 3", "note 1", "note 2"}));
  EXPECT_TRUE(this->client().search(ana.token, "zzz", 2, "").value().files.empty());
  EXPECT_EQ(this->client().search(ana.token, "", 2, "").error().code, Code::kInvalidArgument);
}

TYPED_TEST(DirectoryClientContract, ListsManyFilesInPages) {
  const LoginReply ana = this->log_in("ana");
  const LoginReply bob = this->log_in("bob", 7);
  this->index(ana, {{"p/a.txt", this->content_}, {"p/q/b.txt", {}}, {"c.jpg", {}}});
  this->index(bob, {{"p/a.txt", this->content_}, {"d.txt", this->content_}});
  DirectoryClient& client = this->client();
  const auto names = [&](auto change) {
    FileQuery query;
    query.limit = 2;
    change(query);
    std::vector<std::string> out;
    do {
      const auto page = client.find_files(ana.token, query);
      EXPECT_TRUE(page.ok());
      if (!page.ok()) return out;
      for (const FoundFile& found : page->files) out.push_back(found.file.name);
      query.cursor = page->next.value_or("");
    } while (!query.cursor.empty());
    return out;
  };
  using List = std::vector<std::string>;
  EXPECT_EQ(names([](FileQuery& q) { q.pattern = "*.txt"; }),
            (List{"d.txt", "p/a.txt", "p/q/b.txt"}));
  EXPECT_EQ(names([](FileQuery& q) { q.pattern = "p/*"; }), List{"p/a.txt"});
  EXPECT_EQ(names([](FileQuery& q) { q.folder = "p"; }), (List{"p/a.txt", "p/q/b.txt"}));
  EXPECT_EQ(names([](FileQuery& q) {
              q.names = {"a.txt", "c.jpg", "none"};
            }),
            (List{"c.jpg", "p/a.txt"}));
  EXPECT_EQ(names([&](FileQuery& q) { q.content_ids = {this->content_.id}; }),
            (List{"d.txt", "p/a.txt"}));
  EXPECT_EQ(names([](FileQuery& q) { q.peer_name = "bob"; }), (List{"d.txt", "p/a.txt"}));
  EXPECT_EQ(names([](FileQuery& q) { q.pattern = "p/**/*.txt"; }), (List{"p/a.txt", "p/q/b.txt"}));
  EXPECT_EQ(names([](FileQuery& q) { q.folder = "none"; }), List());
  FileQuery nothing_asked;
  EXPECT_EQ(client.find_files(ana.token, nothing_asked).error().code, Code::kInvalidArgument);
  FileQuery no_pattern;
  no_pattern.pattern = "[a";
  EXPECT_EQ(client.find_files(ana.token, no_pattern).error().code, Code::kInvalidArgument);
  FileQuery one;
  one.names = {"p/a.txt"};
  const auto page = client.find_files(ana.token, one);
  ASSERT_EQ(page.value().files.size(), 1U);
  EXPECT_EQ(page->files[0].file, (SharedFile{"p/a.txt", this->content_}));
  std::vector<PeerKey> sources = page->files[0].sources;
  std::sort(sources.begin(), sources.end());
  EXPECT_EQ(sources, (std::vector<PeerKey>{ana.peer, bob.peer}));
  EXPECT_EQ(page->next, std::nullopt);
  EXPECT_EQ(client.find_files("wrong", one).error().code, Code::kUnauthenticated);
}

TYPED_TEST(DirectoryClientContract, TellsWhoFetchesTheSameContent) {
  const LoginReply ana = this->log_in("ana");
  const LoginReply bob = this->log_in("bob", 7);
  DirectoryClient& client = this->client();
  using Peers = std::vector<PeerKey>;
  const auto join = [&](const LoginReply& who) {
    const auto reply = client.join_swarm(who.token, who.peer, this->content_);
    EXPECT_TRUE(reply.ok());
    if (!reply.ok()) return Peers();
    EXPECT_EQ(reply->renew, std::chrono::seconds(10));
    return reply->peers;
  };
  EXPECT_EQ(join(ana), Peers());
  EXPECT_EQ(join(bob), Peers{ana.peer});
  EXPECT_EQ(join(ana), Peers{bob.peer});
  const Content other{6, ContentId{}};
  EXPECT_EQ(client.join_swarm(ana.token, ana.peer, other).value().peers, Peers());
  EXPECT_TRUE(client.leave_swarm(bob.token, bob.peer, this->content_).ok());
  EXPECT_TRUE(client.leave_swarm(bob.token, bob.peer, this->content_).ok());
  EXPECT_EQ(join(ana), Peers());
  EXPECT_EQ(client.join_swarm(ana.token, bob.peer, other).error().code, Code::kPermissionDenied);
  EXPECT_EQ(client.leave_swarm(ana.token, bob.peer, other).error().code, Code::kPermissionDenied);
  EXPECT_EQ(client.join_swarm("wrong", ana.peer, other).error().code, Code::kUnauthenticated);
  EXPECT_TRUE(client.log_out(ana.token, ana.peer).ok());
  EXPECT_EQ(join(bob), Peers()) << "who is gone fetches nothing";
}

TYPED_TEST(DirectoryClientContract, ASessionIsNeededAndActsForItsPeerAlone) {
  const LoginReply ana = this->log_in("ana");
  const LoginReply bob = this->log_in("bob", 7);
  DirectoryClient& client = this->client();
  EXPECT_EQ(client.peers("wrong").error().code, Code::kUnauthenticated);
  EXPECT_EQ(client.heartbeat(ana.token, bob.peer).error().code, Code::kPermissionDenied);
  EXPECT_EQ(client.log_out(ana.token, bob.peer).error().code, Code::kPermissionDenied);
  EXPECT_EQ(client.heartbeat(ana.token, ana.peer).value().terms.heartbeat,
            std::chrono::seconds(15));
}

TYPED_TEST(DirectoryClientContract, ALoginAndAHeartbeatTellWhatTheDirectoryHas) {
  const LoginReply ana = this->log_in("ana");
  ASSERT_TRUE(ana.files);
  EXPECT_EQ(ana.files->digest, FileSetDigest());
  const std::vector<SharedFile> files = {{"a", {}}, {"b", Content{7, ContentId()}}};
  this->index(ana, files);
  FileSetDigest digest;
  for (const SharedFile& file : files) digest.toggle(file.name, file.content);
  const auto beat = this->client().heartbeat(ana.token, ana.peer);
  ASSERT_TRUE(beat && beat->files);
  EXPECT_EQ(beat->files->files, 2U);
  EXPECT_EQ(beat->files->digest, digest);
  EXPECT_GT(beat->files->revision, ana.files->revision);
  EXPECT_EQ(this->log_in("ana").files->digest, digest);
}

TYPED_TEST(DirectoryClientContract, ThePeerGoesWithItsLastSession) {
  const LoginReply menu = this->log_in("ana");
  const LoginReply beside = this->log_in("ana");
  this->index(menu, {{"a", {}}});
  DirectoryClient& client = this->client();
  ASSERT_TRUE(client.log_out(menu.token, menu.peer).ok());
  EXPECT_EQ(client.heartbeat(menu.token, menu.peer).error().code, Code::kUnauthenticated);
  const auto peers = client.peers(beside.token);
  ASSERT_EQ(peers.value().size(), 1U);
  EXPECT_EQ(peers->front().files, 1U);
  ASSERT_TRUE(client.log_out(beside.token, beside.peer).ok());
  const LoginReply bob = this->log_in("bob", 7);
  EXPECT_EQ(client.peers(bob.token).value().size(), 1U);
  EXPECT_EQ(client.find_by_name(bob.token, "a", 50).error().code, Code::kNotFound);
}

}  // namespace
}  // namespace trueque
