#include "common/base/columns.h"

#include <gtest/gtest.h>

#include "common/base/text.h"

namespace trueque {
namespace {

TEST(Columns, AreThoseOfATerminal) {
  EXPECT_EQ(columns(""), 0U);
  EXPECT_EQ(columns("abc"), 3U);
  EXPECT_EQ(columns("\u00F1"), 1U);
  EXPECT_EQ(columns("n\u0303"), 1U) << "the tilde stands apart";
  EXPECT_EQ(columns("\u4F60\u597D"), 4U);
  EXPECT_EQ(columns("\uFFFD"), 1U);
  EXPECT_EQ(columns("a\xFF"), 2U);
}

TEST(Columns, AShortenedTextKeepsItsEnd) {
  EXPECT_EQ(shortened("report.pdf", 10), "report.pdf");
  EXPECT_EQ(shortened("report.pdf", 9), "\u2026port.pdf");
  EXPECT_EQ(shortened("report.pdf", 1), "\u2026");
  EXPECT_EQ(shortened("report.pdf", 0), "");
  EXPECT_EQ(shortened("annual report of 2026.pdf", 20), "annual re\u2026f 2026.pdf");
  EXPECT_EQ(shortened("\u4F60\u597D\u4F60\u597D", 6), "\u2026\u4F60\u597D");
  EXPECT_EQ(shortened("\u4F60\u597D\u4F60\u597D", 5), "\u2026\u4F60\u597D");
  EXPECT_EQ(shortened("an\u0303an\u0303an\u0303a", 4), "\u2026an\u0303a");
  EXPECT_EQ(shortened("an\u0303an\u0303an\u0303a", 3), "\u2026n\u0303a");
}

TEST(Columns, NoShortenedTextIsWiderThanItMayBeOrBroken) {
  std::string text;
  for (int i = 0; i < 20; ++i) text += "a\u4F60n\u0303\U0001F600";
  for (std::size_t limit = 0; limit <= columns(text); ++limit) {
    const std::string shown = shortened(text, limit);
    EXPECT_LE(columns(shown), limit);
    EXPECT_GE(columns(shown) + 3, limit);
    EXPECT_TRUE(is_valid_utf8(shown));
  }
}

}  // namespace
}  // namespace trueque
