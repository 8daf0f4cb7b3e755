#include "server/access/directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/access/authenticator.h"
#include "server/store/memory/memory_access_store.h"
#include "tests/support/virtual_clock.h"

namespace budget {
namespace {

using ::testing::HasSubstr;

// An access store that may be away, and counts what it is asked.
class StoreAtTimes final : public AccessStore {
 public:
  explicit StoreAtTimes(AccessStore& base) : base_(base) {}

  absl::StatusOr<AccessHead> ReadHead() override {
    if (away) return absl::UnavailableError("away");
    return base_.ReadHead();
  }
  absl::StatusOr<AccessRecords> ReadAll() override {
    ++reads;
    if (away) return absl::UnavailableError("away");
    return base_.ReadAll();
  }
  absl::Status Apply(absl::Span<const AccessChange> changes,
                     absl::string_view actor) override {
    return base_.Apply(changes, actor);
  }
  absl::StatusOr<std::vector<AccessLogEntry>> ListLog(int64_t sequence,
                                                      int max) override {
    return base_.ListLog(sequence, max);
  }

  bool away = false;
  int reads = 0;

 private:
  AccessStore& base_;
};

class DirectoryTest : public ::testing::Test {
 protected:
  DirectoryTest()
      : memory_([this] { return clock_.Now() + ahead_; }),
        store_(memory_),
        directory_(store_, clock_) {}

  MintedToken Add(std::optional<absl::Duration> ttl = std::nullopt) {
    const MintedToken minted = MintToken();
    EXPECT_TRUE(memory_
                    .Apply({AddToken{.minted = minted,
                                     .principal = "dash",
                                     .subtree = "*",
                                     .ttl = ttl},
                            AddGrant{{"dash", Role::kViewer, "acme"}}},
                           "test")
                    .ok());
    return minted;
  }

  absl::StatusCode CodeOf(const MintedToken& token) {
    return directory_.FindByToken(token.text).status().code();
  }

  testing::VirtualClock clock_;
  absl::Duration ahead_;  // the database clock's lead
  MemoryAccessStore memory_;
  StoreAtTimes store_;
  Directory directory_;
};

constexpr auto kOk = absl::StatusCode::kOk;
constexpr auto kNo = absl::StatusCode::kUnauthenticated;

TEST_F(DirectoryTest, SeesAChangeAtTheNextRefresh) {
  const MintedToken token = Add();
  EXPECT_EQ(CodeOf(token), kNo);
  ASSERT_TRUE(directory_.Refresh().ok());
  EXPECT_EQ(CodeOf(token), kOk);
  ASSERT_TRUE(memory_.Apply({RevokeToken{token.id}}, "test").ok());
  EXPECT_EQ(CodeOf(token), kOk);
  ASSERT_TRUE(directory_.Refresh().ok());
  EXPECT_EQ(CodeOf(token), kNo);
}

TEST_F(DirectoryTest, ReadsAllOnlyWhereSomethingHasChanged) {
  Add();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(directory_.Refresh().ok());
  EXPECT_EQ(store_.reads, 1);
  Add();
  ASSERT_TRUE(directory_.Refresh().ok());
  EXPECT_EQ(store_.reads, 2);
}

TEST_F(DirectoryTest, StaysAsItIsWhileTheDatabaseIsAway) {
  const MintedToken token = Add(absl::Minutes(1));
  ASSERT_TRUE(directory_.Refresh().ok());
  store_.away = true;
  EXPECT_FALSE(directory_.Refresh().ok());
  EXPECT_EQ(CodeOf(token), kOk);
  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(CodeOf(token), kNo);
}

TEST_F(DirectoryTest, TokensExpireByTheClockOfTheDatabase) {
  ahead_ = absl::Hours(1);
  const MintedToken token = Add(absl::Minutes(1));
  ASSERT_TRUE(directory_.Refresh().ok());
  EXPECT_EQ(CodeOf(token), kOk);
  clock_.Advance(absl::Seconds(59));
  EXPECT_EQ(CodeOf(token), kOk);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(CodeOf(token), kNo);
}

TEST_F(DirectoryTest, OnlyWhoHasTheSecretLearnsWhatIsWrong) {
  const MintedToken token = Add();
  ASSERT_TRUE(memory_.Apply({RevokeToken{token.id}}, "test").ok());
  ASSERT_TRUE(directory_.Refresh().ok());
  const absl::Status revoked = directory_.FindByToken(token.text).status();
  EXPECT_THAT(std::string(revoked.message()), HasSubstr("revoked"));
  std::string wrong = token.text;
  wrong.back() = wrong.back() == 'A' ? 'B' : 'A';
  EXPECT_EQ(directory_.FindByToken(wrong).status(),
            directory_.FindByToken("nonsense").status());
}

TEST_F(DirectoryTest, KnowsPrincipalsWithoutTokens) {
  Add();
  ASSERT_TRUE(directory_.Refresh().ok());
  EXPECT_TRUE(directory_.FindByPrincipal("dash")->Covers({Role::kViewer},
                                                         "acme"));
  const auto stranger = directory_.FindByPrincipal("spiffe://x/y");
  EXPECT_EQ(stranger->principal(), "spiffe://x/y");
  EXPECT_FALSE(stranger->HasAny({Role::kGateway, Role::kViewer, Role::kAdmin,
                                 Role::kAuditor}));
}

TEST_F(DirectoryTest, LooksUpAnewWhomItKnows) {
  const MintedToken token = Add();
  ASSERT_TRUE(directory_.Refresh().ok());
  const auto bearer = directory_.FindByToken(token.text);
  ASSERT_TRUE(bearer.ok());
  ASSERT_TRUE(
      memory_.Apply({RemoveGrant{{"dash", Role::kViewer, "acme"}}}, "t").ok());
  ASSERT_TRUE(directory_.Refresh().ok());
  const auto again = directory_.FindAgain(*bearer);
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->identity->HasAny({Role::kViewer}));
  ASSERT_TRUE(memory_.Apply({RevokeToken{token.id}}, "t").ok());
  ASSERT_TRUE(directory_.Refresh().ok());
  EXPECT_EQ(directory_.FindAgain(*bearer).status().code(), kNo);

  const Recognised peer{.identity = directory_.FindByPrincipal("dash")};
  EXPECT_EQ(directory_.FindAgain(peer)->identity->principal(), "dash");
}

TEST_F(DirectoryTest, ABadTokenIsNotMadeUpForByACertificate) {
  const Authenticator authenticator(directory_);
  const auto code = [&](const Credentials& credentials) {
    return authenticator.Authenticate(credentials).status().code();
  };
  EXPECT_EQ(code({.peer = {.dns = {"a"}}}), kOk);
  EXPECT_EQ(code({.authorizations = 1,
                  .authorization = "Bearer x",
                  .peer = {.dns = {"a"}}}),
            kNo);
  EXPECT_EQ(code({.authorizations = 2,
                  .authorization = "Bearer x",
                  .peer = {.dns = {"a"}}}),
            kNo);
  EXPECT_EQ(code({}), kNo);
}

}  // namespace
}  // namespace budget
