#include "server/access/identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/access/rights.h"

namespace budget {
namespace {

using ::testing::UnorderedElementsAre;

const std::vector<Grant> kGrants = {
    {"p", Role::kGateway, "acme/search"},
    {"p", Role::kViewer, "acme"},
    {"p", Role::kAdmin, "other/team"},
};

TEST(IdentityTest, HasEachRoleInItsSubtreeOnly) {
  const Identity p("p", kGrants);
  EXPECT_TRUE(p.Covers({Role::kGateway}, "acme/search/key"));
  EXPECT_FALSE(p.Covers({Role::kGateway}, "acme/ads"));
  EXPECT_TRUE(p.Covers({Role::kViewer}, "acme/ads"));
  EXPECT_FALSE(p.Covers({Role::kAdmin}, "acme"));
  EXPECT_TRUE(p.Covers({Role::kAdmin, Role::kViewer}, "acme"));
  EXPECT_FALSE(p.Covers({Role::kAuditor}, "acme"));
  EXPECT_FALSE(p.Covers(kAnyRole, "*"));
  EXPECT_TRUE(p.HasAny({Role::kAdmin}));
  EXPECT_FALSE(p.HasAny({Role::kAuditor}));
}

TEST(IdentityTest, SharesTheRootsOfItsSubtrees) {
  const Identity p("p", kGrants);
  EXPECT_TRUE(p.SharesRoot({Role::kAdmin}, "other"));
  EXPECT_FALSE(p.SharesRoot({Role::kAdmin}, "acme"));
  EXPECT_FALSE(p.SharesRoot(kAnyRole, "oth"));
  const Identity root("r", {{"r", Role::kAdmin, "*"}});
  EXPECT_TRUE(root.SharesRoot({Role::kAdmin}, "anything"));
  EXPECT_TRUE(root.Covers({Role::kAdmin}, "*"));
}

TEST(IdentityTest, ATokenCutsEveryGrantToItsSubtree) {
  TokenRecord token{.id = "1", .principal = "p", .subtree = "acme/search"};
  const Identity bearer(token, kGrants);
  EXPECT_EQ(bearer.principal(), "p");
  EXPECT_EQ(bearer.token_id(), "1");
  EXPECT_TRUE(bearer.Covers({Role::kGateway}, "acme/search/key"));
  EXPECT_TRUE(bearer.Covers({Role::kViewer}, "acme/search"));
  EXPECT_FALSE(bearer.Covers({Role::kViewer}, "acme"));
  EXPECT_FALSE(bearer.HasAny({Role::kAdmin}));
}

TEST(IdentityTest, SaysWhichReservationsItMayTouch) {
  const Identity p("p", kGrants);
  EXPECT_EQ(p.writer()->principal, "p");
  EXPECT_THAT(p.writer()->own_in, UnorderedElementsAre("acme/search"));
  EXPECT_THAT(p.writer()->all_in, UnorderedElementsAre("other/team"));
  EXPECT_THAT(p.reader()->all_in,
              UnorderedElementsAre("acme", "other/team"));
}

TEST(GrantTest, NamesArePrintableAndOfTokensWithoutColon) {
  EXPECT_TRUE(CheckPrincipal("spiffe://example.org/gateway").ok());
  EXPECT_TRUE(CheckPrincipal(std::string(600, 'a')).ok());
  for (const std::string& bad :
       {std::string(), std::string(601, 'a'), std::string("a b"),
        std::string("a\n"), std::string("\xc3\xa4"), std::string("a\0b", 3)}) {
    EXPECT_FALSE(CheckPrincipal(bad).ok()) << bad;
    EXPECT_FALSE(CheckTokenPrincipal(bad).ok()) << bad;
  }
  EXPECT_FALSE(CheckTokenPrincipal("dns:gateway").ok());
  EXPECT_TRUE(CheckTokenPrincipal("gateway-eu").ok());
}

TEST(GrantTest, SubtreesArePathsOrEverything) {
  EXPECT_TRUE(CheckSubtree("*").ok());
  EXPECT_TRUE(CheckSubtree("acme/search").ok());
  for (const char* bad : {"", "**", "acme/*", "/acme", "acme/", "ACME"}) {
    EXPECT_FALSE(CheckSubtree(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace budget
