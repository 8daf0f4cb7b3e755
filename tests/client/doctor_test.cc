// What budgetctl doctor says of facts. tests/e2e has the command itself.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "budget/mocks/mock_connection.h"
#include "client/ctl/database/facts.h"
#include "client/ctl/doctor/database.h"
#include "client/ctl/doctor/diagnosis.h"
#include "client/ctl/doctor/replicas.h"
#include "tests/client/findings.h"

namespace budget {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Return;

constexpr absl::Duration kPatience = absl::Seconds(20);

// A database without fault, with some facts changed.
Diagnosis DatabaseWith(const DatabaseFacts& changes, int known_schema = 3) {
  DatabaseFacts facts = {{"archive_command", "cp %p /archive/%f"},
                         {"archive_mode", "on"},
                         {"archive_failing", "off"},
                         {"connections", "10"},
                         {"data_checksums", "on"},
                         {"default_transaction_read_only", "off"},
                         {"endless_tokens", "0"},
                         {"fsync", "on"},
                         {"full_page_writes", "on"},
                         {"guard", "on"},
                         {"has_schema", "on"},
                         {"in_recovery", "off"},
                         {"longest_transaction_s", "1"},
                         {"max_connections", "100"},
                         {"max_pred_locks_per_page", "64"},
                         {"max_pred_locks_per_relation", "20000"},
                         {"max_pred_locks_per_transaction", "1024"},
                         {"role", "budgetd"},
                         {"role_owner", "off"},
                         {"role_superuser", "off"},
                         {"schema_version", "3"},
                         {"breaking_version", "2"},
                         {"sees_tokens", "on"},
                         {"server_version_num", "150008"},
                         {"superuser_reserved_connections", "3"},
                         {"synchronous_commit", "on"},
                         {"synchronous_standby_names", "standby"},
                         {"synchronous_standbys", "1"},
                         {"transaction_id_age", "1000"}};
  for (const auto& [name, value] : changes) facts[name] = value;
  Diagnosis diagnosis;
  JudgeDatabase(facts, known_schema, diagnosis);
  return diagnosis;
}

TEST(DoctorDatabaseTest, FindsNothingWhereAllIsWell) {
  EXPECT_THAT(Complaints(DatabaseWith({})), IsEmpty());
}

TEST(DoctorDatabaseTest, KnowsHowManyStandbysAreEnough) {
  for (const char* names : {"standby", "a, b", "*", "FIRST 1 (a, b)", "1 (a)"}) {
    EXPECT_THAT(
        Complaints(DatabaseWith({{"synchronous_standby_names", names}})),
        IsEmpty())
        << names;
  }
}

// Who may not look at the standbys is not told that there are none.
TEST(DoctorDatabaseTest, SaysWhatTheRoleCannotSee) {
  const Diagnosis diagnosis = DatabaseWith({{"synchronous_standbys", ""}});
  const Finding standby = FindingOf(diagnosis, "synchronous_standby");
  EXPECT_EQ(standby.health, Health::kSkipped);
  EXPECT_THAT(standby.remedy, HasSubstr("pg_monitor"));
  EXPECT_TRUE(diagnosis.healthy());
}

TEST(DoctorDatabaseTest, CallsAProblemWhatLosesMoney) {
  const std::vector<std::pair<DatabaseFacts, std::string>> cases = {
      {{{"fsync", "off"}}, "fsync"},
      {{{"full_page_writes", "off"}}, "full_page_writes"},
      {{{"synchronous_standbys", "0"}}, "synchronous_standby"},
      {{{"synchronous_standby_names", "FIRST 2 (a, b)"}}, "synchronous_standby"},
      {{{"synchronous_standby_names", "any 2 (a, b)"}}, "synchronous_standby"},
      {{{"synchronous_standby_names", "2(a, b)"}}, "synchronous_standby"},
      {{{"in_recovery", "on"}}, "primary"},
      {{{"default_transaction_read_only", "on"}}, "primary"},
      {{{"archive_failing", "on"}}, "archive"},
      {{{"server_version_num", "120001"}}, "server_version"},
      {{{"has_schema", "off"}}, "schema"},
      {{{"schema_version", "2"}}, "schema"},
      {{{"schema_version", "4"}, {"breaking_version", "4"}}, "schema"},
      {{{"overdue_s", "31"}}, "sweeper"},
      {{{"transaction_id_age", "1900000000"}}, "transaction_ids"},
      {{{"role_changes", "ledger"}}, "role"},
      {{{"unguarded", "ledger, seals"}}, "append_only"},
      {{{"unsealed_s", "7201"}}, "seals"},
  };
  for (const auto& [facts, check] : cases) {
    const Diagnosis diagnosis = DatabaseWith(facts);
    EXPECT_THAT(Complaints(diagnosis), ::testing::ElementsAre(check));
    EXPECT_EQ(FindingOf(diagnosis, check).health, Health::kProblem) << check;
    EXPECT_FALSE(diagnosis.healthy()) << check;
  }
}

TEST(DoctorDatabaseTest, WarnsOfWhatIsMissingOrComing) {
  const std::vector<std::pair<DatabaseFacts, std::string>> cases = {
      {{{"synchronous_standby_names", ""}}, "synchronous_standby"},
      // budgetd turns it on for itself.
      {{{"synchronous_commit", "off"}}, "synchronous_commit"},
      {{{"synchronous_commit", "local"}}, "synchronous_commit"},
      {{{"archive_mode", "off"}}, "archive"},
      {{{"archive_command", ""}}, "archive"},
      {{{"data_checksums", "off"}}, "data_checksums"},
      {{{"connections", "90"}}, "connections"},
      {{{"max_pred_locks_per_page", "2"}}, "predicate_locks"},
      {{{"longest_transaction_s", "4000"}}, "long_transaction"},
      {{{"transaction_id_age", "1100000000"}}, "transaction_ids"},
      {{{"wal_kept_for_slots_mb", "20000"}}, "replication_slots"},
      {{{"schema_version", "4"}}, "schema"},
      {{{"overdue_s", "10"}}, "sweeper"},
      // One role for everything is what a small installation has.
      {{{"role_superuser", "on"}, {"role_changes", "ledger"}}, "role"},
      {{{"role_owner", "on"}, {"role_changes", "ledger"}}, "role"},
      {{{"guard", "off"}, {"unguarded", "ledger"}}, "append_only"},
      {{{"unsealed_s", "601"}}, "seals"},
      {{{"endless_tokens", "1"}, {"endless_token_ids", "3f9c"}}, "tokens"},
  };
  for (const auto& [facts, check] : cases) {
    const Diagnosis diagnosis = DatabaseWith(facts);
    EXPECT_THAT(Complaints(diagnosis), ::testing::ElementsAre(check));
    EXPECT_EQ(FindingOf(diagnosis, check).health, Health::kWarning) << check;
    EXPECT_TRUE(diagnosis.healthy()) << check;
  }
}

TEST(DoctorDatabaseTest, NamesWhatIsNotLocked) {
  const auto text = [](const DatabaseFacts& facts, const std::string& check) {
    return FindingOf(DatabaseWith(facts), check).text;
  };
  EXPECT_THAT(text({}, "role"), HasSubstr("budgetd cannot change"));
  EXPECT_THAT(text({{"role_superuser", "on"}}, "role"),
              HasSubstr("budgetd is a superuser"));
  EXPECT_THAT(text({{"role_owner", "on"}}, "role"),
              HasSubstr("budgetd owns the ledger"));
  EXPECT_THAT(text({{"role_changes", "ledger, prices"}}, "role"),
              HasSubstr("ledger, prices"));
  EXPECT_THAT(text({{"unguarded", "seals"}}, "append_only"),
              HasSubstr("turned off on seals"));
  EXPECT_THAT(
      text({{"endless_tokens", "7"}, {"endless_token_ids", "3f9c"}}, "tokens"),
      HasSubstr("7 (3f9c, ...)"));
}

TEST(DoctorDatabaseTest, SaysWhichTokensItCannotSee) {
  EXPECT_EQ(FindingOf(DatabaseWith({{"sees_tokens", "off"}}), "tokens").health,
            Health::kSkipped);
}

// As the runbook counts them.
TEST(DoctorDatabaseTest, SaysHowManyConnectionsAReplicaTakes) {
  const Diagnosis diagnosis = DatabaseWith({{"connections", "90"}});
  EXPECT_THAT(FindingOf(diagnosis, "connections").remedy,
              HasSubstr("--workers + --read-threads + 7"));
}

TEST(DoctorDatabaseTest, DoesNotRepeatThePasswordOfAUrlItCannotRead) {
  const auto facts =
      AskDatabase("postgresql://budget:sec%ret@host/budget", kPatience);
  ASSERT_FALSE(facts.ok());
  EXPECT_THAT(std::string(facts.status().message()),
              AllOf(HasSubstr("--database-url"), Not(HasSubstr("sec"))));
}

ReplicaFacts Replica(const std::string& endpoint, const std::string& version,
                     absl::Duration skew) {
  const absl::Time now = absl::FromUnixSeconds(1'790'000'000);
  v1::GetServerInfoResponse info;
  info.set_version(version);
  info.set_schema_version(3);
  info.mutable_start_time()->set_seconds(
      absl::ToUnixSeconds(now - absl::Hours(3)));
  info.mutable_replica_time()->set_seconds(absl::ToUnixSeconds(now + skew));
  info.mutable_database_time()->set_seconds(absl::ToUnixSeconds(now));
  return {.endpoint = endpoint,
          .info = info,
          .round_trip = absl::Milliseconds(1),
          .allocations = std::map<std::string, absl::Time>{{"acme", now}}};
}

Diagnosis Judged(const ReplicaFacts& replica) {
  Diagnosis diagnosis;
  JudgeReplica(replica, diagnosis);
  return diagnosis;
}

Diagnosis JudgedTogether(const std::vector<ReplicaFacts>& replicas) {
  Diagnosis diagnosis;
  JudgeReplicas(replicas, diagnosis);
  return diagnosis;
}

TEST(DoctorReplicasTest, SaysReleaseAndAgeOfAHealthyOne) {
  const Diagnosis diagnosis =
      Judged(Replica("a:7443", "0.1.0", absl::ZeroDuration()));
  EXPECT_THAT(Complaints(diagnosis), IsEmpty());
  EXPECT_THAT(FindingOf(diagnosis, "version").text,
              AllOf(HasSubstr("0.1.0"), HasSubstr("3h")));
}

TEST(DoctorReplicasTest, TellsApartDownAndNotServing) {
  ReplicaFacts replica = Replica("a:7443", "0.1.0", absl::ZeroDuration());
  replica.serving = absl::DeadlineExceededError("the server says NOT_SERVING");
  EXPECT_THAT(FindingOf(Judged(replica), "serving").text,
              HasSubstr("database does not answer"));
  replica.serving = absl::DeadlineExceededError("failed to connect");
  EXPECT_THAT(FindingOf(Judged(replica), "serving").text,
              HasSubstr("failed to connect"));
  EXPECT_FALSE(Judged(replica).healthy());
}

TEST(DoctorReplicasTest, MeasuresTheClockAgainstTheDatabase) {
  const auto clock = [](absl::Duration skew) {
    return FindingOf(Judged(Replica("a:7443", "0.1.0", skew)), "clock");
  };
  EXPECT_EQ(clock(absl::Seconds(1)).health, Health::kOk);
  EXPECT_EQ(clock(absl::Seconds(-5)).health, Health::kWarning);
  EXPECT_THAT(clock(absl::Seconds(-5)).text, HasSubstr("behind"));
  EXPECT_EQ(clock(absl::Hours(1)).health, Health::kProblem);
  EXPECT_THAT(clock(absl::Hours(1)).text, HasSubstr("ahead"));
}

TEST(DoctorReplicasTest, SaysWhoAsksNobody) {
  const auto auth = [](const std::string& endpoint,
                       const absl::Status& stranger) {
    ReplicaFacts replica = Replica(endpoint, "0.1.0", absl::ZeroDuration());
    replica.stranger = stranger;
    return FindingOf(Judged(replica), "auth");
  };
  const absl::Status answered;
  EXPECT_EQ(auth("a:7443", answered).health, Health::kProblem);
  EXPECT_EQ(auth("127.0.0.1:7443", answered).health, Health::kWarning);
  EXPECT_THAT(auth("127.0.0.1:7443", answered).remedy,
              HasSubstr("--auth required"));
  EXPECT_THAT(auth("a:7443", absl::UnauthenticatedError("no token")).text,
              HasSubstr("asks callers"));
  // Not let in without a certificate.
  EXPECT_EQ(auth("a:7443", absl::UnavailableError("handshake")).text, "");
}

TEST(DoctorReplicasTest, WarnsOfSeveralReleases) {
  const ReplicaFacts a = Replica("a:7443", "0.1.0", absl::ZeroDuration());
  const ReplicaFacts b = Replica("b:7443", "0.2.0", absl::ZeroDuration());
  EXPECT_THAT(Complaints(JudgedTogether({a, a})), IsEmpty());
  const Finding several = FindingOf(JudgedTogether({a, b}), "same_release");
  EXPECT_EQ(several.health, Health::kWarning);
  EXPECT_THAT(several.text, AllOf(HasSubstr("0.1.0"), HasSubstr("0.2.0")));
}

TEST(DoctorReplicasTest, FindsReplicasOnSeveralDatabases) {
  const ReplicaFacts a = Replica("a:7443", "0.1.0", absl::ZeroDuration());
  ReplicaFacts b = a;
  b.endpoint = "b:7443";
  b.allocations->emplace("made-meanwhile", absl::Now());
  EXPECT_THAT(Complaints(JudgedTogether({a, b})), IsEmpty());
  b.allocations = std::map<std::string, absl::Time>{{"acme", absl::Now()}};
  EXPECT_EQ(FindingOf(JudgedTogether({a, b}), "same_database").health,
            Health::kProblem);
  b.allocations = std::map<std::string, absl::Time>{};
  EXPECT_EQ(FindingOf(JudgedTogether({a, b}), "same_database").subject,
            "b:7443");
}

// A client whose ListAllocations and Verify answer as given.
Client ClientThatAnswers(const v1::ListAllocationsResponse& allocations,
                         const v1::VerifyResponse& verified, int verifies) {
  auto connection = std::make_shared<MockConnection>();
  EXPECT_CALL(*connection, ListAllocations).WillOnce(Return(allocations));
  EXPECT_CALL(*connection, Verify)
      .Times(verifies)
      .WillRepeatedly(Return(verified));
  return Client(connection);
}

v1::ListAllocationsResponse Allocations(const std::vector<std::string>& paths) {
  v1::ListAllocationsResponse allocations;
  for (const std::string& path : paths) {
    allocations.add_allocations()->set_path(path);
  }
  return allocations;
}

TEST(DoctorDriftTest, VerifiesAsManyRootsAsAskedFor) {
  v1::VerifyResponse good;
  good.set_ok(true);
  Client client =
      ClientThatAnswers(Allocations({"a", "a/b", "c", "d"}), good, 2);
  Diagnosis diagnosis;
  VerifySample(client, 2, {}, diagnosis);
  EXPECT_EQ(diagnosis.Count(Health::kOk), 2);
}

TEST(DoctorDriftTest, NamesWhatDisagrees) {
  v1::VerifyResponse bad;
  bad.set_discrepancies_total(7);
  bad.add_discrepancies()->set_subject("counter acme month");
  Client client = ClientThatAnswers(Allocations({"acme"}), bad, 1);
  Diagnosis diagnosis;
  VerifySample(client, 3, {}, diagnosis);
  EXPECT_FALSE(diagnosis.healthy());
  EXPECT_THAT(FindingOf(diagnosis, "drift").text,
              AllOf(HasSubstr("7"), HasSubstr("counter acme month")));
}

TEST(DiagnosisTest, IsShownToPeopleAndScripts) {
  Diagnosis diagnosis;
  diagnosis.Add({.check = "serving", .subject = "a:7443", .text = "serves"});
  diagnosis.Add({Health::kProblem, "fsync", "database", "fsync is off",
                 "turn it on"});
  EXPECT_THAT(diagnosis.ToText(),
              AllOf(HasSubstr("PROBLEM  database: fsync is off"),
                    HasSubstr("remedy: turn it on"),
                    HasSubstr("1 problem, 0 warnings, 1 ok")));
  const auto json = nlohmann::json::parse(diagnosis.ToJson());
  EXPECT_EQ(json["healthy"], false);
  EXPECT_EQ(json["findings"][1]["health"], "problem");
  EXPECT_EQ(json["findings"][1]["remedy"], "turn it on");
}

}  // namespace
}  // namespace budget
