// What is read straight off the text is what the document says, and nothing else is taken.
#include "common/directory/json_scan.h"

#include <gtest/gtest.h>

#include <vector>

#include "common/directory/json_messages.h"

namespace trueque {
namespace {

// Makes the document of the events.
class Builder {
 public:
  const Json& document() const { return document_; }

  bool key(std::string_view text) {
    key_ = text;
    return true;
  }
  bool string(std::string_view text) { return put(std::string(text)); }
  bool number(std::uint64_t value) { return put(value); }
  bool other() { return put("other"); }
  bool start_object() { return open(Json::object()); }
  bool start_array() { return open(Json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

 private:
  bool put(Json value) {
    add(std::move(value));
    return true;
  }
  bool open(Json empty) {
    Json& opened = add(std::move(empty));
    inside_.push_back(&opened);
    return true;
  }
  bool close() {
    inside_.pop_back();
    return true;
  }
  Json& add(Json value) {
    if (inside_.empty()) return document_ = std::move(value);
    Json& outer = *inside_.back();
    if (outer.is_object()) return outer[key_] = std::move(value);
    return outer.emplace_back(std::move(value));
  }

  Json document_;
  std::vector<Json*> inside_;
  std::string key_;
};

std::optional<Json> scanned(std::string_view text) {
  Builder builder;
  if (!scan_json(text, builder)) return std::nullopt;
  return builder.document();
}

TEST(JsonScan, ReadsWhatTheDocumentSays) {
  for (const char* text : {
           R"({})",
           R"([])",
           R"(5)",
           R"("text")",
           R"( { "a" : [ 1 , "b" , { } , [ ] ] , "c" : { "d" : 0 } } )",
           "\t[\r\n18446744073709551615\n]",
           R"(["\"\\\/\b\f\n\r\t", "plain", "", " \u00e9\u4f60\ud83d\ude00x", "\u0000", "\u007F"])",
           "[\"\xc3\xa9\", \"\x7f\", \"\xf4\x8f\xbf\xbf\"]",
       }) {
    const auto document = scanned(text);
    ASSERT_TRUE(document) << text;
    const Result<Json> parsed = parse_json_document(text);
    ASSERT_TRUE(parsed.ok()) << text;
    EXPECT_EQ(*document, *parsed);
  }
  EXPECT_EQ(scanned("[null, true, false, -1, 1.5, 1e3, -0.0E-2]"),
            Json::parse(R"(["other","other","other","other","other","other","other"])"));
}

TEST(JsonScan, TakesNothingThatIsNoJson) {
  for (const std::string& text : {std::string(),
                                  std::string(" "),
                                  std::string("{"),
                                  std::string("{}x"),
                                  std::string("{}\0", 3),
                                  std::string("\"\xff\""),
                                  std::string("\"\xc0\x80\""),
                                  std::string("\"\xed\xa0\x80\""),
                                  std::string("Infinity"),
                                  std::string("nul"),
                                  std::string("\"\\ud800\""),
                                  std::string("\"\\ud800\\u0041\""),
                                  std::string("\"\\udc00\""),
                                  std::string("\"\\u12\""),
                                  std::string("\"\\u-123\""),
                                  std::string("\"\\x\""),
                                  std::string("\"\\"),
                                  std::string("\"\\u00e9"),
                                  std::string("\"a"),
                                  std::string("\"a\n\""),
                                  std::string("\"\\n\n\""),
                                  std::string("\"\\n\xff\""),
                                  std::string("[1,]"),
                                  std::string("[,1]"),
                                  std::string("[1 2]"),
                                  std::string("{\"a\"}"),
                                  std::string("{\"a\":}"),
                                  std::string("{\"a\":1,}"),
                                  std::string("{a:1}"),
                                  std::string("{1:1}"),
                                  std::string("[1}"),
                                  std::string("{\"a\":1]"),
                                  std::string("01"),
                                  std::string("1."),
                                  std::string("+1"),
                                  std::string(".5"),
                                  std::string("1e"),
                                  std::string("-"),
                                  std::string("1-1"),
                                  std::string(65, '[') + std::string(65, ']')}) {
    EXPECT_FALSE(scanned(text)) << text;
    EXPECT_FALSE(parse_json_document(text).ok()) << text;
  }
}

TEST(JsonScan, LeavesWhatIsUnusualToTheDocument) {
  for (const std::string& text :
       {std::string("1e999"), std::string("18446744073709551616"), std::string("\xef\xbb\xbf{}")}) {
    EXPECT_FALSE(scanned(text)) << text;
    EXPECT_TRUE(parse_json_document(text).ok()) << text;
  }
  EXPECT_TRUE(scanned(std::string(64, '[') + std::string(64, ']')));
}

TEST(JsonScan, EndsWhereAnEventSaysSo) {
  struct Refusing : Builder {
    explicit Refusing(int events) : left(events) {}
    bool key(std::string_view) { return goes_on(); }
    bool string(std::string_view) { return goes_on(); }
    bool number(std::uint64_t) { return goes_on(); }
    bool other() { return goes_on(); }
    bool start_object() { return goes_on(); }
    bool end_object() { return goes_on(); }
    bool start_array() { return goes_on(); }
    bool end_array() { return goes_on(); }
    bool goes_on() { return left-- > 0; }
    int left;
  };
  constexpr int kEvents = 11;
  for (int events = 0; events <= kEvents; ++events) {
    Refusing refusing(events);
    EXPECT_EQ(scan_json(R"({"a": ["b", 1, null], "c": {}})", refusing), events == kEvents);
    EXPECT_EQ(refusing.left, events == kEvents ? 0 : -1);
  }
}

const std::string kId(64, 'A');

TEST(IndexRequest, IsReadQuicklyWhereItIsAsMostAre) {
  for (
      const std::string& text : {
          std::string(R"({"peer_ip": "10.0.0.1", "peer_files": []})"),
          std::string(R"({"peer_files": ["a", "caf\u00e9"], "peer_port": 65535, "peer_ip": "h"})"),
          R"({"peer_ip": "h", "mode": "add", "peer_files": [{"name": "a"}, "b", {"content_id": ")" +
              kId + R"(", "size": 9007199254740991, "name": "c/d"}]})",
          std::string(R"({"peer_ip": "h", "mode": "replace", "peer_files": [{"name": "a"}]})"),
          std::string(R"({"peer_ip": "h", "mode": "remove", "peer_files": ["a"]})"),
      }) {
    const auto quickly = read_index_quickly(text);
    ASSERT_TRUE(quickly) << text;
    const auto message = read_index(*parse_json_document(text));
    ASSERT_TRUE(message.ok()) << text;
    EXPECT_EQ(quickly->files, message->files);
    EXPECT_EQ(quickly->mode, message->mode);
    EXPECT_EQ(quickly->peer.peer_ip, message->peer.peer_ip);
    EXPECT_EQ(quickly->peer.peer_port, message->peer.peer_port);
  }
}

