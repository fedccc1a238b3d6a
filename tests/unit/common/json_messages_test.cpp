// Both ends' JSON: what one writes the other reads. Bad requests have their table
// in unit/server/http_routes_test.cpp, over the wire.
#include "common/directory/json_messages.h"

#include <gtest/gtest.h>

namespace trueque {
namespace {

Json parsed(const std::string& text) {
  Result<Json> document = parse_json_document(text);
  return document ? *document : Json("unparsable");
}

const ContentId kId = *ContentId::from_hex(std::string(64, 'c'));

TEST(JsonDocument, RefusesWhatIsNoJson) {
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("{}x"), std::string("{}\0", 3),
        std::string("\"\xff\""), std::string("\"\xc0\x80\""), std::string("Infinity"),
        std::string("\"\\ud800\""), std::string("[1,]"), std::string("01"),
        std::string(65, '[') + std::string(65, ']')}) {
    const Result<Json> document = parse_json_document(text);
    ASSERT_FALSE(document.ok()) << text;
    EXPECT_EQ(document.error().code, Code::kInvalidArgument);
  }
}

// Whatever the text, the short way writes what the library does.
TEST(JsonDocument, AppendsTextAsTheLibraryWritesIt) {
  std::string every;
  for (int c = 0; c < 256; ++c) every.push_back(static_cast<char>(c));
  for (const std::string& text :
       {std::string(), std::string("plain"), std::string("q\"b\\"), std::string("\x7f"),
        std::string("a\0b", 3), std::string("caf\xc3\xa9"), every}) {
    std::string out = "x";
    append_json_text(out, text);
    EXPECT_EQ(out, "x" + dump_json(Json(text)));
  }
}

TEST(JsonMessages, SourcesAreWrittenAsTheLibraryWritesThem) {
  FileSource full{"an\"a", "10.0.0.1", 7, {"caf\xc3\xa9", Content{5, kId}}, "http://x/y"};
  FileSource bare{"ana", "10.0.0.2", std::nullopt, {"a.txt", std::nullopt}, ""};
  for (const std::vector<FileSource>& sources :
       {std::vector<FileSource>{}, {full}, {full, bare}, {bare, full}}) {
    const std::string text = write_sources(sources);
    EXPECT_EQ(text, dump_json(parsed(text)));
    EXPECT_EQ(read_sources(parsed(text)).size(), sources.size());
  }
}

TEST(JsonDocument, ReadsNumbersTooLargeAsNull) {
  const std::string huge(400, '9');
  const struct {
    std::string text;
    std::string reads_as;
  } rows[] = {
      {"1e999", "null"},
      {"-1E+999", "null"},
      {"[" + huge + ", -" + huge + ".5e3]", "[null, null]"},
      {R"({"a":1e999,"b":"1e999 \\\" 1e999","c":[2, 1e308, 1e-999]})",
       R"({"a":null,"b":"1e999 \\\" 1e999","c":[2, 1e308, 0.0]})"},
  };
  for (const auto& row : rows) EXPECT_EQ(parsed(row.text), parsed(row.reads_as)) << row.text;
  for (const char* bad : {"[1e999, 01e999]", "[1e999, .5e999]", "[1e999, +1e999]", "[1e999-1]",
                          "[1e999, 1.e999]", "[1e999, 1e+]", "[1e999", "1e999x"}) {
    const Result<Json> document = parse_json_document(bad);
    ASSERT_FALSE(document.ok()) << bad;
    EXPECT_EQ(document.error().code, Code::kInvalidArgument);
  }
}

TEST(JsonDocument, CountsDepthOutsideStringsOnly) {
  EXPECT_TRUE(parse_json_document(std::string(64, '[') + std::string(64, ']')).ok());
  EXPECT_TRUE(parse_json_document("[\"" + std::string(100, '[') + "\\\"[\"]").ok());
}

