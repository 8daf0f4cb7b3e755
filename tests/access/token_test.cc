#include "server/access/token.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace budget {
namespace {

TEST(TokenTest, IsReadBackAndMatchesItsHash) {
  const MintedToken minted = MintToken();
  const auto read = ParseToken(minted.text);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->id, minted.id);
  EXPECT_TRUE(SecretMatches(read->secret, minted.secret_hash));
  EXPECT_FALSE(absl::StrContains(minted.text, minted.secret_hash));
}

TEST(TokenTest, NoTwoAreAlike) {
  std::set<std::string> ids;
  std::set<std::string> hashes;
  for (int i = 0; i < 200; ++i) {
    const MintedToken minted = MintToken();
    ids.insert(minted.id);
    hashes.insert(minted.secret_hash);
  }
  EXPECT_EQ(ids.size(), 200u);
  EXPECT_EQ(hashes.size(), 200u);
}

TEST(TokenTest, AnyOtherSecretDoesNotMatch) {
  const MintedToken minted = MintToken();
  const std::string secret(ParseToken(minted.text)->secret);
  for (size_t i = 0; i < secret.size(); ++i) {
    std::string other = secret;
    other[i] = other[i] == 'x' ? 'y' : 'x';
    EXPECT_FALSE(SecretMatches(other, minted.secret_hash)) << i;
  }
  EXPECT_FALSE(SecretMatches("", minted.secret_hash));
  EXPECT_FALSE(SecretMatches(secret, ""));
  EXPECT_FALSE(SecretMatches(secret, minted.secret_hash.substr(1)));
}

TEST(TokenTest, OnlyTheWholeFormIsRead) {
  const std::string text = MintToken().text;
  EXPECT_TRUE(ParseToken(text).has_value());
  for (size_t i = 0; i < text.size(); ++i) {
    EXPECT_FALSE(ParseToken(text.substr(0, i)).has_value()) << i;
  }
  EXPECT_FALSE(ParseToken(absl::StrCat(text, "A")).has_value());
  EXPECT_FALSE(ParseToken(absl::StrCat(" ", text)).has_value());
  for (const char bad : {' ', '=', '/', '\0', '\xff', '\n'}) {
    std::string broken = text;
    broken[30] = bad;
    EXPECT_FALSE(ParseToken(broken).has_value());
  }
  std::string upper = text;
  upper[4] = 'A';
  EXPECT_FALSE(ParseToken(upper).has_value());
}

}  // namespace
}  // namespace budget
