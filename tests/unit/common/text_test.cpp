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
  EXPECT_EQ(search_fold("ÁRBOL.TXT"), search_fold("árbol.txt"));
  EXPECT_EQ(search_fold("Straße"), search_fold("STRASSE"));
  EXPECT_EQ(search_fold("\xFF"), "\xFF");
  EXPECT_EQ(search_fold("AZ[az{ 09_"), "az[az{ 09_");
}

TEST(Text, FoldsWhatPeopleTakeForTheSame) {
  const struct {
    const char* what;
    const char* text;
    const char* folded;
  } rows[] = {
      {"accents", "Résumé", "resume"},
      {"the same, put together otherwise", "Re\u0301sume\u0301", "resume"},
      {"Spanish", "¿Qué año, MAÑANA?", "¿que ano, manana?"},
      {"Vietnamese, two marks", "Tiếng Việt", "tieng viet"},
      {"a stroke through", "a\u0338b", "ab"},
      {"German", "Straße GRÖSSE \u1E9E", "strasse grosse ss"},
      {"Turkish, capital with a dot", "İstanbul", "istanbul"},
      {"Turkish, small without one", "ılık", "ılık"},
      {"Greek, either sigma", "ΣΊΣΥΦΟΣ Σίσυφος", "σισυφοσ σισυφοσ"},
      {"Greek, an iota below", "\u1FB3", "αι"},
      {"Russian", "Ёлка ЙОД", "елка иод"},
      {"ligatures", "\uFB01n e\uFB03 \uFB06", "fin effi st"},
      {"letters that are none with a mark", "Ærø Łódź Đ", "ærø łodz đ"},
      {"Hangul, a syllable", "한글", "한글"},
      {"Hangul, its parts", "\u1112\u1161\u11AB", "한"},
      {"kana, voiced", "が か\u3099 か", "が が か"},
      {"Hindi, a vowel sign", "\u0915\u093F", "\u0915\u093F"},
      {"Hindi, a virama", "\u0915\u094D\u0937", "\u0915\u094D\u0937"},
      {"Armenian", "և", "եւ"},
      {"Cherokee", "\uAB70", "\u13A0"},
      {"fullwidth stays apart", "Ａ", "ａ"},
      {"an accent alone", "\u0301", ""},
  };
  for (const auto& row : rows) EXPECT_EQ(search_fold(row.text), row.folded) << row.what;
}

TEST(Text, WhatIsFoldedStaysTheSameWhenFoldedAgain) {
  for (char32_t c = 1; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text;
    if (c < 0x80) {
      text = {static_cast<char>(c)};
    } else if (c < 0x800) {
      text = {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 63))};
    } else if (c < 0x10000) {
      text = {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 63)),
              static_cast<char>(0x80 | (c & 63))};
    } else {
      text = {static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 63)),
              static_cast<char>(0x80 | (c >> 6 & 63)), static_cast<char>(0x80 | (c & 63))};
    }
    const std::string folded = search_fold("a" + text);
    ASSERT_EQ(search_fold(folded), folded) << std::hex << static_cast<std::uint32_t>(c);
  }
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
