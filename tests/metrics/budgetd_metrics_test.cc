// What a running budgetd shows to those who watch.

#include <signal.h>

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "budget/v1/budget_admin.grpc.pb.h"
#include "budget/v1/budget_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "gtest/gtest.h"
#include "tests/app/budgetd_process.h"
#include "tests/metrics/captured_log.h"
#include "tests/metrics/scrape.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/scratch_dir.h"

namespace budget::testing {
namespace {

using ::testing::HasSubstr;

constexpr char kRequest[] = "0190a5f4-7c00-4000-8000-000000000001";
// Long ago: as old as the ids of the other tests of the process.
std::string IdOf(int n) {
  return absl::StrCat("0190a5f4-7c00-4000-8000-0000000001", n + 10);
}

class BudgetdMetricsTest : public ::testing::Test {
 protected:
  // A budgetd on a database of its own.
  void Start(std::vector<std::string> flags = {}) {
    uri_ = FreshDatabase();
    flags.insert(flags.end(), {"--database-url=" + uri_,
                               "--metrics-listen=127.0.0.1:0",
                               "--metrics-port-file=" + port_file_,
                               "--sweep-interval=50ms"});
    server_ = std::make_unique<Budgetd>(scratch_, "a", flags);
    ASSERT_TRUE(server_->Serves()) << server_->log();
    const auto channel = grpc::CreateChannel(
        "127.0.0.1:" + server_->port(), grpc::InsecureChannelCredentials());
    budget_ = v1::BudgetService::NewStub(channel);
    admin_ = v1::BudgetAdmin::NewStub(channel);
  }

  int MetricsPort() {
    int port = 0;
    EXPECT_TRUE(absl::SimpleAtoi(
        absl::StripAsciiWhitespace(ReadFile(port_file_)), &port));
    return port;
  }
  HttpAnswer Page(const std::string& path) { return Get(MetricsPort(), path); }
  Scrape Metrics() { return Scrape(Page("/metrics").body); }

