#include "tests/model/paths.h"

#include <gtest/gtest.h>

namespace budget::model {
namespace {

using Line = std::vector<absl::string_view>;

TEST(ModelPathsTest, AboveARootIsNothing) {
  EXPECT_EQ(Above("acme/search/key-17"), "acme/search");
  EXPECT_EQ(Above("acme/search"), "acme");
  EXPECT_EQ(Above("acme"), "");
}

TEST(ModelPathsTest, ALineBeginsWithTheRootAndEndsWithThePath) {
  EXPECT_EQ(LineDownTo("acme/search/key"),
            (Line{"acme", "acme/search", "acme/search/key"}));
  EXPECT_EQ(LineDownTo("acme"), Line{"acme"});
}

TEST(ModelPathsTest, APathIsWithinItselfAndWhatIsAboveIt) {
  EXPECT_TRUE(IsWithin("acme", "acme"));
  EXPECT_TRUE(IsWithin("acme/a/b", "acme/a"));
  EXPECT_TRUE(IsWithin("acme/a/b", "acme"));
}

TEST(ModelPathsTest, APathIsNotWithinWhatOnlyBeginsAlikeOrIsBelowIt) {
  EXPECT_FALSE(IsWithin("acme/ab", "acme/a"));
  EXPECT_FALSE(IsWithin("acme2", "acme"));
  EXPECT_FALSE(IsWithin("acme", "acme/a"));
  EXPECT_FALSE(IsWithin("acme/b/a", "acme/a"));
}

}  // namespace
}  // namespace budget::model
