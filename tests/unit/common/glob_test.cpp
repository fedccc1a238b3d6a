// Patterns of names: what they match, what is none, and what a hostile one costs.
#include "common/base/glob.h"

#include <gtest/gtest.h>

namespace trueque {
namespace {

bool matches(std::string_view pattern, std::string_view name) {
  const Result<Glob> glob = Glob::parse(pattern);
  EXPECT_TRUE(glob.ok()) << pattern;
  std::uint64_t steps = 0;
  return glob.ok() && glob->matches_name(name, steps);
}

TEST(Glob, MatchesAsAShellDoes) {
  struct Row {
    const char* pattern;
    std::vector<const char*> matching;
    std::vector<const char*> others;
  };
  const Row rows[] = {
      {"a.txt", {"a.txt", "p/a.txt", "p/q/a.txt"}, {"A.txt", "a.txt/b", "ba.txt"}},
      {"*.pdf", {".pdf", "a.pdf", "p/a.b.pdf"}, {"a.pdf.gz", "a.PDF", "p.pdf/a"}},
      {"*", {"a", "p/q/a", ".x"}, {}},
      {"**", {"a", "p/q/a"}, {}},
      {"a*b", {"ab", "a.b", "p/axxb"}, {"a/b", "abc"}},
      {"a**b", {"ab", "axb"}, {"a/b"}},
      {"?", {"a", "p/ñ", "你"}, {"ab", "ab/cd"}},
      {"a?c", {"abc", "aéc"}, {"ac", "abbc", "x/a/c"}},
      {"[a-c]x", {"ax", "cx", "p/bx"}, {"dx", "Ax", "x"}},
      {"[!a-c]x", {"dx", "ñx"}, {"ax", "x", "q/x"}},
      {"[^a]", {"b"}, {"a"}},
      {"[á-ú]", {"é"}, {"e"}},
      {"[]a]", {"]", "a"}, {"b", "[]a]"}},
      {"[!]a]", {"b"}, {"]", "a"}},
      {"[a-]", {"a", "-"}, {"b"}},
      {"[[]*[*]", {"[*", "[x*"}, {"[x", "x*"}},
      {"p/*.txt", {"p/a.txt"}, {"a.txt", "p/q/a.txt", "x/p/a.txt"}},
      {"p/*/a", {"p/q/a"}, {"p/a", "p/q/r/a"}},
      {"p/?/a", {"p/q/a"}, {"p/a", "p/qq/a"}},
      {"p/[+-9]a", {"p/5a"}, {"p//a", "p/q/a"}},
      {"p/**", {"p/a", "p/q/a"}, {"p", "pp/a", "x/p/a"}},
      {"**/a", {"a", "p/a", "p/q/a"}, {"ba", "p/ba", "a/b"}},
      {"p/**/a", {"p/a", "p/q/a", "p/q/r/a"}, {"a", "p/qa", "x/p/a"}},
      {"**/**/a", {"a", "p/a"}, {"b"}},
      {"p/**/**", {"p/a", "p/q/a"}, {"p"}},
      {"**/q/**/*.c", {"q/a.c", "p/q/a.c", "q/r/s/a.c", "q/q/a.c"}, {"a.c", "p/r/a.c", "q/a.h"}},
      {"p/x**/a", {"p/x/a", "p/xy/a"}, {"p/x/y/a"}},
      {"**/a*/*b", {"ax/b", "p/a/b", "p/a/c/a/yb"}, {"a/c/b"}},
  };
  for (const Row& row : rows) {
    for (const char* name : row.matching)
      EXPECT_TRUE(matches(row.pattern, name)) << row.pattern << " " << name;
    for (const char* name : row.others)
      EXPECT_FALSE(matches(row.pattern, name)) << row.pattern << " " << name;
  }
}

TEST(Glob, SaysWhatIsWrong) {
  const std::pair<std::string, const char*> rows[] = {
      {"", "is empty"},
      {std::string(1025, 'a'), "1,024"},
      {"a\xff", "UTF-8"},
      {"a\nb", "control"},
      {"a\u202Eb", "control"},
      {"a\\*", "backslash"},
      {"/a", "empty component"},
      {"a/", "empty component"},
      {"a//b", "empty component"},
      {"[", "without its ']'"},
      {"x[a", "without its ']'"},
      {"[]", "without its ']'"},
      {"[!]", "without its ']'"},
      {"[z-a]", "backwards"},
      {"[a/b]", "'/'"},
      {"[[:alpha:]]", "class"},
  };
  for (const auto& [pattern, why] : rows) {
    const Result<Glob> glob = Glob::parse(pattern);
    ASSERT_FALSE(glob.ok()) << pattern;
    EXPECT_EQ(glob.error().code, Code::kInvalidArgument);
    EXPECT_NE(glob.error().message.find(why), std::string::npos) << glob.error().message;
  }
  EXPECT_TRUE(Glob::parse(std::string(1024, '?')).ok());
}

TEST(Glob, TellsWhatEveryMatchHolds) {
  const Result<Glob> glob = Glob::parse("ph/ñ*mid[ab]/**/x?.jpg");
  ASSERT_TRUE(glob.ok());
  ASSERT_EQ(glob->literals().size(), 5U);
  EXPECT_EQ(glob->literals()[0].text, "ph/ñ");
  EXPECT_EQ(glob->literals()[1].text, "mid");
  EXPECT_EQ(glob->literals()[2].text, "/");
  EXPECT_EQ(glob->literals()[3].text, "x");
  EXPECT_FALSE(glob->literals()[3].at_end);
  EXPECT_EQ(glob->literals()[4].text, ".jpg");
  EXPECT_TRUE(glob->literals()[4].at_end);
  EXPECT_EQ(glob->prefix(), "ph/ñ");
  EXPECT_EQ(Glob::parse("abc*")->prefix(), "") << "it is about the last component";
  EXPECT_EQ(Glob::parse("*/abc")->prefix(), "");
}

// Steps, not seconds: the same on every machine.
TEST(Glob, AHostilePatternCostsNoMoreThanItsLengthTimesTheNames) {
  std::string stars;
  for (int i = 0; i < 200; ++i) stars += "*a";
  std::string folders;
  for (int i = 0; i < 100; ++i) folders += "**/*a*/";
  std::string path = "a";
  for (int i = 0; i < 250; ++i) path += "/a";
  struct Row {
    std::string pattern, name;
  };
  for (const Row& row :
       {Row{stars + "*b*", std::string(255, 'a')}, Row{folders + "*b?", path},
        Row{std::string(1024, '*'), std::string(255, 'a')}, Row{folders + "*b*", path}}) {
    std::uint64_t steps = 0;
    const Result<Glob> glob = Glob::parse(row.pattern);
    ASSERT_TRUE(glob.ok());
    glob->matches_name(row.name, steps);
    EXPECT_LE(steps, (row.pattern.size() + 1) * row.name.size() + 1) << row.pattern;
  }
}

}  // namespace
}  // namespace trueque