  void Create(const std::string& path, int64_t tokens_cap) {
    v1::CreateAllocationRequest request;
    request.set_request_id(kRequest);
    v1::Allocation& allocation = *request.mutable_allocation();
    allocation.set_path(path);
    v1::Limit& limit = *allocation.add_limits();
    limit.set_name("all");
    limit.set_unit(v1::UNIT_TOKENS);
    limit.mutable_window()->mutable_lifetime();
    limit.set_cap(tokens_cap);
    grpc::ClientContext context;
    v1::CreateAllocationResponse response;
    const grpc::Status status =
        admin_->CreateAllocation(&context, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  grpc::StatusCode Reserve(int id, const std::string& path, int64_t tokens) {
    grpc::ClientContext context;
    for (const auto& [key, value] : metadata_) context.AddMetadata(key, value);
    v1::ReserveRequest request;
    request.set_reservation_id(IdOf(id));
    request.add_allocations(path);
    request.mutable_amounts()->set_tokens(tokens);
    (*request.mutable_tags())["agent"] = tag_;
    if (ttl_) request.mutable_ttl()->set_seconds(ttl_);
    v1::ReserveResponse response;
    return budget_->Reserve(&context, request, &response).error_code();
  }
  grpc::StatusCode Settle(int id, const std::string& root, int64_t tokens) {
    grpc::ClientContext context;
    v1::SettleRequest request;
    request.set_reservation_id(IdOf(id));
    request.set_root(root);
    request.mutable_actual()->set_tokens(tokens);
    request.set_final(true);
    v1::SettleResponse response;
    return budget_->Settle(&context, request, &response).error_code();
  }

  ScratchDir scratch_;
  const std::string port_file_ = scratch_ / "metrics.port";
  std::string uri_;
  std::string tag_ = "none";
  int ttl_ = 0;
  std::map<std::string, std::string> metadata_;
  std::unique_ptr<Budgetd> server_;
  std::unique_ptr<v1::BudgetService::Stub> budget_;
  std::unique_ptr<v1::BudgetAdmin::Stub> admin_;
};

std::string Decisions(const std::string& operation, const std::string& decision,
                      const std::string& reason) {
  return absl::StrCat("budget_decisions_total{operation=\"", operation,
                      "\",decision=\"", decision, "\",reason=\"", reason,
                      "\"}");
}

std::string Handled(const std::string& method, const std::string& code) {
  return absl::StrCat(
      "grpc_server_handled_total{grpc_type=\"unary\",grpc_service=\"budget.v1."
      "BudgetService\",grpc_method=\"", method, "\",grpc_code=\"", code, "\"}");
}

TEST_F(BudgetdMetricsTest, CountsExactlyWhatHappens) {
  Start();
  Create("acme", 100);
  EXPECT_EQ(Reserve(1, "acme", 60), grpc::StatusCode::OK);
  EXPECT_EQ(Reserve(1, "acme", 60), grpc::StatusCode::OK);  // again
  EXPECT_EQ(Reserve(2, "acme", 60), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(Reserve(3, "nobody", 1), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Reserve(4, "NOT A PATH", 1), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Settle(1, "acme", 50), grpc::StatusCode::OK);
  const Scrape shown = Metrics();
  EXPECT_EQ(shown[Decisions("create_allocation", "granted", "")], 1);
  EXPECT_EQ(shown[Decisions("reserve", "granted", "")], 2);
  EXPECT_EQ(shown["budget_idempotent_replays_total{operation=\"reserve\"}"], 1);
  EXPECT_EQ(shown[Decisions("reserve", "denied", "BUDGET_EXHAUSTED")], 1);
  EXPECT_EQ(shown[Decisions("reserve", "refused", "ALLOCATION_NOT_FOUND")], 1);
  EXPECT_EQ(shown[Decisions("settle", "granted", "")], 1);
  EXPECT_EQ(shown[Handled("Reserve", "OK")], 2);
  EXPECT_EQ(shown[Handled("Reserve", "ResourceExhausted")], 1);
  EXPECT_EQ(shown[Handled("Reserve", "NotFound")], 1);
  EXPECT_EQ(shown[Handled("Reserve", "InvalidArgument")], 1);
  EXPECT_EQ(shown[Handled("Settle", "OK")], 1);
  EXPECT_EQ(shown["budget_operation_seconds_count{operation=\"reserve\"}"], 4);
  // A batch for each of the six that came to the lane.
  EXPECT_EQ(shown["budget_batch_operations_count"], 6);
  EXPECT_EQ(shown["budget_batch_operations_sum"], 6);
  EXPECT_EQ(shown["budget_queue_wait_seconds_count"], 6);
  EXPECT_EQ(shown["budget_transactions_total{outcome=\"committed\"}"], 3);
  EXPECT_EQ(shown["budget_transactions_total{outcome=\"unchanged\"}"], 3);
  EXPECT_EQ(shown["budget_lane_lock_wait_seconds_count"], 6);
  EXPECT_EQ(shown["budget_operations_inside"], 0);
  EXPECT_EQ(shown["budget_ready"], 1);
  EXPECT_EQ(shown["budget_database_up"], 1);
  EXPECT_GE(shown["budget_database_connects_total{pool=\"writer\","
                  "outcome=\"ok\"}"], 1);
}

TEST_F(BudgetdMetricsTest, CountsWhatExpires) {
  Start();
  Create("acme", 100);
  ttl_ = 1;
  EXPECT_EQ(Reserve(1, "acme", 60), grpc::StatusCode::OK);
  EXPECT_TRUE(Eventually(
      [&] { return Metrics()["budget_expired_total"] == 1; }));
}

TEST_F(BudgetdMetricsTest, ShowsWhatIsOpenAndThatTheBooksAreRight) {
  Start({"--holds-interval=1ms", "--verify-interval=1ms"});
  Create("acme", 100);
  EXPECT_EQ(Reserve(1, "acme", 60), grpc::StatusCode::OK);
  EXPECT_TRUE(Eventually([&] {
    const Scrape shown = Metrics();
    return shown["budget_open_reservations"] == 1 &&
           shown["budget_held{unit=\"tokens\"}"] == 60 &&
           shown["budget_verify_roots_total{outcome=\"clean\"}"] >= 1;
  }));
  EXPECT_EQ(Metrics()["budget_verify_drift"], 0);
}

TEST_F(BudgetdMetricsTest, ShowsDrift) {
  Start({"--verify-interval=1ms"});
  Create("acme", 100);
  EXPECT_EQ(Reserve(1, "acme", 60), grpc::StatusCode::OK);
  RunSql(uri_, "UPDATE budget.counters SET reserved = 59");
  EXPECT_TRUE(
      Eventually([&] { return Metrics()["budget_verify_drift"] == 1; }))
      << server_->log();
  EXPECT_THAT(server_->log(), HasSubstr("\"event\":\"discrepancy\""));
}

TEST_F(BudgetdMetricsTest, ShowsThatNobodySeals) {
  Start({"--seal-interval=0s"});
  Create("acme", 100);
  EXPECT_TRUE(
      Eventually([&] { return Metrics()["budget_seal_lag_seconds"] > 0; }));
  EXPECT_FALSE(Metrics().Has("budget_seal_broken_roots"));
  EXPECT_THAT(server_->log(), HasSubstr("\"event\":\"sealing_off\""));
}

TEST_F(BudgetdMetricsTest, CountsRootsThatCannotBeSealed) {
  Start({"--seal-interval=100ms"});
  Create("acme", 100);
  const auto broken = [&] { return Metrics()["budget_seal_broken_roots"]; };
  EXPECT_TRUE(Eventually([&] { return broken() == 0; }));
  RunSql(uri_, "UPDATE budget.roots SET last_sequence = last_sequence + 1");
  EXPECT_TRUE(Eventually([&] { return broken() == 1; })) << server_->log();
}

TEST_F(BudgetdMetricsTest, NamesNoTenantUnlessAsked) {
  Start();
  Create("planted-tenant", 100);
  tag_ = "planted-tag";
  EXPECT_EQ(Reserve(1, "planted-tenant", 60), grpc::StatusCode::OK);
  EXPECT_EQ(Reserve(2, "planted-tenant", 60),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  const std::string text = Page("/metrics").body;
  EXPECT_THAT(text, HasSubstr("budget_decisions_total"));
  EXPECT_EQ(text.find("planted"), std::string::npos);
}

TEST_F(BudgetdMetricsTest, CountsByRootWhereAsked) {
  Start({"--metrics-root-labels"});
  Create("acme", 100);
  EXPECT_EQ(Reserve(1, "acme", 60), grpc::StatusCode::OK);
  EXPECT_EQ(Reserve(2, "acme", 60), grpc::StatusCode::RESOURCE_EXHAUSTED);
  const Scrape shown = Metrics();
  const std::string acme =
      "budget_root_decisions_total{root=\"acme\",decision=\"";
  EXPECT_EQ(shown[acme + "granted\"}"], 2);  // the allocation, and a hold
  EXPECT_EQ(shown[acme + "denied\"}"], 1);
}

TEST_F(BudgetdMetricsTest, ReadinessFollowsTheDatabaseAndTheSchema) {
  Start();
  EXPECT_EQ(Page("/readyz").status, 200);
  EXPECT_EQ(Page("/readyz").body, "ready\n");
  RunSql(uri_, "ALTER TABLE budget.roots RENAME TO away");
  EXPECT_TRUE(Eventually([&] { return Page("/readyz").status == 503; }));
  EXPECT_THAT(Page("/readyz").body, HasSubstr("database does not answer"));
  EXPECT_EQ(Page("/healthz").status, 200);
  EXPECT_EQ(Metrics()["budget_ready"], 0);
  EXPECT_EQ(Metrics()["budget_database_up"], 0);
  EXPECT_FALSE(server_->Health().ok());
  RunSql(uri_, "ALTER TABLE budget.away RENAME TO roots");
  EXPECT_TRUE(Eventually([&] { return Page("/readyz").status == 200; }));
  RunSql(uri_,
         "INSERT INTO budget.schema_migrations (version, name, breaking) "
         "VALUES (9999, 'later', true)");
  EXPECT_TRUE(Eventually([&] { return Page("/readyz").status == 503; }));
  EXPECT_THAT(Page("/readyz").body, HasSubstr("schema is newer"));
  EXPECT_FALSE(server_->Health().ok());
}

TEST_F(BudgetdMetricsTest, IsAliveButNotReadyWhileItStarts) {
  Budgetd server(scratch_, "b",
                 {"--database-url=host=" + scratch_.path() + " dbname=d",
                  "--database-wait=1h", "--metrics-listen=127.0.0.1:0",
                  "--metrics-port-file=" + port_file_});
  ASSERT_TRUE(Eventually([&] { return !ReadFile(port_file_).empty(); }));
  EXPECT_EQ(Page("/healthz").status, 200);
  const HttpAnswer ready = Page("/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(ready.body, HasSubstr("starting"));
}

TEST_F(BudgetdMetricsTest, ADrainingReplicaIsAliveAndNotReady) {
  Start();
  Create("acme", 100);
  const auto lock = KeepOpen(
      uri_, "SELECT FROM budget.roots WHERE root = 'acme' FOR UPDATE");
  grpc::ClientContext context;
  v1::ReserveRequest request;
  request.set_reservation_id(IdOf(1));
  request.add_allocations("acme");
  request.mutable_amounts()->set_tokens(1);
  v1::ReserveResponse response;
  std::thread call([&] { budget_->Reserve(&context, request, &response); });
  EXPECT_TRUE(Eventually(
      [&] { return Metrics()["budget_operations_inside"] == 1; }));
  server_->Send(SIGTERM);
  EXPECT_TRUE(Eventually([&] { return Page("/readyz").status == 503; }));
  EXPECT_THAT(Page("/readyz").body, HasSubstr("draining"));
  EXPECT_EQ(Page("/healthz").status, 200);
  context.TryCancel();
  server_->Send(SIGTERM);
  server_->Wait();
  call.join();
}

TEST_F(BudgetdMetricsTest, APortThatWasAskedForMustBeHad) {
  Start();
  Budgetd taken(scratch_, "b",
                {"--database-url=" + uri_,
                 absl::StrCat("--metrics-listen=127.0.0.1:", MetricsPort())});
  EXPECT_EQ(taken.Wait(), 1);
  EXPECT_THAT(taken.log(), HasSubstr("--metrics-listen"));
  Budgetd without(scratch_, "c",
                  {"--database-url=" + uri_, "--metrics-listen=none"});
  EXPECT_TRUE(without.Serves()) << without.log();
}

TEST_F(BudgetdMetricsTest, EveryLineIsJsonAndNoneTellsASecret) {
  Start({"--log-level=debug", "--log-calls", "--log-slow=1ms"});
  Create("acme", 100);
  metadata_ = {{"x-request-id", "gateway-7"},
               {"traceparent",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
               {"authorization", "Bearer planted-token"},
               {"x-other", "planted-metadata"}};
  tag_ = "planted-tag";
  EXPECT_EQ(Reserve(1, "acme", 60), grpc::StatusCode::OK);
  EXPECT_EQ(Reserve(2, "acme", 77), grpc::StatusCode::RESOURCE_EXHAUSTED);
  // A constraint that fires: the database's details quote the whole row.
  RunSql(uri_,
         "ALTER TABLE budget.reservations ADD CONSTRAINT planted "
         "CHECK (asked_tags::text NOT LIKE '%planted-tag-2%')");
  tag_ = "planted-tag-2";
  EXPECT_EQ(Reserve(3, "acme", 1), grpc::StatusCode::INTERNAL);
  server_->Send(SIGTERM);
  EXPECT_EQ(server_->Wait(), 0);
  const std::string log = server_->log();
  for (const char* secret :
       {"planted-token", "planted-metadata", "planted-tag"}) {
    EXPECT_EQ(log.find(secret), std::string::npos) << secret << "\n" << log;
  }
  std::vector<std::string> decisions;
  for (const nlohmann::json& line : ParseLog(log)) {
    if (line.at("event") != "call") continue;
    if (line.at("request_id") != "gateway-7") continue;
    EXPECT_EQ(line.at("trace_id"), "0af7651916cd43dd8448eb211c80319c");
    decisions.push_back(absl::StrCat(line.at("code").get<std::string>(), " ",
                                     line.value("decision_id", "-")));
  }
  EXPECT_THAT(decisions,
              ::testing::ElementsAre("OK acme:2", "RESOURCE_EXHAUSTED acme:2",
                                     "INTERNAL -"));
  EXPECT_THAT(log, HasSubstr("\"event\":\"root_stopped\""));
}

TEST_F(BudgetdMetricsTest, NeverLogsItsPassword) {
  Budgetd server(scratch_, "b",
                 {"--database-url=postgresql://u:planted-secret@/d?host=" +
                      scratch_.path(),
                  "--database-wait=0s", "--metrics-listen=127.0.0.1:0"});
  EXPECT_EQ(server.Wait(), 1);
  EXPECT_FALSE(ParseLog(server.log()).empty());
  EXPECT_EQ(server.log().find("planted-secret"), std::string::npos);
}

}  // namespace
}  // namespace budget::testing