TEST(IndexRequest, IsLeftToTheDocumentWhereItIsNot) {
  for (
      const std::string& text : {
          std::string("{}"),
          std::string("[]"),
          std::string("5"),
          std::string("\"peer_ip\""),
          std::string(R"({"peer_ip": "h"})"),
          std::string(R"({"peer_files": []})"),
          std::string(R"({"peer_ip": "h", "peer_files": [)"),
          std::string(R"({"peer_ip": "h", "peer_files": []} {})"),
          std::string(R"({"peer_ip": "h", "peer_files": [], "peer_files": []})"),
          std::string(R"({"peer_ip": "h", "peer_ip": "g", "peer_files": []})"),
          std::string(R"({"peer_ip": "h", "peer_files": [], "more": 1})"),
          std::string(R"({"peer_ip": 5, "peer_files": []})"),
          std::string(R"({"peer_ip": ["h"], "peer_files": []})"),
          std::string(R"({"peer_ip": {"h": 1}, "peer_files": []})"),
          std::string(R"({"peer_ip": null, "peer_files": []})"),
          std::string(R"({"peer_ip": "h", "peer_files": {}})"),
          std::string(R"({"peer_ip": "h", "peer_files": "a"})"),
          std::string(R"({"peer_ip": "h", "peer_files": [["a"]]})"),
          std::string(R"({"peer_ip": "h", "peer_files": [5]})"),
          std::string(R"({"peer_ip": "h", "peer_files": [{}]})"),
          std::string(R"({"peer_ip": "h", "peer_files": [{"name": {}}]})"),
          std::string(R"({"peer_ip": "h", "peer_files": [{"name": 5}]})"),
          std::string(R"({"peer_ip": "h", "peer_files": [{"name": "a", "name": "b"}]})"),
          std::string(R"({"peer_ip": "h", "peer_files": [{"name": "a", "size": 1}]})"),
          std::string(R"({"peer_ip": "h", "peer_files": [{"name": "a", "more": 1}]})"),
          R"({"peer_ip": "h", "peer_files": [{"name": "a", "content_id": ")" + kId + R"("}]})",
          R"({"peer_ip": "h", "peer_files": [{"size": 1, "content_id": ")" + kId + R"("}]})",
          R"({"peer_ip": "h", "peer_files": [{"name": "a", "size": 9007199254740992, "content_id": ")" +
              kId + R"("}]})",
          std::string(
              R"({"peer_ip": "h", "peer_files": [{"name": "a", "size": 1, "content_id": "ab"}]})"),
          std::string(R"({"peer_ip": "h", "peer_files": [], "peer_port": 0})"),
          std::string(R"({"peer_ip": "h", "peer_files": [], "peer_port": 65536})"),
          std::string(R"({"peer_ip": "h", "peer_files": [], "peer_port": -1})"),
          std::string(R"({"peer_ip": "h", "peer_files": [], "peer_port": "1"})"),
          std::string(R"({"peer_ip": "h", "peer_files": [], "mode": "more"})"),
          std::string(R"({"peer_ip": "h", "peer_files": [], "mode": null})"),
      }) {
    EXPECT_FALSE(read_index_quickly(text)) << text;
  }
}

}  // namespace
}  // namespace trueque
