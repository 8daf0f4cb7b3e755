// JWTs of an issuer, from the grant to their end, through a real server.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "budget/v1/budget_service.pb.h"
#include "tests/rpc/security_fixture.h"

namespace budget::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kDash[] = "jwt:https://issuer#dash";
constexpr absl::Duration kTtl = absl::Minutes(5);
constexpr absl::Duration kLeeway = absl::Seconds(30);

class JwtCallTest : public SecurityTest {
 protected:
  void Grant(const std::string& role, const std::string& subtree,
             const std::string& principal = kDash) {
    server_.MustCall("AccessService/AddGrant",
                     Arguments(role, subtree, principal));
  }
  void RemoveGrant(const std::string& role, const std::string& subtree) {
    server_.MustCall("AccessService/RemoveGrant",
                     Arguments(role, subtree, kDash));
  }
  static std::string Arguments(const std::string& role,
                               const std::string& subtree,
                               const std::string& principal) {
    return absl::StrCat("grant { principal: '", principal, "' role: ROLE_",
                        role, " subtree: '", subtree, "' }");
  }

  const std::string token_ = server_.JwtOf("dash", kTtl);
};

TEST_F(JwtCallTest, MayDoWhatItsPrincipalIsGranted) {
  EXPECT_EQ(Reason(token_), "PERMISSION_DENIED");
  Grant("VIEWER", "acme/search");
  EXPECT_EQ(Query(token_, "acme/search/key").reason(), "OK");
  EXPECT_EQ(Query(token_, "acme/ads").reason(), "ALLOCATION_NOT_FOUND");
  EXPECT_EQ(Query(token_, "other").reason(), "ALLOCATION_NOT_FOUND");
  EXPECT_EQ(Hold(token_, server_.NewId(), "acme/search", 1).reason(),
            "PERMISSION_DENIED");
  RemoveGrant("VIEWER", "acme/search");
  EXPECT_EQ(Reason(token_), "PERMISSION_DENIED");
}

TEST_F(JwtCallTest, IsNobodyButItsSubject) {
  Grant("VIEWER", "acme");
  Grant("ADMIN", "acme", "dash");
  EXPECT_EQ(Reason(token_), "OK");
  EXPECT_EQ(Hold(token_, server_.NewId(), "acme", 1).reason(),
            "PERMISSION_DENIED");
  for (const char* other : {"dash2", "das", "Dash", "root"}) {
    EXPECT_EQ(Reason(server_.JwtOf(other, kTtl)), "PERMISSION_DENIED") << other;
  }
}

TEST_F(JwtCallTest, OwnsTheReservationsOfItsPrincipal) {
  Grant("GATEWAY", "acme");
  Grant("GATEWAY", "acme", "jwt:https://issuer#us");
  const std::string held = server_.NewId();
  ASSERT_EQ(Hold(token_, held, "acme/search/key", 5).reason(), "OK");
  const std::string named =
      absl::StrCat("reservation_id: '", held, "' root: 'acme'");
  const auto read = server_.Call(token_, "BudgetService/GetReservation", named)
                        .As<v1::GetReservationResponse>();
  EXPECT_EQ(read.reservation().owner(), kDash);
  EXPECT_EQ(server_
                .Call(server_.JwtOf("us", kTtl), "BudgetService/Release", named)
                .reason(),
            "RESERVATION_NOT_FOUND");
  // The next token of the same subject stands for the same principal.
  EXPECT_EQ(server_
                .Call(server_.JwtOf("dash", 2 * kTtl), "BudgetService/Release",
                      named)
                .reason(),
            "OK");
}

TEST_F(JwtCallTest, ThatIsNotGoodLetsNobodyIn) {
  Grant("VIEWER", "acme");
  const std::string stranger = JwtSigner::Ec().Sign(
      R"({"alg":"ES256"})",
      R"({"iss":"https://issuer","aud":"budget","sub":"dash",)"
      R"("exp":4000000000})");
  for (const std::string& token :
       {stranger, server_.JwtOf("dash", -kTtl), token_ + "A",
        token_.substr(0, token_.rfind('.') + 1), std::string("a.b.c")}) {
    const RawAnswer answer = Query(token, "acme");
    EXPECT_EQ(answer.reason(), "UNAUTHENTICATED") << token;
    EXPECT_THAT(answer.status.error_message(), Not(HasSubstr(token)));
  }
  EXPECT_EQ(Query(token_, "acme").reason(), "OK");
}

// What begins like a token made here is one, good or not.
TEST_F(JwtCallTest, TokensMadeHereGoOnBesideThem) {
  EXPECT_EQ(Reason(server_.root_token()), "OK");
  EXPECT_THAT(Query("bgt_" + token_, "acme").status.error_message(),
              HasSubstr("budgetctl token create"));
  EXPECT_THAT(Query("bgt" + token_, "acme").status.error_message(),
              Not(HasSubstr("budgetctl token create")));
}

TEST_F(JwtCallTest, IsRefusedOnceItHasExpired) {
  Grant("VIEWER", "acme");
  server_.clock().Advance(kTtl + kLeeway - absl::Seconds(1));
  EXPECT_EQ(Reason(token_), "OK");
  server_.clock().Advance(absl::Seconds(1));
  EXPECT_EQ(Reason(token_), "UNAUTHENTICATED");
}

TEST_F(JwtCallTest, EndsItsStreamsWhenItExpires) {
  Grant("VIEWER", "acme");
  const grpc::Status end =
      EndOf(token_, [&] { server_.clock().Advance(kTtl + kLeeway); });
  EXPECT_EQ(end.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(end.error_message(), HasSubstr("has expired"));
}

TEST_F(JwtCallTest, EndsItsStreamsWhenItsKeyIsWithdrawn) {
  Grant("VIEWER", "acme");
  const grpc::Status end = EndOf(token_, [&] { server_.ReplaceJwtKey(); });
  EXPECT_EQ(end.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Reason(token_), "UNAUTHENTICATED");
  EXPECT_EQ(Reason(server_.JwtOf("dash", kTtl)), "OK");
}

TEST_F(JwtCallTest, EndsItsStreamsWhenItsGrantIsRemoved) {
  Grant("VIEWER", "acme");
  const grpc::Status end =
      EndOf(token_, [&] { RemoveGrant("VIEWER", "acme"); });
  EXPECT_EQ(end.error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

// Header, claims and signature: none of them, whatever becomes of the call.
TEST_F(JwtCallTest, ShowsInNoAnswerAndNoReport) {
  const std::string expired = server_.JwtOf("late", -kTtl);
  std::string said;
  const auto call = [&](const std::string& token) {
    const RawAnswer answer = Query(token, "acme");
    absl::StrAppend(&said, answer.status.error_message(),
                    answer.status.error_details(), answer.bytes);
  };
  call(token_);
  Grant("VIEWER", "acme");
  call(token_);
  call(expired);
  for (const CallReport& report : server_.calls().all()) {
    absl::StrAppend(&said, report.request_id, report.principal,
                    report.trace_id, report.parent_id, report.end.reason);
  }
  EXPECT_THAT(said, HasSubstr(kDash));
  for (const std::string& token : {token_, expired}) {
    const std::vector<std::string> parts = absl::StrSplit(token, '.');
    for (const std::string& part : parts) {
      EXPECT_THAT(said, Not(HasSubstr(part)));
    }
  }
}

}  // namespace
}  // namespace budget::testing
