#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "budget/health.h"
#include "client/ctl/database/facts.h"
#include "client/ctl/doctor/certificate.h"
#include "client/ctl/doctor/database.h"
#include "client/ctl/doctor/replicas.h"
#include "client/ctl/session.h"

namespace budget {
namespace {

struct DoctorFlags {
  std::string database_url;
  std::string database_url_file;
  std::vector<std::string> certificates;
  std::vector<std::string> disks;
  int verify_roots = 3;
};

absl::Status ReadUrlFile(DoctorFlags& flags) {
  if (flags.database_url_file.empty()) return absl::OkStatus();
  std::ifstream file(flags.database_url_file);
  std::getline(file, flags.database_url);
  absl::StripAsciiWhitespace(&flags.database_url);
  if (!flags.database_url.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "--database-url-file is ", flags.database_url_file,
      ", which cannot be read or whose first line is empty"));
}

// What a replica answers who shows neither token nor certificate.
absl::Status AskAsStranger(const Session& session,
                           const std::string& endpoint) {
  Security security = session.security();
  security.token.clear();
  security.token_file.clear();
  security.certificate_file.clear();
  security.key_file.clear();
  auto connection =
      MakeConnection({.endpoints = {endpoint}, .security = security});
  if (!connection.ok()) return connection.status();
  // Who is turned away at the handshake would try until the end.
  constexpr absl::Duration kPatience = absl::Seconds(2);
  return Client(*std::move(connection))
      .GetServerInfo({std::min(session.timeout(), kPatience)})
      .status();
}

// What the replicas say; their newest migration is returned.
absl::StatusOr<int> LookAtReplicas(Session& session, Diagnosis& diagnosis) {
  std::vector<ReplicaFacts> replicas;
  int known_schema = 0;
  for (const std::string& endpoint : session.endpoints()) {
    const absl::Status serving =
        WaitUntilServing(endpoint, session.timeout(), session.security());
    auto client = session.ClientOf({endpoint});
    if (!client.ok()) return client.status();
    replicas.push_back(
        AskReplica(endpoint, *client, serving, session.options()));
    ReplicaFacts& facts = replicas.back();
    if (serving.ok()) facts.stranger = AskAsStranger(session, endpoint);
    JudgeReplica(facts, diagnosis);
    if (!facts.info.ok()) continue;
    known_schema = std::max(known_schema, facts.info->schema_version());
  }
  JudgeReplicas(replicas, diagnosis);
  return known_schema;
}

void LookAtTls(const Session& session, Diagnosis& diagnosis) {
  const Security security = session.security();
  const absl::Status usable = CheckFiles(security);
  if (!usable.ok()) {
    diagnosis.Add({.health = Health::kProblem,
                   .check = "tls",
                   .subject = "budgetctl",
                   .text = std::string(usable.message()),
                   .remedy = "correct the flag or its variable, or run as a "
                             "user that may read the file"});
    return;
  }
  for (const std::string& endpoint : session.endpoints()) {
    const auto handshake = ShakeHands(endpoint, security, session.timeout());
    // That it cannot be reached is said elsewhere.
    if (!handshake.ok()) continue;
    if (*handshake) {
      JudgeHandshake(endpoint, **handshake, security, absl::Now(), diagnosis);
    } else {
      JudgePlainText(endpoint, security, diagnosis);
    }
  }
}

// Those that are named, and the one that this client shows.
void LookAtFiles(const Session& session, const DoctorFlags& flags,
                 Diagnosis& diagnosis) {
  std::vector<std::string> files = flags.certificates;
  const std::string own = session.security().certificate_file;
  if (!own.empty()) files.push_back(own);
  for (const std::string& file : files) {
    const auto certificate = ReadCertificate(file);
    if (certificate.ok()) {
      JudgeCertificate(file, *certificate, absl::Now(), diagnosis);
      continue;
    }
    diagnosis.Add({.health = Health::kProblem,
                   .check = "certificate",
                   .subject = file,
                   .text = std::string(certificate.status().message()),
                   .remedy = "name another file, or run as a user that may "
                             "read it"});
  }
}

void LookAtDisk(const std::string& path, Diagnosis& diagnosis) {
  Finding finding{.check = "disk", .subject = path};
  std::error_code error;
  const std::filesystem::space_info space =
      std::filesystem::space(path, error);
  const uintmax_t percent =
      error || space.capacity == 0 ? 0 : space.available * 100 / space.capacity;
  if (error) {
    finding.health = Health::kProblem;
    finding.text = absl::StrCat("cannot be looked at (", error.message(), ")");
    finding.remedy = "correct --disk";
  } else {
    finding.text = absl::StrCat(percent, "% of the disk are free (",
                                space.available >> 30, " GB)");
    if (percent < 15) {
      finding.health = percent < 5 ? Health::kProblem : Health::kWarning;
      finding.remedy = "make room: \"Disk full\" in the runbook";
    }
  }
  diagnosis.Add(std::move(finding));
}

void LookAtDatabase(const Session& session, const DoctorFlags& flags,
                    int known_schema, Diagnosis& diagnosis) {
  if (flags.database_url.empty()) {
    diagnosis.Add({.health = Health::kSkipped,
                   .check = "database",
                   .subject = "database",
                   .text = "not looked at; --database-url says where it is, "
                           "best with the role of budgetd"});
    return;
  }
  const auto facts = AskDatabase(flags.database_url, session.timeout());
  if (facts.ok()) {
    JudgeDatabase(*facts, known_schema, diagnosis);
    return;
  }
  diagnosis.Add({.health = Health::kProblem,
                 .check = "database",
                 .subject = "database",
                 .text = absl::StrCat("cannot be asked: ",
                                      facts.status().message()),
                 .remedy = "start it, or correct --database-url; a role needs "
                           "SELECT on the schema budget"});
}

absl::Status Diagnose(Session& session, DoctorFlags flags) {
  const absl::Status read = ReadUrlFile(flags);
  if (!read.ok()) return read;
  // A server may hang up while something is written to it.
  signal(SIGPIPE, SIG_IGN);
  Diagnosis diagnosis;
  const auto known_schema = LookAtReplicas(session, diagnosis);
  if (!known_schema.ok()) return known_schema.status();
  LookAtTls(session, diagnosis);
  LookAtFiles(session, flags, diagnosis);
  LookAtDatabase(session, flags, *known_schema, diagnosis);
  for (const std::string& path : flags.disks) LookAtDisk(path, diagnosis);
  // Whether any replica answers has been said already.
  if (*known_schema > 0) {
    VerifySample(session.client(), flags.verify_roots,
                 {std::max(session.timeout(), kVerifyTimeout)}, diagnosis);
  }
  std::cout << (session.json() ? diagnosis.ToJson() + "\n"
                               : diagnosis.ToText());
  if (!diagnosis.healthy()) session.set_exit_code(kExitUnhealthy);
  return absl::OkStatus();
}

}  // namespace

void AddDoctorCommand(CLI::App& app, Session& session) {
  auto flags = std::make_shared<DoctorFlags>();
  CLI::App* doctor = session.AddCommand(
      app, "doctor",
      "Check a deployment and say what is wrong, with the remedy; name every "
      "replica in --endpoint",
      [&session, flags] { return Diagnose(session, *flags); });
  CLI::Option* url = doctor->add_option(
      "--database-url", flags->database_url, "look at the database too");
  doctor
      ->add_option("--database-url-file", flags->database_url_file,
                   "the same, from the first line of a file")
      ->excludes(url);
  doctor->add_option("--certificate", flags->certificates,
                     "certificates in files here, to look at their expiry "
                     "beside that of --tls-cert");
  doctor->add_option("--disk", flags->disks,
                     "directories here, to look at the room on their disks");
  doctor
      ->add_option("--verify-roots", flags->verify_roots,
                   "how many roots to compare with their ledgers")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
}

}  // namespace budget