TEST(JsonDocument, WritesTextThatIsNoUtf8WithoutFailing) {
  EXPECT_EQ(dump_json({{"a", "x\xff"}}), "{\"a\":\"x\xEF\xBF\xBD\"}");
}

TEST(JsonMessages, RequestsArriveAsTheyWereSent) {
  const auto login = read_login(parsed(write_login({"ana", "p\"w", "::1", 7})));
  ASSERT_TRUE(login.ok());
  EXPECT_EQ(login->username + login->password + login->peer_ip, "anap\"w::1");
  EXPECT_EQ(login->peer_port, 7);

  const auto peer = read_peer(parsed(write_peer({"h", std::nullopt})));
  ASSERT_TRUE(peer.ok());
  EXPECT_EQ(peer->peer_port, std::nullopt);

  const std::vector<SharedFile> files = {
      {"plain", {}}, {"real", Content{kMaxContentSize, kId}}, {"empty", Content{0, {}}}};
  for (const IndexMode mode : {IndexMode::kAdd, IndexMode::kReplace, IndexMode::kRemove}) {
    const auto index = read_index(parsed(write_index({"h", 9}, files, mode)));
    ASSERT_TRUE(index.ok());
    EXPECT_EQ(index->files, files);
    EXPECT_EQ(index->mode, mode);
    EXPECT_EQ(index->peer.peer_port, 9);
  }

  const auto by_name = read_lookup(parsed(write_lookup({"a/b", std::nullopt, 50})));
  ASSERT_TRUE(by_name.ok());
  EXPECT_EQ(by_name->file_name, "a/b");
  EXPECT_EQ(by_name->content, std::nullopt);
  EXPECT_EQ(by_name->limit, 50U);
  const auto by_content = read_lookup(parsed(write_lookup({"", kId, 1000})));
  ASSERT_TRUE(by_content.ok());
  EXPECT_EQ(by_content->content, kId);
  EXPECT_EQ(by_content->limit, 1000U);
}

TEST(JsonMessages, AListingsRequestArrivesAsItWasSent) {
  FileQuery query;
  query.names = {"a", "b/c"};
  query.content_ids = {kId, ContentId{}};
  query.folder = "d";
  query.pattern = "*.txt";
  query.peer_name = "ana";
  query.limit = 7;
  query.cursor = "cur";
  const auto read = read_file_query(parsed(write_file_query(query)));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->names, query.names);
  EXPECT_EQ(read->content_ids, query.content_ids);
  EXPECT_EQ(read->folder, "d");
  EXPECT_EQ(read->pattern, "*.txt");
  EXPECT_EQ(read->peer_name, "ana");
  EXPECT_EQ(read->limit, 7U);
  EXPECT_EQ(read->cursor, "cur");
  FileQuery folder;
  folder.folder = "d";
  EXPECT_EQ(write_file_query(folder), R"({"folder":"d"})") << "what is not asked for is not said";
}

TEST(JsonMessages, SwarmMessagesArriveAsTheyWereSent) {
  const auto request = read_swarm(parsed(write_swarm({{"h", 9}, {kMaxContentSize, kId}})));
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->peer.peer_ip, "h");
  EXPECT_EQ(request->peer.peer_port, 9);
  EXPECT_EQ(request->content, (Content{kMaxContentSize, kId}));
  const SwarmReply reply{{{"ana", "h", 5}, {"bob", "::1", 6}}, std::chrono::seconds(4)};
  const SwarmReply read = read_swarm_reply(parsed(write_swarm_reply(reply)));
  EXPECT_EQ(read.peers, reply.peers);
  EXPECT_EQ(read.renew, reply.renew);
  for (const char* body : {"{}", "[]", "5", R"({"peers":[{"peer_ip":"h"}],"renew_seconds":0})"}) {
    EXPECT_TRUE(read_swarm_reply(parsed(body)).peers.empty());
    EXPECT_EQ(read_swarm_reply(parsed(body)).renew, std::chrono::seconds(10));
  }
}

