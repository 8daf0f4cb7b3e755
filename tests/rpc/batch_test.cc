#include "absl/strings/str_cat.h"
#include "tests/rpc/rpc_fixture.h"

namespace budget::testing {
namespace {

std::string IdOf(int n) {
  return absl::StrCat("0190a5f4-7c00-4000-8000-", 100000000000 + n);
}

class BatchTest : public RpcTest {
 protected:
  void SetUp() override {
    Create(
        "path: 'acme' limits { name: 'cap' unit: UNIT_TOKENS cap: 100 "
        "window { lifetime {} } }");
  }

  grpc::Status Batch(const std::string& text, v1::BatchResponse& response) {
    return Call(*budget_, &v1::BudgetService::Stub::Batch,
                FromText<v1::BatchRequest>(text), &response);
  }

  static std::string ReserveText(int n, int tokens) {
    return absl::StrCat("operations { reserve { reservation_id: '", IdOf(n),
                        "' allocations: 'acme' amounts { tokens: ", tokens,
                        " } } } ");
  }
};

TEST_F(BatchTest, RunsInOrderEachWithItsResult) {
  v1::BatchResponse response;
  const grpc::Status status = Batch(
      absl::StrCat(
          ReserveText(1, 60), ReserveText(2, 50),
          "operations { settle { root: 'acme' reservation_id: '", IdOf(1),
          "' actual { tokens: 10 } } } ", ReserveText(3, 50),
          "operations { release { root: 'acme' reservation_id: '", IdOf(3),
          "' } } operations { record_usage { usage_id: '", IdOf(4),
          "' allocations: 'acme' actual { tokens: 5 } } } ", ReserveText(5, 85),
          "operations { adjust_reservation { root: 'acme' reservation_id: '",
          IdOf(5), "' held { tokens: 80 } } } include_limits: true"),
      response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.results_size(), 8);
  EXPECT_TRUE(response.results(0).has_reserve());
  ASSERT_TRUE(response.results(1).has_error());
  EXPECT_EQ(ErrorDetails(response.results(1).error()).reason(),
            "BUDGET_EXHAUSTED");
  EXPECT_TRUE(response.results(2).has_settle());
  EXPECT_TRUE(response.results(3).has_reserve());
  EXPECT_TRUE(response.results(4).has_release());
  EXPECT_TRUE(response.results(5).has_record_usage());
  EXPECT_TRUE(response.results(6).has_reserve());
  ASSERT_TRUE(response.results(7).has_adjust_reservation());
  const auto& limits = response.results(7).adjust_reservation().limits();
  ASSERT_EQ(limits.size(), 1);
  EXPECT_EQ(limits[0].spent(), 15);
  EXPECT_EQ(limits[0].reserved(), 80);
  EXPECT_EQ(limits[0].remaining(), 5);
}

TEST_F(BatchTest, ListsLimitsOnlyWhereAsked) {
  v1::BatchResponse response;
  const grpc::Status status = Batch(ReserveText(1, 60), response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_TRUE(response.results(0).has_reserve());
  EXPECT_EQ(response.results(0).reserve().limits_size(), 0);
}

TEST_F(BatchTest, AMalformedOperationFailsAlone) {
  v1::BatchResponse response;
  const grpc::Status status =
      Batch(absl::StrCat(ReserveText(1, 1),
                         "operations { settle { "
                         "reservation_id: 'x' root: 'acme' } } operations { } ",
                         ReserveText(2, 1)),
            response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.results_size(), 4);
  EXPECT_TRUE(response.results(0).has_reserve());
  EXPECT_EQ(ErrorDetails(response.results(1).error()).metadata("field"),
            "operations[1].settle.reservation_id");
  EXPECT_EQ(ErrorDetails(response.results(2).error()).metadata("field"),
            "operations[2]");
  EXPECT_TRUE(response.results(3).has_reserve());
}

TEST_F(BatchTest, AnswersWhenNothingIsWellFormed) {
  v1::BatchResponse response;
  ASSERT_TRUE(Batch("operations { }", response).ok());
  ASSERT_EQ(response.results_size(), 1);
  EXPECT_TRUE(response.results(0).has_error());
}

TEST_F(BatchTest, RefusesTooFewAndTooManyOperations) {
  v1::BatchResponse response;
  const grpc::Status none = Batch("", response);
  EXPECT_EQ(ErrorDetails(none).metadata("field"), "operations");
  v1::BatchRequest request;
  for (int i = 0; i < 1001; ++i) request.add_operations();
  const grpc::Status many =
      Call(*budget_, &v1::BudgetService::Stub::Batch, request, &response);
  EXPECT_EQ(ErrorDetails(many).metadata("field"), "operations");
}

TEST_F(BatchTest, TakesAThousandOperations) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += ReserveText(i, 1);
  v1::BatchResponse response;
  ASSERT_TRUE(Batch(text, response).ok());
  ASSERT_EQ(response.results_size(), 1000);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(response.results(i).has_reserve(), i < 100) << i;
  }
}

TEST_F(BatchTest, StorageTroubleIsAnErrorOfEachOperation) {
  store_.FailWith(absl::UnavailableError("gone"));
  v1::BatchResponse response;
  ASSERT_TRUE(Batch(ReserveText(1, 1) + ReserveText(2, 1), response).ok());
  ASSERT_EQ(response.results_size(), 2);
  for (const v1::BatchResult& result : response.results()) {
    const ErrorDetails details(result.error());
    EXPECT_EQ(details.reason(), "STORAGE_UNAVAILABLE");
    EXPECT_TRUE(details.has_retry);
  }
}

}  // namespace
}  // namespace budget::testing
