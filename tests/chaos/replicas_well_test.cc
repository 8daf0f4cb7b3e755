#include "tests/chaos/replicas_well.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <string>

#include "tests/support/process.h"

namespace budget::chaos {
namespace {

// How often something was amiss with a log of these lines.
int64_t AlarmsIn(absl::string_view log) {
  Verdicts verdicts;
  CheckLog("replica-1", log, verdicts);
  EXPECT_GE(verdicts.checks(Invariant::kReplicasWell), 1);
  return verdicts.violations(Invariant::kReplicasWell);
}

TEST(ReplicaLogTest, AllowsWhatFaultsBringAbout) {
  EXPECT_EQ(AlarmsIn(R"({"level":"warning","event":"database_lost"}
{"level":"warning","event":"database","message":"commit in doubt: "}
{"level":"warning","event":"database","message":"timeline_changed: "}
)"),
            0);
}

TEST(ReplicaLogTest, FindsThatNothingWasWritten) {
  EXPECT_EQ(AlarmsIn(""), 1);
}

TEST(ReplicaLogTest, FindsLinesThatAreNotOfItsLog) {
  EXPECT_EQ(AlarmsIn("budgetd: cannot listen\n"), 1);
  EXPECT_EQ(AlarmsIn("\"level\":\"info\"\n"), 1);
  EXPECT_EQ(AlarmsIn(R"({"severity":"info","event":"serving"})"), 1);
}

TEST(ReplicaLogTest, FindsARootThatWasStopped) {
  EXPECT_EQ(AlarmsIn(R"({"level":"warning","event":"database_lost"}
{"level":"error","event":"root_stopped","root":"chaos-1"}
)"),
            1);
}

TEST(ReplicaLogTest, FindsAnErrorHoweverItsLineIsSpaced) {
  EXPECT_EQ(AlarmsIn(R"({"event": "drift", "level": "error"})"), 1);
}

TEST(ReplicaLogTest, FindsEachLineOfADrift) {
  EXPECT_EQ(AlarmsIn(R"({"level":"error","event":"drift","root":"chaos-1"}
{"level":"error","event":"discrepancy","root":"chaos-1"}
)"),
            2);
}

TEST(ReplicaLogTest, FindsAnInvariantThatAReadFoundBroken) {
  EXPECT_EQ(AlarmsIn(R"({"level":"warning","event":"database",)"
                     R"("message":"read failed: invariant broken: "})"),
            1);
}

TEST(ReplicaLogTest, FindsWhatWasAcknowledgedAndIsLost) {
  EXPECT_EQ(AlarmsIn(R"({"level":"warning","event":"database",)"
                     R"("message":"acknowledged_lost: entry 4 of root"})"),
            1);
}

// Of a process that was told `signal` before it ended as `script` says; by
// itself: 0.
ReplicaEnd EndOf(int signal, const std::string& script) {
  auto process = Process::Start(
      {.argv = {"/bin/sh", "-c", script}, .death_signal = SIGKILL});
  EXPECT_TRUE(process.ok()) << process.status();
  EXPECT_TRUE(
      Within(absl::Seconds(20), [&] { return !process->Running(); }));
  return {signal, process->wait_status()};
}

bool IsWell(const ReplicaEnd& end) {
  Verdicts verdicts;
  CheckEnd("replica-1", end, verdicts);
  return verdicts.violations(Invariant::kReplicasWell) == 0;
}

TEST(ReplicaEndTest, AllowsADrainAndAKill) {
  EXPECT_TRUE(IsWell(EndOf(SIGTERM, "exit 0")));
  EXPECT_TRUE(IsWell(EndOf(SIGKILL, "kill -KILL $$")));
}

TEST(ReplicaEndTest, FindsAnEndThatNobodyAskedFor) {
  EXPECT_FALSE(IsWell(EndOf(0, "exit 0")));
  EXPECT_FALSE(IsWell(EndOf(0, "kill -SEGV $$")));
}

TEST(ReplicaEndTest, FindsADrainThatFailed) {
  EXPECT_FALSE(IsWell(EndOf(SIGTERM, "exit 1")));
  EXPECT_FALSE(IsWell(EndOf(SIGTERM, "kill -ABRT $$")));
}

TEST(ReplicaEndTest, FindsADrainThatHadToBeEnded) {
  EXPECT_FALSE(IsWell(EndOf(SIGTERM, "kill -KILL $$")));
}

TEST(ReplicaEndTest, FindsACrashJustBeforeAKill) {
  EXPECT_FALSE(IsWell(EndOf(SIGKILL, "kill -ABRT $$")));
}

}  // namespace
}  // namespace budget::chaos
