// A real primary and a real standby, promoted while the service runs: what
// deploy/failover.md promises.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "budget/client.h"
#include "budget/denial.h"
#include "tests/app/budgetd_process.h"
#include "tests/support/postgres_server.h"
#include "tests/support/scratch_dir.h"

namespace budget::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr CallOptions kPatient{absl::Seconds(60)};
constexpr int64_t kDollar = 1'000'000'000;

class FailoverTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(primary_.Make(), absl::OkStatus());
    ASSERT_EQ(primary_.Start(), absl::OkStatus());
    ASSERT_EQ(standby_.CopyOf(primary_), absl::OkStatus());
    ASSERT_EQ(standby_.Start(), absl::OkStatus());
    ASSERT_EQ(primary_.AwaitStandby("async"), absl::OkStatus());
  }

  void MakeSynchronous() {
    ASSERT_EQ(primary_.Set("synchronous_standby_names", "standby"),
              absl::OkStatus());
    ASSERT_EQ(primary_.AwaitStandby("sync"), absl::OkStatus());
  }

  // Waits until the standby has all that the primary has.
  void CatchUp() {
    const std::string written =
        primary_.Run("SELECT pg_current_wal_lsn()").value();
    ASSERT_TRUE(Eventually([&] {
      const auto has = standby_.Run(absl::StrCat(
          "SELECT pg_last_wal_replay_lsn() >= '", written, "'"));
      return has.ok() && *has == "t";
    }));
  }

  // The primary is lost with its machine, and an operator promotes.
  void FailOver() {
    primary_.Crash();
    ASSERT_EQ(standby_.Promote(), absl::OkStatus());
  }

  static std::string Url(const std::vector<const PostgresServer*>& servers) {
    return absl::StrCat(
        "--database-url=postgresql:///budget?host=",
        absl::StrJoin(servers, ",",
                      [](std::string* out, const PostgresServer* server) {
                        out->append(server->host());
                      }),
        "&user=budget");
  }

  std::unique_ptr<Budgetd> Serve(
      const std::string& name,
      const std::vector<const PostgresServer*>& servers) {
    auto server = std::make_unique<Budgetd>(scratch_, name,
                                            std::vector{Url(servers)});
    EXPECT_TRUE(server->Serves()) << server->log();
    return server;
  }
  static Client ClientOf(const Budgetd& server) {
    return Client(*MakeConnection(
        {.endpoints = {absl::StrCat("127.0.0.1:", server.port())}}));
  }

  static void MakeAcme(Client client) {
    v1::CreateAllocationRequest request;
    v1::Allocation& acme = *request.mutable_allocation();
    acme.set_path("acme");
    v1::Limit& limit = *acme.add_limits();
    limit.set_name("cap");
    limit.set_unit(v1::UNIT_USD_NANOS);
    limit.mutable_window()->mutable_lifetime();
    limit.set_cap(100 * kDollar);
    const auto made = client.CreateAllocation(request, kPatient);
    ASSERT_TRUE(made.ok()) << made.status();
  }
  static v1::ReserveResponse Reserve(Client client, int64_t dollars) {
    v1::ReserveRequest request;
    request.add_allocations("acme");
    request.mutable_amounts()->set_usd_nanos(dollars * kDollar);
    const auto held = client.Reserve(request, kPatient);
    EXPECT_TRUE(held.ok()) << held.status();
    return held.ok() ? *held : v1::ReserveResponse();
  }
  static absl::StatusOr<v1::SettleResponse> Settle(Client client,
                                                   const std::string& id,
                                                   int64_t dollars) {
    v1::SettleRequest request;
    request.set_reservation_id(id);
    request.set_root("acme");
    request.mutable_actual()->set_usd_nanos(dollars * kDollar);
    return client.Settle(request, kPatient);
  }
  static absl::StatusOr<v1::RecordUsageResponse> Record(Client client,
                                                        const std::string& id,
                                                        int64_t dollars) {
    v1::RecordUsageRequest request;
    request.set_usage_id(id);
    request.add_allocations("acme");
    request.mutable_actual()->set_usd_nanos(dollars * kDollar);
    return client.RecordUsage(request, kPatient);
  }
  static int64_t DollarsSpent(Client client) {
    v1::QueryRemainingRequest request;
    request.set_allocation("acme");
    const auto remaining = client.QueryRemaining(request, kPatient);
    EXPECT_TRUE(remaining.ok()) << remaining.status();
    return remaining.ok() ? remaining->limits(0).spent() / kDollar : -1;
  }

  // What Verify finds, a line each.
  static std::string Verify(Client client,
                            const std::vector<v1::ExpectedEntry>& expected) {
    v1::VerifyRequest request;
    request.set_root("acme");
    request.mutable_expected()->Assign(expected.begin(), expected.end());
    const auto answer = client.Verify(request, kPatient);
    EXPECT_TRUE(answer.ok()) << answer.status();
    std::string text;
    for (const v1::Discrepancy& found : answer->discrepancies()) {
      absl::StrAppend(&text, found.subject(), ": ", found.ledger(), ", ",
                      found.stored(), "\n");
    }
    return text;
  }
  static v1::ExpectedEntry Told(int64_t sequence, const std::string& id) {
    v1::ExpectedEntry entry;
    entry.set_sequence(sequence);
    entry.set_reservation_id(id);
    return entry;
  }

  ScratchDir scratch_;
  const PostgresPlace place_ = PostgresPlace::Find().value();
  PostgresServer primary_{place_, scratch_.path(), "primary"};
  PostgresServer standby_{place_, scratch_.path(), "standby"};
};