TEST(JsonMessages, WhatADirectoryHasIsToldWhollyOrNotAtAll) {
  EXPECT_FALSE(read_heartbeat_reply(parsed(write_heartbeat_reply({}))).files);
  const std::string digest(32, 'A');
  const Json whole = {{"files", 1U}, {"revision", 2U}, {"digest", digest}};
  ASSERT_TRUE(read_heartbeat_reply(whole).files);
  EXPECT_EQ(read_heartbeat_reply(whole).files->digest.hex(), std::string(32, 'a'));
  for (const char* member : {"files", "revision", "digest"}) {
    for (const Json& bad : {Json(), Json(-1), Json("x"), Json(std::string(64, '0'))}) {
      Json body = whole;
      body[member] = bad;
      EXPECT_FALSE(read_heartbeat_reply(body).files) << body.dump();
      EXPECT_FALSE(read_login_reply(body, {"x", "y", 1}).files) << body.dump();
    }
  }
}

TEST(JsonMessages, ResponsesArriveAsTheyWereSent) {
  const LeaseTerms terms{std::chrono::seconds(3), std::chrono::seconds(9)};
  const FilesSummary files{3, 1ULL << 52U, *FileSetDigest::from_hex(std::string(32, 'a'))};
  const LoginReply reply{{"ana", "h", 5}, "tok", terms, files};
  const LoginReply read = read_login_reply(parsed(write_login_reply(reply)), {"x", "y", 1});
  EXPECT_EQ(read.peer, reply.peer);
  EXPECT_EQ(read.token, "tok");
  EXPECT_EQ(read.terms.heartbeat, terms.heartbeat);
  EXPECT_EQ(read.files, files);
  const HeartbeatReply beat = read_heartbeat_reply(parsed(write_heartbeat_reply({terms, files})));
  EXPECT_EQ(beat.terms.lease, terms.lease);
  EXPECT_EQ(beat.files, files);
  EXPECT_EQ(read_indexed(parsed(write_indexed(12))), 12U);

  const std::vector<FileSource> sources = {{"ana", "h", 5, {"f", Content{1, kId}}, "http://l"},
                                           {"bob", "h", 6, {"g", {}}, ""}};
  const auto found = read_sources(parsed(write_sources(sources)));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].file, sources[0].file);
  EXPECT_EQ(found[0].peer_port, 5);
  EXPECT_EQ(found[1].file, sources[1].file);

  const SearchPage page{{{{"f", Content{1, kId}}, 3}, {{"g", {}}, 1}}, "cursor"};
  const SearchPage page_read = read_search_page(parsed(write_search_page(page)));
  ASSERT_EQ(page_read.files.size(), 2U);
  EXPECT_EQ(page_read.files[0].file, page.files[0].file);
  EXPECT_EQ(page_read.files[0].sources, 3U);
  EXPECT_EQ(page_read.next, "cursor");
  EXPECT_EQ(parsed(write_search_page({{}, std::nullopt})), parsed(R"({"files":[],"next":null})"));

  const FoundPage listing{{{{"f", Content{1, kId}}, {{"ana", "h", 5}, {"bob", "::1", 6}}},
                           {{"g", {}}, {{"ana", "h", 5}}}},
                          "next"};
  const FoundPage listed = read_found_page(parsed(write_found_page(listing)));
  ASSERT_EQ(listed.files.size(), 2U);
  EXPECT_EQ(listed.files[0].file, listing.files[0].file);
  EXPECT_EQ(listed.files[0].sources, listing.files[0].sources);
  EXPECT_EQ(listed.files[1].file, listing.files[1].file);
  EXPECT_EQ(listed.next, "next");
  EXPECT_EQ(parsed(write_found_page({{}, std::nullopt})), parsed(R"({"files":[],"next":null})"));

  const std::vector<PeerSummary> peers = {{{"ana", "h", 5}, 7, std::chrono::seconds(8)}};
  const auto peers_read = read_peers(parsed(write_peers(peers)));
  ASSERT_EQ(peers_read.size(), 1U);
  EXPECT_EQ(peers_read[0].peer, peers[0].peer);
  EXPECT_EQ(peers_read[0].files, 7U);
  EXPECT_EQ(peers_read[0].last_seen, std::chrono::seconds(8));
}

