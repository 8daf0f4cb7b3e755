// One contract for the access stores: that on PostgreSQL, and its twin.

#include "server/access/access_store.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/store/memory/memory_access_store.h"
#include "server/store/postgres/postgres_access_store.h"
#include "tests/support/postgres_fixture.h"

namespace budget::testing {
namespace {

struct Kind {
  const char* name;
  std::function<std::unique_ptr<AccessStore>()> make;
};

std::unique_ptr<AccessStore> OnPostgres(const std::string& uri) {
  return OpenPostgresAccessStore({.uri = uri, .log = [](absl::string_view) {}});
}

class AccessStoreTest : public ::testing::TestWithParam<Kind> {
 protected:
  AccessStoreTest() : store_(GetParam().make()) {}

  AccessRecords All() {
    const auto records = store_->ReadAll();
    EXPECT_TRUE(records.ok()) << records.status();
    return *records;
  }
  void Apply(std::vector<AccessChange> changes) {
    const absl::Status status = store_->Apply(changes, "ops");
    EXPECT_TRUE(status.ok()) << status;
  }
  std::vector<AccessLogEntry> Log(int64_t after = 0, int max = 100) {
    const auto log = store_->ListLog(after, max);
    EXPECT_TRUE(log.ok()) << log.status();
    return *log;
  }

  std::unique_ptr<AccessStore> store_;
};

TEST_P(AccessStoreTest, KeepsTokensWithoutTheirText) {
  const MintedToken lasting = MintToken();
  const MintedToken passing = MintToken();
  Apply({AddToken{lasting, "dash", "acme", std::nullopt},
         AddToken{passing, "gw", "*", absl::Hours(2)}});
  const AccessRecords records = All();
  ASSERT_EQ(records.tokens.size(), 2u);
  for (const TokenRecord& token : records.tokens) {
    const bool first = token.id == lasting.id;
    EXPECT_EQ(token.id, first ? lasting.id : passing.id);
    EXPECT_EQ(token.principal, first ? "dash" : "gw");
    EXPECT_EQ(token.subtree, first ? "acme" : "*");
    EXPECT_EQ(token.secret_hash,
              first ? lasting.secret_hash : passing.secret_hash);
    EXPECT_EQ(token.created_by, "ops");
    EXPECT_EQ(token.expires_at.has_value(), !first);
    if (token.expires_at) {
      EXPECT_EQ(*token.expires_at - token.created_at, absl::Hours(2));
    }
    EXPECT_FALSE(token.revoked_at.has_value());
  }
  EXPECT_LT(records.tokens[0].id, records.tokens[1].id);
}

TEST_P(AccessStoreTest, MakesEachChangeOnce) {
  const AddToken token{MintToken(), "dash", "acme", std::nullopt};
  const Grant grant{"dash", Role::kViewer, "acme"};
  for (int i = 0; i < 2; ++i) Apply({AddGrant{grant}, token});
  EXPECT_EQ(All().grants, std::vector<Grant>{grant});
  EXPECT_EQ(All().tokens.size(), 1u);
  EXPECT_EQ(All().head.version, 2);
  for (int i = 0; i < 2; ++i) {
    Apply({RemoveGrant{grant}, RevokeToken{token.minted.id},
           RevokeToken{"none"}});
  }
  EXPECT_TRUE(All().grants.empty());
  ASSERT_TRUE(All().tokens[0].revoked_at.has_value());
  const std::vector<AccessLogEntry> log = Log();
  ASSERT_EQ(log.size(), 4u);
  const AccessChangeKind kinds[] = {
      AccessChangeKind::kAddGrant, AccessChangeKind::kCreateToken,
      AccessChangeKind::kRemoveGrant, AccessChangeKind::kRevokeToken};
  for (size_t i = 0; i < log.size(); ++i) {
    EXPECT_EQ(log[i].sequence, static_cast<int64_t>(i) + 1);
    EXPECT_EQ(log[i].kind, kinds[i]);
    EXPECT_EQ(log[i].actor, "ops");
    EXPECT_EQ(log[i].principal, "dash");
    EXPECT_EQ(log[i].subtree, "acme");
    EXPECT_NE(log[i].from, log[i].to);
  }
}

TEST_P(AccessStoreTest, SortsGrantsAndCutsTheLog) {
  Apply({AddGrant{{"b", Role::kAdmin, "x"}}, AddGrant{{"a", Role::kAdmin, "x"}},
         AddGrant{{"a", Role::kGateway, "y"}}});
  EXPECT_EQ(All().grants,
            (std::vector<Grant>{{"a", Role::kGateway, "y"},
                                {"a", Role::kAdmin, "x"},
                                {"b", Role::kAdmin, "x"}}));
  const std::vector<AccessLogEntry> page = Log(1, 1);
  ASSERT_EQ(page.size(), 1u);
  EXPECT_EQ(page[0].sequence, 2);
}

TEST_P(AccessStoreTest, TellsByItsHeadThatSomethingChanged) {
  EXPECT_EQ(store_->ReadHead()->version, 0);
  Apply({AddGrant{{"a", Role::kAdmin, "x"}}});
  EXPECT_EQ(store_->ReadHead()->version, 1);
  Apply({AddGrant{{"a", Role::kAdmin, "x"}}});
  EXPECT_EQ(store_->ReadHead()->version, 1);
}

// Odd characters come back as they were: nothing is pasted into statements.
TEST_P(AccessStoreTest, KeepsEveryCharacter) {
  const Grant grant{"o'hara\\\"$1;--%", Role::kAuditor, "acme"};
  Apply({AddGrant{grant}});
  EXPECT_EQ(All().grants, std::vector<Grant>{grant});
}

TEST_P(AccessStoreTest, NumbersChangesOfRivalsWithoutHoles) {
  std::vector<std::thread> rivals;
  for (int i = 0; i < 4; ++i) {
    rivals.emplace_back([this, i] {
      for (int j = 0; j < 5; ++j) {
        Apply({AddGrant{{absl::StrCat("p", i), Role::kViewer,
                         absl::StrCat("s", j)}}});
      }
    });
  }
  for (std::thread& rival : rivals) rival.join();
  const std::vector<AccessLogEntry> log = Log();
  ASSERT_EQ(log.size(), 20u);
  for (size_t i = 0; i < log.size(); ++i) {
    EXPECT_EQ(log[i].sequence, static_cast<int64_t>(i) + 1);
    EXPECT_GE(log[i].at, log[i == 0 ? 0 : i - 1].at);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, AccessStoreTest,
    ::testing::Values(
        Kind{"Memory",
             [] { return std::make_unique<MemoryAccessStore>(absl::Now); }},
        Kind{"Postgres", [] { return OnPostgres(FreshDatabase()); }}),
    [](const auto& info) { return info.param.name; });

TEST(PostgresAccessStoreTest, OutlivesItsConnections) {
  const std::string uri = FreshDatabase();
  const auto store = OnPostgres(uri);
  ASSERT_TRUE(store->Apply({AddGrant{{"a", Role::kAdmin, "x"}}}, "ops").ok());
  KillConnections(uri);
  ASSERT_TRUE(store->Apply({AddGrant{{"b", Role::kAdmin, "x"}}}, "ops").ok());
  EXPECT_EQ(store->ReadAll()->grants.size(), 2u);
}

}  // namespace
}  // namespace budget::testing