TEST_F(FailoverTest, WithASynchronousStandbyNothingAcknowledgedIsLost) {
  MakeSynchronous();
  const auto server = Serve("a", {&primary_, &standby_});
  const Client client = ClientOf(*server);
  MakeAcme(client);
  const v1::ReserveResponse held = Reserve(client, 5);
  const std::string id = held.reservation().reservation_id();
  FailOver();
  // The same process, without a restart.
  const auto settled = Settle(client, id, 3);
  ASSERT_TRUE(settled.ok()) << settled.status();
  Reserve(client, 1);
  EXPECT_EQ(DollarsSpent(client), 3);
  EXPECT_THAT(Verify(client, {Told(held.ledger_sequence(), id),
                              Told(settled->ledger_sequence(), id)}),
              IsEmpty());
  EXPECT_THAT(server->log(), AllOf(HasSubstr("timeline_changed"),
                                   Not(HasSubstr("acknowledged_lost"))));
}

TEST_F(FailoverTest, AStandbyThatComesFirstInTheUrlIsPassedBy) {
  const auto server = Serve("a", {&standby_, &primary_});
  MakeAcme(ClientOf(*server));
  EXPECT_EQ(primary_.Run("SELECT count(*) FROM pg_stat_activity "
                         "WHERE application_name = 'budgetd'")
                    .value() == "0",
            false);
  EXPECT_EQ(standby_.Run("SELECT count(*) FROM pg_stat_activity "
                         "WHERE application_name = 'budgetd'")
                .value(),
            "0");
}

TEST_F(FailoverTest, AStandbyAloneIsRefusedAndTheLogSaysWhatToDo) {
  Budgetd server(scratch_, "a", {Url({&standby_}), "--database-wait=0s"});
  EXPECT_EQ(server.Wait(), 1);
  EXPECT_THAT(server.log(), AllOf(HasSubstr("no host of the URL takes writes"),
                                  HasSubstr("promote one"),
                                  HasSubstr("--database-url")));
}

// The standby is away while entries are acknowledged, and is promoted then.
class AsynchronousFailoverTest : public FailoverTest {
 protected:
  void SetUp() override {
    FailoverTest::SetUp();
    server_ = Serve("a", {&primary_, &standby_});
    client_.emplace(ClientOf(*server_));
    MakeAcme(*client_);
    kept_ = Reserve(*client_, 5);
    CatchUp();
    standby_.Stop();
    lost_ = Reserve(*client_, 7);
    const auto settled = Settle(*client_, IdOf(kept_), 4);
    ASSERT_TRUE(settled.ok()) << settled.status();
    lost_settle_ = settled->ledger_sequence();
    primary_.Crash();
    ASSERT_EQ(standby_.Start(), absl::OkStatus());
    FailOver();
  }

  static std::string IdOf(const v1::ReserveResponse& held) {
    return held.reservation().reservation_id();
  }
  Client& client() { return *client_; }
  // What the gateways remember of their answers.
  std::vector<v1::ExpectedEntry> Acknowledged() const {
    return {Told(kept_.ledger_sequence(), IdOf(kept_)),
            Told(lost_.ledger_sequence(), IdOf(lost_)),
            Told(lost_settle_, IdOf(kept_))};
  }