TEST(JsonMessages, RowsWhoseAddressIsNoneAreLeftOut) {
  const struct {
    const char* ip;
    const char* read;  // null: left out
  } rows[] = {{"10.0.0.1", "10.0.0.1"},
              {"FE80::0:1", "fe80::1"},
              {"Ana.example", "ana.example"},
              {"", nullptr},
              {"10.0.0.1:46417/x", nullptr},
              {":\x1b]0;PWNED\x07RED", nullptr},
              {"[::1]", nullptr},
              {"a b", nullptr}};
  for (const auto& row : rows) {
    Json source = {{"file_name", "f"}, {"peer_ip", row.ip}, {"peer_port", 5U}};
    const auto sources = read_sources(Json::array({source}));
    const auto peers = read_peers({{"peers", {source}}});
    ASSERT_EQ(sources.size(), row.read ? 1U : 0U) << row.ip;
    ASSERT_EQ(peers.size(), row.read ? 1U : 0U) << row.ip;
    if (row.read == nullptr) continue;
    EXPECT_EQ(sources[0].peer_ip, row.read);
    EXPECT_EQ(peers[0].peer.ip, row.read);
  }
  // The original's rows have no port: their address is a name for a person and no more.
  EXPECT_EQ(read_sources(parsed(R"([{"file_name":"f","peer_ip":"my pc"}])")).size(), 1U);
}

TEST(JsonMessages, SourcesThatMakeNoSenseAreLeftOutOfAListing) {
  const FoundPage page = read_found_page(parsed(R"({"files":[
      {"file_name":"a","sources":[5,{},{"peer_ip":"h"},{"peer_ip":"a b","peer_port":1},
                                  {"peer_ip":"h","peer_port":70000},
                                  {"peer_name":"ana","peer_ip":"h","peer_port":2}]},
      {"file_name":"b","sources":[{"peer_ip":"h"}]}, {"file_name":"c","sources":7},
      {"file_name":"d"}, {"file_name":"","sources":[{"peer_ip":"h","peer_port":2}]},
      {"file_name":"e","size":1,"sources":[{"peer_ip":"h","peer_port":2}]}],"next":5})"));
  ASSERT_EQ(page.files.size(), 1U);
  EXPECT_EQ(page.files[0].file.name, "a");
  EXPECT_EQ(page.files[0].sources, (std::vector<PeerKey>{{"ana", "h", 2}}));
  EXPECT_EQ(page.next, std::nullopt);
}

TEST(JsonMessages, AnswersOfAnyShapeAreSurvived) {
  for (const char* text : {"null", "5", "[]", "{}", "\"a\"", "[[[]]]", "{\"files\":{}}",
                           "{\"peers\":5,\"token\":[],\"heartbeat_seconds\":-1}"}) {
    const Json body = parsed(text);
    const LoginReply reply = read_login_reply(body, {"x", "y", 1});
    EXPECT_EQ(reply.peer, (PeerKey{"x", "y", 1}));
    EXPECT_EQ(reply.terms.heartbeat, std::chrono::seconds(15));
    EXPECT_TRUE(read_sources(body).empty());
    EXPECT_TRUE(read_search_page(body).files.empty());
    EXPECT_TRUE(read_found_page(body).files.empty());
    EXPECT_TRUE(read_peers(body).empty());
    EXPECT_EQ(read_indexed(body), std::nullopt);
  }
}

}  // namespace
}  // namespace trueque
