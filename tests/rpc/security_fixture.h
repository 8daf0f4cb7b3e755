#ifndef BUDGET_TESTS_RPC_SECURITY_FIXTURE_H_
#define BUDGET_TESTS_RPC_SECURITY_FIXTURE_H_

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "budget/v1/access_service.pb.h"
#include "budget/v1/budget_service.grpc.pb.h"
#include "tests/rpc/secured_server.h"

namespace budget::testing {

inline constexpr char kQuery[] = "BudgetService/QueryRemaining";

// Two organisations on a server that asks who calls.
class SecurityTest : public ::testing::Test {
 protected:
  SecurityTest() {
    Create("acme", 100);
    Create("acme/search", 60);
    Create("acme/search/key", 50);
    Create("acme/sea", 40);
    Create("acme/ads", 40);
    Create("other", 100);
  }

  void Create(const std::string& path, int64_t cap) {
    server_.MustCall(
        "BudgetAdmin/CreateAllocation",
        absl::StrCat("request_id: '", server_.NewId(), "' allocation { path: '",
                     path, "' limits { name: 'life' unit: UNIT_TOKENS cap: ",
                     cap, " warn_percent: 10 window { lifetime {} } } }"));
  }

  RawAnswer Hold(const std::string& token, const std::string& id,
                 const std::string& path, int64_t tokens) {
    return server_.Call(
        token, "BudgetService/Reserve",
        absl::StrCat("reservation_id: '", id, "' allocations: '", path,
                     "' amounts { tokens: ", tokens, " }"));
  }
  RawAnswer Query(const std::string& token, const std::string& path) {
    return server_.Call(token, kQuery,
                        absl::StrCat("allocation: '", path, "'"));
  }
  std::string Reason(const std::string& token) {
    return Query(token, "acme/search").reason();
  }

  // A token as an administrator makes it.
  v1::CreateTokenResponse Make(const std::string& arguments) {
    return server_.MustCall("AccessService/CreateToken", arguments)
        .As<v1::CreateTokenResponse>();
  }

  // What ends a stream on acme that is open when `change` happens.
  grpc::Status EndOf(const std::string& token,
                     const std::function<void()>& change) {
    const auto stub = v1::BudgetService::NewStub(server_.channel());
    grpc::ClientContext context;
    context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
    v1::WatchRemainingRequest request;
    request.set_allocation("acme");
    const auto reader = stub->WatchRemaining(&context, request);
    v1::WatchRemainingResponse message;
    EXPECT_TRUE(reader->Read(&message));
    change();
    while (reader->Read(&message)) {
    }
    return reader->Finish();
  }

  SecuredServer server_;
};

}  // namespace budget::testing

#endif  // BUDGET_TESTS_RPC_SECURITY_FIXTURE_H_
