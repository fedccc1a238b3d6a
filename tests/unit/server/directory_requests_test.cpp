// What a valid request is, and the pages of a search.
#include "server/core/directory.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "server/core/find_cursor.h"
#include "server/core/search_cursor.h"
#include "tests/support/directory_fixture.h"

namespace trueque {
namespace {

using std::chrono::seconds;
using testing::closed_registration;
using testing::content_id;
using testing::DirectoryFixture;
using testing::kCheapHash;
using testing::open_mode;
using testing::placeholder;
using testing::real_file;

const Caller kNobody{std::nullopt, "192.0.2.9"};
const PeerReference kHere{"10.0.0.1", std::nullopt};

template <typename T>
Code code_of(const Result<T>& result) {
  EXPECT_FALSE(result.ok());
  return result.ok() ? Code::kInternal : result.error().code;
}

template <typename T>
std::string message_of(const Result<T>& result) {
  return result.ok() ? "no error" : result.error().message;
}

// An invalid argument whose sentence begins with the member it is about.
template <typename T>
void expect_blames(const Result<T>& result, const std::string& member) {
  ASSERT_FALSE(result.ok()) << member;
  EXPECT_EQ(result.error().code, Code::kInvalidArgument) << result.error().message;
  EXPECT_TRUE(result.error().message.starts_with("'" + member + "' ")) << result.error().message;
}

Result<std::uint64_t> index(DirectoryFixture& d, const Caller& caller, const PeerReference& peer,
                            const std::vector<SharedFile>& files,
                            IndexMode mode = IndexMode::kAdd) {
  return d.directory.index_files(caller, peer, files, mode);
}

TEST(DirectoryRequests, ALoginIsCheckedMemberByMember) {
  const std::string long_name(256, 'x');
  const struct {
    LoginRequest request;
    const char* member;
  } rows[] = {
      {{"", "p", "h", 1}, "username"},
      {{long_name, "p", "h", 1}, "username"},
      {{"a\nb", "p", "h", 1}, "username"},
      {{"a\xFF", "p", "h", 1}, "username"},
      {{"a\u202Eb", "p", "h", 1}, "username"},
      {{"ana", "", "h", 1}, "password"},
      {{"ana", std::string(1025, 'p'), "h", 1}, "password"},
      {{"ana", "p", "", 1}, "peer_ip"},
      {{"ana", "p", "300.1.1.1", 1}, "peer_ip"},
      {{"ana", "p", "[::1]", 1}, "peer_ip"},
      {{"ana", "p", "a/b", 1}, "peer_ip"},
      {{"ana", "p", "h", 0}, "peer_port"},
  };
  DirectoryFixture d;
  for (const auto& row : rows) expect_blames(d.directory.log_in(row.request, "a"), row.member);
  EXPECT_EQ(d.repository.counts()->peers, 0U);
  EXPECT_TRUE(d.log_in(std::string(255, 'x')).ok());
  EXPECT_TRUE(d.log_in("ñandú 你", "h", 1, std::string(1024, 'p')).ok());
}

TEST(DirectoryRequests, IndexedFilesAreCheckedOneByOne) {
  DirectoryFixture d;
  const Caller ana = d.logged_in("ana");
  const SharedFile good = placeholder("ok");
  const struct {
    std::vector<SharedFile> files;
    const char* member;
  } rows[] = {
      {{good, placeholder("")}, "peer_files[1].name"},
      {{placeholder("../x")}, "peer_files[0].name"},
      {{placeholder("/etc/passwd")}, "peer_files[0].name"},
      {{good, good, good, placeholder("a\\b")}, "peer_files[3].name"},
      {{placeholder("a\x1B[2J")}, "peer_files[0].name"},
      {{placeholder(std::string(256, 'x'))}, "peer_files[0].name"},
      {{good, real_file("x", 1ULL << 53U, 1)}, "peer_files[1].size"},
      {std::vector<SharedFile>(10'001, good), "peer_files"},
  };
  for (const auto& row : rows) {
    for (const IndexMode mode : {IndexMode::kAdd, IndexMode::kReplace, IndexMode::kRemove}) {
      expect_blames(index(d, ana, kHere, row.files, mode), row.member);
    }
  }
  EXPECT_EQ(d.repository.counts()->files, 0U) << "one bad name and none is taken";
  EXPECT_EQ(index(d, ana, kHere, {}).value_or(9), 0U);
  EXPECT_EQ(index(d, ana, kHere, {real_file("x", (1ULL << 53U) - 1, 1)}).value_or(9), 1U);
  EXPECT_EQ(index(d, ana, kHere, std::vector<SharedFile>(10'000, good)).value_or(9), 2U);
}

TEST(DirectoryRequests, IndexModesAddReplaceAndRemove) {
  DirectoryFixture d;
  const Caller ana = d.logged_in("ana");
  EXPECT_EQ(index(d, ana, kHere, {placeholder("a"), placeholder("b")}).value_or(9), 2U);
  EXPECT_EQ(index(d, ana, kHere, {real_file("a", 1, 1), real_file("a", 2, 2)}).value_or(9), 2U);
  EXPECT_EQ(d.directory.find_by_name(ana, "a", 50)->front().file, real_file("a", 2, 2));
  EXPECT_EQ(index(d, ana, kHere, {placeholder("c")}, IndexMode::kReplace).value_or(9), 1U);
  EXPECT_EQ(index(d, ana, kHere, {real_file("c", 1, 1), placeholder("z")}, IndexMode::kRemove)
                .value_or(9),
            0U);
}

TEST(DirectoryRequests, LookUpsAndSearchesAreChecked) {
  DirectoryFixture d(open_mode());
  const std::string bad_utf8 = "\xC3";
  expect_blames(d.directory.find_by_name(kNobody, "", 50), "file_name");
  expect_blames(d.directory.find_by_name(kNobody, "a/../b", 50), "file_name");
  expect_blames(d.directory.find_by_name(kNobody, "a", 0), "limit");
  expect_blames(d.directory.find_by_name(kNobody, "a", 1001), "limit");
  expect_blames(d.directory.find_by_content(kNobody, {}, 0), "limit");
  expect_blames(d.directory.search(kNobody, "", 50, {}), "q");
  expect_blames(d.directory.search(kNobody, " \t ", 50, {}), "q");
  expect_blames(d.directory.search(kNobody, bad_utf8, 50, {}), "q");
  expect_blames(d.directory.search(kNobody, "a", 0, {}), "limit");
  expect_blames(d.directory.search(kNobody, "a", 1001, {}), "limit");
  expect_blames(d.directory.search(kNobody, "a", 50, "garbage!"), "cursor");
  EXPECT_TRUE(d.directory.search(kNobody, "a", 1000, {})->files.empty());
  EXPECT_FALSE(d.directory.search(kNobody, "a", 50, "")->next);
}

TEST(DirectoryRequests, CursorsLeadThroughAllPagesOnce) {
  DirectoryFixture d;
  const Caller ana = d.logged_in("ana");
  std::vector<SharedFile> files;
  for (int i = 0; i < 25; ++i) files.push_back(real_file("map " + std::to_string(i), 1, 1));
  files.push_back(placeholder("map 3"));
  files.push_back(placeholder("a map"));
  ASSERT_TRUE(index(d, ana, kHere, files).ok());
  std::vector<std::string> names;
  std::optional<std::string> cursor;
  int pages = 0;
  do {
    const auto page = d.directory.search(ana, "map", 10, cursor);
    ASSERT_TRUE(page.ok());
    for (const SearchHit& hit : page->files) names.push_back(hit.file.name);
    cursor = page->next;
    ++pages;
  } while (cursor);
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(names.size(), 26U);
  EXPECT_EQ(names.back(), "a map");
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 26U);
  EXPECT_FALSE(d.directory.search(ana, "map", 26, {})->next) << "a full last page has no next";
}

TEST(DirectoryRequests, ListingsAreChecked) {
  DirectoryFixture d(open_mode());
  const auto find = [&](auto change) {
    FileQuery query;
    change(query);
    return d.directory.find_files(kNobody, query);
  };
  expect_blames(find([](FileQuery&) {}), "names");
  expect_blames(find([](FileQuery& q) { q.names = {"a", "b/../c"}; }), "names[1]");
  expect_blames(find([](FileQuery& q) { q.names.assign(1001, "a"); }), "names");
  expect_blames(find([](FileQuery& q) { q.content_ids.resize(1001); }), "content_ids");
  expect_blames(find([](FileQuery& q) { q.folder = "a/"; }), "folder");
  expect_blames(find([](FileQuery& q) { q.folder = "."; }), "folder");
  expect_blames(find([](FileQuery& q) { q.pattern = "[b-a]"; }), "pattern");
  expect_blames(find([](FileQuery& q) { q.peer_name = "a\nb"; }), "peer_name");
  expect_blames(find([](FileQuery& q) { q.folder = "a", q.limit = 0; }), "limit");
  expect_blames(find([](FileQuery& q) { q.folder = "a", q.limit = 1001; }), "limit");
  expect_blames(find([](FileQuery& q) { q.folder = "a", q.cursor = "x"; }), "cursor");
  EXPECT_TRUE(find([](FileQuery& q) { q.names.assign(1000, "a"); })->files.empty());
  DirectoryFixture closed;
  EXPECT_EQ(code_of(closed.directory.find_files(kNobody, {})), Code::kUnauthenticated);
}

TEST(DirectoryRequests, CursorsLeadThroughAListingOnce) {
  DirectoryFixture d;
  const Caller ana = d.logged_in("ana");
  std::vector<SharedFile> files;
  for (int i = 0; i < 25; ++i) files.push_back(real_file("p/" + std::to_string(i), 1, 1));
  ASSERT_TRUE(index(d, ana, kHere, files).ok());
  FileQuery query;
  query.folder = "p";
  query.limit = 10;
  std::set<std::string> names;
  int pages = 0;
  do {
    const auto page = d.directory.find_files(ana, query);
    ASSERT_TRUE(page.ok());
    for (const FoundFile& found : page->files) names.insert(found.file.name);
    query.cursor = page->next.value_or("");
    ++pages;
  } while (!query.cursor.empty());
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(names.size(), 25U);
}

TEST(FindCursor, ComesBackAsItWasAndNothingElseDoes) {
  for (const SharedFile& file : {placeholder("ñ/a b"), real_file("x", 5, 7)}) {
    const auto back = decode_find_cursor(encode_find_cursor(file));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, file);
  }
  const std::string good = encode_find_cursor(real_file("x", 5, 7));
  for (const std::string& bad :
       {std::string(), std::string("x"), good + "A=", good.substr(0, good.size() / 2),
        encode_find_cursor(placeholder("..")), encode_cursor({0, 1, real_file("x", 5, 7)}),
        std::string(5000, 'A')}) {
    expect_blames(decode_find_cursor(bad), "cursor");
  }
  expect_blames(decode_cursor(good), "cursor");
}

TEST(SearchCursor, ComesBackAsItWas) {
  for (const SearchPosition& position : {SearchPosition{0, 1, placeholder("ñ/a b")},
                                         SearchPosition{3, 1ULL << 60U, real_file("x", 5, 7)}}) {
    const std::string text = encode_cursor(position);
    EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789-_"),
              std::string::npos)
        << text;
    const auto back = decode_cursor(text);
    ASSERT_TRUE(back.ok()) << text;
    EXPECT_EQ(back->rank, position.rank);
    EXPECT_EQ(back->sources, position.sources);
    EXPECT_EQ(back->file, position.file);
  }
}

TEST(SearchCursor, AnythingElseIsRefused) {
  const std::string good = encode_cursor({0, 1, real_file("x", 5, 7)});
  for (const std::string& bad :
       {std::string("x"), std::string("!!!"), good + "A=", good.substr(0, good.size() / 2),
        std::string("OQoxCgoKeA"),   // rank 9
        std::string("MAotMQoKCng"),  // sources -1
        std::string("MAoxCjUKCng"),  // a size without a content id
        std::string("MAoxCgoKLi4"),  // the name ".."
        std::string(5000, 'A')}) {
    expect_blames(decode_cursor(bad), "cursor");
  }
}

}  // namespace
}  // namespace trueque
