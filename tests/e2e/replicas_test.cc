#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "deploy/replay/report.h"
#include "tests/e2e/cluster_fixture.h"

namespace budget {
namespace {

using ::testing::IsEmpty;

class ReplicasTest : public ClusterTest {
 protected:
  // Replays a small trace, and kills a replica half way.
  replay::Report ReplayAndKill(int victim) {
    const replay::Plan plan = replay::MakePlan(
        replay::MakeTrace(3, 400),
        {.seed = 3, .length = absl::Seconds(4), .ttl = absl::Seconds(2)});
    const absl::Status created =
        replay::CreateOrganisation(plan, cluster_->endpoints());
    EXPECT_TRUE(created.ok()) << created;
    replay::ReplayOptions options{.endpoints = cluster_->endpoints(),
                                  .gateways = 12};
    options.on_progress = [&](int64_t begun) {
      if (cluster_->replicas_running() == kReplicas && begun >= 200) {
        cluster_->KillReplica(victim);
      }
    };
    replay::Report report;
    report.replay = replay::Replay(plan, options);
    Client client = ClientAt((victim + 1) % kReplicas);
    const absl::Status drained = replay::WaitUntilNothingIsHeld(
        client, plan.root, absl::Seconds(60));
    EXPECT_TRUE(drained.ok()) << drained;
    report.audit = VerifiedLedger(plan.root);
    report.verify_ok = true;
    return report;
  }

  void ExpectNothingLost(const replay::Report& report) {
    EXPECT_EQ(cluster_->replicas_running(), kReplicas - 1);
    EXPECT_THAT(report.Violations(), IsEmpty());
    EXPECT_EQ(report.replay.failed, 0)
        << ::testing::PrintToString(report.replay.failures);
    EXPECT_GT(report.replay.admitted, 200);
    EXPECT_GT(report.replay.settled, 0);
    EXPECT_EQ(report.audit.holds, report.replay.admitted);
  }
};

TEST_F(ReplicasTest, OthersGoOnWhenOneIsKilled) {
  ExpectNothingLost(ReplayAndKill(2));
}

TEST_F(ReplicasTest, AnotherTakesTheDatabaseOverWhenItsOwnerIsKilled) {
  ExpectNothingLost(ReplayAndKill(0));
}

TEST_F(ReplicasTest, AKilledReplicaComesBackOnItsAddress) {
  cluster_->KillReplica(1);
  EXPECT_EQ(cluster_->replicas_running(), 2);
  const absl::Status restarted = cluster_->RestartReplica(1);
  ASSERT_TRUE(restarted.ok()) << restarted;
  v1::CreateAllocationRequest request;
  request.mutable_allocation()->set_path("acme");
  const auto created = ClientOnly(1).CreateAllocation(request, kPatient);
  ASSERT_TRUE(created.ok()) << created.status();
  VerifiedLedger("acme");
}

}  // namespace
}  // namespace budget
