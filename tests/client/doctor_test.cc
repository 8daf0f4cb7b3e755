// What budgetctl doctor says of facts, and how it finds out about certificates.
// tests/e2e has the command itself.

#include <gmock/gmock.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "budget/mocks/mock_connection.h"
#include "client/ctl/doctor/certificate.h"
#include "client/ctl/doctor/database.h"
#include "client/ctl/doctor/diagnosis.h"
#include "client/ctl/doctor/replicas.h"
#include "tests/support/scratch_dir.h"
#include "tests/support/test_ca.h"

namespace budget {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Return;
using testing::PemPair;
using testing::ReplaceFile;
using testing::ScratchDir;
using testing::TestCa;

constexpr absl::Duration kDay = absl::Hours(24);
constexpr absl::Duration kPatience = absl::Seconds(20);

// What was found by `check`; a Finding without text if there is none.
Finding FindingOf(const Diagnosis& diagnosis, const std::string& check) {
  for (const Finding& finding : diagnosis.findings()) {
    if (finding.check == check) return finding;
  }
  return {};
}

// Checks that found something wrong or coming.
std::vector<std::string> Complaints(const Diagnosis& diagnosis) {
  std::vector<std::string> complaints;
  for (const Finding& finding : diagnosis.findings()) {
    if (finding.health == Health::kWarning ||
        finding.health == Health::kProblem) {
      complaints.push_back(finding.check);
      EXPECT_THAT(finding.remedy, Not(IsEmpty())) << finding.check;
    }
  }
  return complaints;
}

// A database without fault, with some facts changed.
Diagnosis DatabaseWith(const DatabaseFacts& changes, int known_schema = 3) {
  DatabaseFacts facts = {{"archive_mode", "on"},
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

TEST(DoctorDatabaseTest, CallsAProblemWhatLosesMoney) {
  const std::vector<std::pair<DatabaseFacts, std::string>> cases = {
      {{{"fsync", "off"}}, "fsync"},
      {{{"full_page_writes", "off"}}, "full_page_writes"},
      {{{"synchronous_standbys", "0"}}, "synchronous_standby"},
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

Health HealthAfter(absl::Duration left) {
  Diagnosis diagnosis;
  const absl::Time now = absl::Now();
  JudgeCertificate("tls.crt",
                   {.subject = "CN=budget",
                    .not_before = now - kDay,
                    .not_after = now + left},
                   now, diagnosis);
  return diagnosis.findings().front().health;
}

TEST(DoctorCertificateTest, WarnsAFortnightBeforeItExpires) {
  EXPECT_EQ(HealthAfter(15 * kDay), Health::kOk);
  EXPECT_EQ(HealthAfter(13 * kDay), Health::kWarning);
  EXPECT_EQ(HealthAfter(-kDay), Health::kProblem);
}

TEST(DoctorCertificateTest, ReadsAFile) {
  const ScratchDir scratch;
  const std::string file = scratch / "tls.crt";
  ReplaceFile(file, TestCa("authority")
                        .Issue({.not_after = absl::Now() + 30 * kDay})
                        .certificate);
  const auto certificate = ReadCertificate(file);
  ASSERT_TRUE(certificate.ok()) << certificate.status();
  EXPECT_EQ(certificate->subject, "CN=leaf");
  EXPECT_GT(certificate->not_after, absl::Now() + 29 * kDay);
  EXPECT_LT(certificate->not_after, absl::Now() + 31 * kDay);
  EXPECT_TRUE(absl::IsNotFound(ReadCertificate(scratch / "none").status()));
  std::ofstream(file) << "no certificate";
  EXPECT_TRUE(absl::IsInvalidArgument(ReadCertificate(file).status()));
}

// A gRPC server on a free port.
class Listener {
 public:
  explicit Listener(std::shared_ptr<grpc::ServerCredentials> credentials) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", std::move(credentials), &port_);
    builder.RegisterCallbackGenericService(&service_);
    server_ = builder.BuildAndStart();
  }
  std::string endpoint() const { return absl::StrCat("127.0.0.1:", port_); }

 private:
  grpc::CallbackGenericService service_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

// An authority, a client of it, and servers that trust its clients.
class DoctorTlsTest : public ::testing::Test {
 protected:
  DoctorTlsTest() { ReplaceFile(scratch_ / "ca", ca_.certificate()); }

  static std::shared_ptr<grpc::ServerCredentials> Showing(
      const PemPair& pair) {
    grpc::SslServerCredentialsOptions options;
    options.pem_key_cert_pairs = {{pair.key, pair.certificate}};
    return grpc::SslServerCredentials(options);
  }

  std::shared_ptr<grpc::ServerCredentials> RequiringCertificates() const {
    grpc::SslServerCredentialsOptions options(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    const PemPair pair = ca_.IssueServer();
    options.pem_root_certs = ca_.certificate();
    options.pem_key_cert_pairs = {{pair.key, pair.certificate}};
    return grpc::SslServerCredentials(options);
  }

  Security Trusting() const {
    return {.tls = true, .roots_file = scratch_ / "ca"};
  }

  // With a certificate of `authority`.
  Security Introduced(const TestCa& authority) const {
    const PemPair pair = authority.Issue({.names = {"DNS:gateway"}});
    ReplaceFile(scratch_ / "client.crt", pair.certificate);
    ReplaceFile(scratch_ / "client.key", pair.key);
    Security security = Trusting();
    security.certificate_file = scratch_ / "client.crt";
    security.key_file = scratch_ / "client.key";
    return security;
  }

  // What is said of a server that speaks TLS.
  static Diagnosis Judged(const std::string& endpoint,
                          const Security& security) {
    Diagnosis diagnosis;
    const auto handshake = ShakeHands(endpoint, security, kPatience);
    EXPECT_TRUE(handshake.ok() && *handshake) << handshake.status();
    if (handshake.ok() && *handshake) {
      JudgeHandshake(endpoint, **handshake, security, absl::Now(), diagnosis);
    }
    return diagnosis;
  }

  const ScratchDir scratch_;
  const TestCa ca_{"authority"};
};

TEST_F(DoctorTlsTest, AsksAServerForItsCertificate) {
  const absl::Time now = absl::Now();
  const Listener listener(Showing(ca_.Issue(
      {.names = {"IP:127.0.0.1"}, .not_before = now - 2 * kDay,
       .not_after = now - kDay})));
  const auto handshake = ShakeHands(listener.endpoint(), {}, kPatience);
  ASSERT_TRUE(handshake.ok()) << handshake.status();
  ASSERT_TRUE(handshake->has_value());
  EXPECT_EQ((*handshake)->certificate.subject, "CN=leaf");
  EXPECT_LT((*handshake)->certificate.not_after, now);
  EXPECT_THAT(Complaints(Judged(listener.endpoint(), Trusting())),
              ::testing::ElementsAre("certificate"));
}

TEST_F(DoctorTlsTest, TrustsAsTheFlagsSay) {
  const Listener listener(Showing(ca_.IssueServer()));
  Diagnosis diagnosis = Judged(listener.endpoint(), Trusting());
  EXPECT_TRUE(diagnosis.healthy());
  EXPECT_THAT(FindingOf(diagnosis, "tls").text, HasSubstr("is trusted"));

  Security other = Trusting();
  other.server_name = "budget.internal";
  diagnosis = Judged(listener.endpoint(), other);
  EXPECT_FALSE(diagnosis.healthy());
  EXPECT_THAT(FindingOf(diagnosis, "tls").text, HasSubstr("ostname mismatch"));

  ReplaceFile(scratch_ / "ca", TestCa("another").certificate());
  diagnosis = Judged(listener.endpoint(), Trusting());
  EXPECT_THAT(FindingOf(diagnosis, "tls").text, HasSubstr("is not trusted"));

  diagnosis = Judged(listener.endpoint(), {});
  EXPECT_FALSE(diagnosis.healthy());
  EXPECT_THAT(FindingOf(diagnosis, "tls").remedy, HasSubstr("--tls-ca"));
}

TEST_F(DoctorTlsTest, SaysWhomTheServerDoesNotLetIn) {
  const Listener listener(RequiringCertificates());
  EXPECT_TRUE(Judged(listener.endpoint(), Introduced(ca_)).healthy());
  for (const Security& stranger :
       {Trusting(), Introduced(TestCa("another"))}) {
    const Diagnosis diagnosis = Judged(listener.endpoint(), stranger);
    EXPECT_FALSE(diagnosis.healthy());
    EXPECT_THAT(FindingOf(diagnosis, "tls").text,
                HasSubstr("does not let this client in"));
  }
}

TEST_F(DoctorTlsTest, NamesTheFlagWhoseFileIsOfNoUse) {
  Security security = Introduced(ca_);
  EXPECT_TRUE(CheckFiles(security).ok());
  ReplaceFile(security.key_file, ca_.Issue({}).key);
  EXPECT_THAT(std::string(CheckFiles(security).message()),
              AllOf(HasSubstr("--tls-key"), HasSubstr("--tls-cert")));
  ReplaceFile(security.certificate_file, "nothing");
  EXPECT_THAT(std::string(CheckFiles(security).message()),
              HasSubstr("--tls-cert"));
  ReplaceFile(security.roots_file, "nothing");
  EXPECT_THAT(std::string(CheckFiles(security).message()),
              HasSubstr("--tls-ca"));
}

TEST_F(DoctorTlsTest, SeesPlainText) {
  std::string endpoint;
  {
    const Listener listener(grpc::InsecureServerCredentials());
    endpoint = listener.endpoint();
    const auto handshake = ShakeHands(endpoint, {}, kPatience);
    ASSERT_TRUE(handshake.ok()) << handshake.status();
    EXPECT_FALSE(handshake->has_value());
  }
  EXPECT_TRUE(
      absl::IsUnavailable(ShakeHands(endpoint, {}, kPatience).status()));
}

TEST_F(DoctorTlsTest, PlainTextIsFineOnThisMachineOnly) {
  Diagnosis diagnosis;
  JudgePlainText("127.0.0.1:7443", {}, diagnosis);
  EXPECT_THAT(Complaints(diagnosis), IsEmpty());
  JudgePlainText("10.0.0.7:7443", {}, diagnosis);
  EXPECT_THAT(Complaints(diagnosis), ::testing::ElementsAre("tls"));
  EXPECT_TRUE(diagnosis.healthy());
  JudgePlainText("127.0.0.1:7443", Trusting(), diagnosis);
  EXPECT_FALSE(diagnosis.healthy());
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
