#include "common/base/text.h"

#include <gtest/gtest.h>

#include "common/base/address.h"
#include "common/base/logging.h"

namespace trueque {
namespace {

TEST(Text, PrintableLeavesNoControlCharacter) {
  EXPECT_EQ(printable("plain ñ 你"), "plain ñ 你");
  EXPECT_EQ(printable("\x1B[2Jx\n"), "\uFFFD[2Jx\uFFFD");
  EXPECT_EQ(printable("a\xFF"), "a\uFFFD");
  EXPECT_EQ(printable("a\u202Eb"), "a\uFFFDb");
  EXPECT_FALSE(has_control_character(printable(std::string("\0\x80\x9B\r", 4))));
}

TEST(Text, IsCutBetweenCodePoints) {
  EXPECT_EQ(first_bytes("abc", 3), "abc");
  EXPECT_EQ(first_bytes("abc", 2), "ab");
  EXPECT_EQ(first_bytes("a\u00F1b", 2), "a");
  EXPECT_EQ(first_bytes("a\u00F1b", 3), "a\u00F1");
  EXPECT_EQ(first_bytes("你", 2), "");
}

TEST(Text, FoldsCaseBeyondAscii) {
  EXPECT_EQ(case_fold("ÁRBOL.TXT"), case_fold("árbol.txt"));
  EXPECT_EQ(case_fold("Straße"), case_fold("STRASSE"));
  EXPECT_EQ(case_fold("\xFF"), "\xFF");
  EXPECT_EQ(case_fold("AZ[az{ 09_"), "az[az{ 09_");
}

TEST(Text, PutsOneBlankBetweenWords) {
  const struct {
    const char* text;
    const char* spaced;
  } rows[] = {{"", ""},
              {" \t\r\n\f\v\u0085\u00A0\u1680\u2003\u2028\u2029\u202F\u205F\u3000", ""},
              {"a b", "a b"},
              {" a  b\t", "a b"},
              {"\u3000ñ\u00A0\u2009b\u2028c", "ñ b c"},
              {"a\u200Bb\u0001", "a\u200Bb\u0001"},
              {"a\xFF b", "a\xFF b"}};
  for (const auto& row : rows) EXPECT_EQ(single_spaced(row.text), row.spaced) << row.text;
}

TEST(Text, KnowsWhereAWordBegins) {
  const std::string text = "ab-cd éf x1";
  const struct {
    const char* word;
    bool begins;
  } rows[] = {{"ab", true}, {"b-", false},  {"cd", true},
              {"éf", true}, {"f x", false}, {"1", false}};
  for (const auto& row : rows) {
    EXPECT_EQ(starts_word(text, text.find(row.word)), row.begins) << row.word;
  }
}

TEST(Text, PercentEncodesAPathAndKeepsItsSlashes) {
  EXPECT_EQ(percent_encode_path("a b/ñ?.txt"), "a%20b/%C3%B1%3F.txt");
}

TEST(Text, PercentEncodesASegmentWhole) {
  EXPECT_EQ(percent_encode_segment("a b/ñ?.txt"), "a%20b%2F%C3%B1%3F.txt");
  EXPECT_EQ(percent_encode_segment("."), "%2E");
  EXPECT_EQ(percent_encode_segment(".."), "%2E%2E");
  EXPECT_EQ(percent_encode_segment("..."), "...");
}

TEST(Text, FindsWhatWasMeant) {
  const std::vector<std::string> candidates = {"host", "port", "shared_dir"};
  EXPECT_EQ(nearest("prot", candidates), "port");
  EXPECT_EQ(nearest("share_dir", candidates), "shared_dir");
  EXPECT_EQ(nearest("zzzzzzzz", candidates), std::nullopt);
}

TEST(Address, CanonicalHost) {
  EXPECT_EQ(canonical_host("10.0.0.1").value_or(""), "10.0.0.1");
  EXPECT_EQ(canonical_host("2001:DB8:0::1").value_or(""), "2001:db8::1");
  EXPECT_EQ(canonical_host("Peer-A.local").value_or(""), "peer-a.local");
  for (const char* bad : {"", "300.1.1.1", "1.2.3", "[::1]", "::g", "a b", "a/b", "-x", ".x",
                          "a..b", "fe80::1%eth0"}) {
    EXPECT_FALSE(canonical_host(bad).ok()) << bad;
  }
  EXPECT_EQ(host_and_port("::1", 5), "[::1]:5");
}

TEST(Logging, AnEventIsOneLineWhateverItsValuesHold) {
  EXPECT_EQ(format_event(LogFormat::kText, "login", {{"user", "ana"}, {"port", 5}}),
            "login user=ana port=5");
  EXPECT_EQ(format_event(LogFormat::kText, "x", {{"name", "a b\n\"c\""}}),
            "x name=\"a b\uFFFD\\\"c\\\"\"");
  EXPECT_EQ(format_event(LogFormat::kJson, "login", {{"user", "a\"\n"}, {"port", 5}}),
            "\"event\":\"login\",\"user\":\"a\\\"\uFFFD\",\"port\":5");
}

}  // namespace
}  // namespace trueque
