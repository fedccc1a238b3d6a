#include "common/base/file_name.h"

#include <gtest/gtest.h>

namespace trueque {
namespace {

TEST(FileName, TakesPathsWithinTheSharedFolder) {
  for (const std::string& name :
       {std::string("a"), std::string("photos/2024/a.jpg"), std::string("ñandú 你好.txt"),
        std::string(255, 'x'), std::string("..."), std::string(".hidden"), std::string("a b/c")}) {
    EXPECT_TRUE(validate_file_name(name).ok()) << name;
  }
}

TEST(FileName, RefusesEverythingElse) {
  std::string long_name = "a";
  while (long_name.size() <= kMaxFileNameBytes) long_name += "/bbbb";
  for (const std::string& name :
       {std::string(), std::string("/etc/passwd"), std::string("a/../b"), std::string(".."),
        std::string("."), std::string("a//b"), std::string("a/"), std::string("a\\b"),
        std::string("a\nb"), std::string("a\0b", 3), std::string("a\x7F"), std::string("a\xC2\x85"),
        std::string("a\xE2\x80\xAE"), std::string("a\xE2\x81\xA6"), std::string("a\xFF"),
        std::string("\xC0\xAF"), std::string("\xED\xA0\x80"), std::string(256, 'x'), long_name}) {
    EXPECT_FALSE(validate_file_name(name).ok()) << name;
  }
}

TEST(FileName, KnowsItsLastComponentAndWhatIsHidden) {
  EXPECT_EQ(last_component("a/b/c.txt"), "c.txt");
  EXPECT_EQ(last_component("c.txt"), "c.txt");
  EXPECT_TRUE(is_hidden(".a"));
  EXPECT_TRUE(is_hidden("a/.b/c"));
  EXPECT_FALSE(is_hidden("a.b/c.d"));
}

}  // namespace
}  // namespace trueque
