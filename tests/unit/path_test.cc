#include "server/domain/path.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace budget {
namespace {

TEST(PathTest, AcceptsNamesOfOneTo63Characters) {
  for (const char* name : {"a", "0", "key-17", "a.b_c-d", "0192f"}) {
    EXPECT_TRUE(IsName(name)) << name;
  }
  EXPECT_TRUE(IsName(std::string(63, 'a')));
  EXPECT_FALSE(IsName(std::string(64, 'a')));
}

TEST(PathTest, RefusesOtherNames) {
  for (const char* name : {"", "A", "-a", ".a", "_a", "a b", "a/b", "ä", "a\n",
                           "a\x7f", "..", "."}) {
    EXPECT_FALSE(IsName(name)) << name;
  }
  EXPECT_FALSE(IsName(absl::string_view("a\0b", 3)));
}

TEST(PathTest, AcceptsOneToEightSegments) {
  EXPECT_TRUE(CheckPath("acme").ok());
  EXPECT_TRUE(CheckPath("1/2/3/4/5/6/7/8").ok());
  EXPECT_EQ(CheckPath("1/2/3/4/5/6/7/8/9").code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(PathTest, SaysWhichSegmentIsWrong) {
  for (const char* path : {"", "/", "acme/", "/acme", "acme//a", "acme/A"}) {
    EXPECT_EQ(CheckPath(path).code(), absl::StatusCode::kInvalidArgument)
        << path;
  }
  EXPECT_NE(CheckPath("acme/search/Key").message().find("segment 3"),
            absl::string_view::npos);
}

TEST(PathTest, TakesPathsApart) {
  EXPECT_EQ(RootOf("acme/search/key-17"), "acme");
  EXPECT_EQ(RootOf("acme"), "acme");
  EXPECT_EQ(ParentOf("acme/search/key-17"), "acme/search");
  EXPECT_EQ(ParentOf("acme"), "");
  EXPECT_EQ(ChainOf("acme/search/key"),
            (std::vector<absl::string_view>{"acme", "acme/search",
                                            "acme/search/key"}));
  EXPECT_EQ(ChainOf("acme"), (std::vector<absl::string_view>{"acme"}));
}

TEST(PathTest, KnowsWhatIsBelowWhat) {
  EXPECT_TRUE(IsAtOrUnder("acme", "acme"));
  EXPECT_TRUE(IsAtOrUnder("acme/a/b", "acme"));
  EXPECT_TRUE(IsAtOrUnder("acme/a/b", "acme/a"));
  EXPECT_FALSE(IsAtOrUnder("acme/ab", "acme/a"));
  EXPECT_FALSE(IsAtOrUnder("acme", "acme/a"));
  EXPECT_FALSE(IsAtOrUnder("acme2", "acme"));
}

}  // namespace
}  // namespace budget