  std::unique_ptr<Budgetd> server_;
  std::optional<Client> client_;
  v1::ReserveResponse kept_;
  v1::ReserveResponse lost_;
  int64_t lost_settle_ = 0;
};

TEST_F(AsynchronousFailoverTest, VerifyReportsTheEntriesThatAreLost) {
  EXPECT_THAT(Verify(client(), Acknowledged()),
              AllOf(HasSubstr(absl::StrCat("entries ", lost_.ledger_sequence(),
                                           " to ", lost_settle_,
                                           ": ends at entry ",
                                           kept_.ledger_sequence())),
                    HasSubstr(IdOf(kept_))));
}

TEST_F(AsynchronousFailoverTest, AReplicaReportsWhatItAcknowledgedItself) {
  EXPECT_THAT(Verify(client(), {}),
              HasSubstr(absl::StrCat("entry ", lost_settle_,
                                     " was acknowledged")));
  EXPECT_THAT(server_->log(),
              AllOf(HasSubstr("timeline_changed"),
                    HasSubstr("acknowledged_lost")));
}

// A promoted standby agrees with itself: who was not there has to be told.
TEST_F(AsynchronousFailoverTest, AFreshReplicaReportsWhatItIsTold) {
  const auto fresh = Serve("b", {&primary_, &standby_});
  EXPECT_THAT(Verify(ClientOf(*fresh), {}), IsEmpty());
  EXPECT_THAT(Verify(ClientOf(*fresh), Acknowledged()),
              HasSubstr(absl::StrCat("ends at entry ",
                                     kept_.ledger_sequence())));
}

// What verify --at-least asks.
TEST_F(AsynchronousFailoverTest, ANumberThatWasWrittenDownShowsTheLoss) {
  const auto fresh = Serve("b", {&primary_, &standby_});
  EXPECT_THAT(Verify(ClientOf(*fresh), {Told(kept_.ledger_sequence(), "")}),
              IsEmpty());
  EXPECT_THAT(Verify(ClientOf(*fresh), {Told(lost_settle_, "")}),
              HasSubstr(absl::StrCat("ends at entry ",
                                     kept_.ledger_sequence())));
}

TEST_F(AsynchronousFailoverTest, NumbersGivenOutAgainDoNotHideALoss) {
  Reserve(client(), 1);
  Reserve(client(), 1);
  EXPECT_THAT(Verify(client(), Acknowledged()),
              HasSubstr(absl::StrCat("entry ", lost_.ledger_sequence(),
                                     ": has another one")));
}

// The steps of deploy/failover.md.
TEST_F(AsynchronousFailoverTest, GatewaysBookAnewWhatIsLost) {
  v1::FreezeAllocationRequest freeze;
  freeze.set_path("acme");
  freeze.set_reason("after a failover: booking anew");
  ASSERT_TRUE(client().FreezeAllocation(freeze, kPatient).ok());
  v1::ReserveRequest more;
  more.add_allocations("acme");
  EXPECT_EQ(ErrorReasonOf(client().Reserve(more, kPatient).status()).reason,
            "ALLOCATION_FROZEN");

  // The hold is known and its settlement is not: it is repeated.
  const auto again = Settle(client(), IdOf(kept_), 4);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_GT(again->ledger_sequence(), 0);
  // The hold is not known: the answer says so, and the usage is recorded.
  const auto unknown = Settle(client(), IdOf(lost_), 6);
  EXPECT_EQ(ErrorReasonOf(unknown.status()).reason, "RESERVATION_NOT_FOUND");
  for (const bool replayed : {false, true}) {
    const auto recorded = Record(client(), IdOf(lost_), 6);
    ASSERT_TRUE(recorded.ok()) << recorded.status();
    EXPECT_EQ(recorded->replayed(), replayed);
  }
  EXPECT_EQ(DollarsSpent(client()), 10);

  v1::UnfreezeAllocationRequest unfreeze;
  unfreeze.set_path("acme");
  ASSERT_TRUE(client().UnfreezeAllocation(unfreeze, kPatient).ok());
  Reserve(client(), 1);
}

}  // namespace
}  // namespace budget::testing
