#include "client/ctl/doctor/replicas.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "client/ctl/roots.h"
#include "client/ctl/views.h"
#include "client/src/loopback.h"

namespace budget {
namespace {

constexpr absl::Duration kSkewWarning = absl::Seconds(1);
constexpr absl::Duration kSkewProblem = absl::Seconds(30);
constexpr int kAllocationsMax = 1000;

std::string Rounded(absl::Duration duration) {
  const absl::Duration step =
      duration > absl::Minutes(1) ? absl::Seconds(1) : absl::Milliseconds(1);
  return absl::FormatDuration(absl::Trunc(duration, step));
}

void JudgeServing(const ReplicaFacts& replica, Diagnosis& diagnosis) {
  Finding finding{.check = "serving", .subject = replica.endpoint};
  if (replica.serving.ok()) {
    finding.text = "serves";
  } else if (absl::StrContains(replica.serving.message(), "NOT_SERVING")) {
    finding.health = Health::kProblem;
    finding.text = "runs, but says NOT_SERVING: its database does not answer, "
                   "or it is stopping";
    finding.remedy = "look for database_lost or draining in its log; if it is "
                     "the database, see \"Failover\" in the runbook";
  } else {
    finding.health = Health::kProblem;
    finding.text = absl::StrCat("does not answer (", replica.serving.message(),
                                ")");
    finding.remedy = "start budgetd there, or correct --endpoint; if it runs, "
                     "look at its --listen, at the network, and at what is "
                     "said of TLS below";
  }
  diagnosis.Add(std::move(finding));
}

void JudgeVersion(const ReplicaFacts& replica, Diagnosis& diagnosis) {
  Finding finding{.check = "version", .subject = replica.endpoint};
  const absl::Status& status = replica.info.status();
  if (status.ok()) {
    finding.text = absl::StrCat(
        "is release ", replica.info->version(), ", knows migration ",
        replica.info->schema_version(), ", serves for ",
        Rounded(TimeOf(replica.info->replica_time()) -
                TimeOf(replica.info->start_time())));
  } else if (absl::IsUnimplemented(status)) {
    finding.health = Health::kWarning;
    finding.text = "is a release that cannot say which one it is";
    finding.remedy = "upgrade it";
  } else {
    finding.health = Health::kProblem;
    finding.text = absl::StrCat("does not say which release it is (",
                                status.message(), ")");
    finding.remedy = "if permission is missing, use a role that may call "
                     "GetServerInfo; otherwise look at its log";
  }
  diagnosis.Add(std::move(finding));
}

// Each clock was read within the round trip, so as much may be no skew.
void JudgeClock(const ReplicaFacts& replica, Diagnosis& diagnosis) {
  if (!replica.info.ok()) return;
  const absl::Duration difference = TimeOf(replica.info->replica_time()) -
                                    TimeOf(replica.info->database_time());
  const absl::Duration skew = std::max(
      absl::ZeroDuration(), absl::AbsDuration(difference) - replica.round_trip);
  Finding finding{.check = "clock", .subject = replica.endpoint};
  if (skew <= kSkewWarning) {
    finding.text = "its clock agrees with the database's";
  } else {
    finding.health =
        skew > kSkewProblem ? Health::kProblem : Health::kWarning;
    finding.text = absl::StrCat(
        "its clock is ", Rounded(skew),
        difference > absl::ZeroDuration() ? " ahead of" : " behind",
        " the database's; budgets go by the database, but certificates, "
        "tokens and the times in logs go by it");
    finding.remedy = "synchronize the clocks of both machines (timedatectl, "
                     "chronyc tracking)";
  }
  diagnosis.Add(std::move(finding));
}

// Whoever cannot connect without a certificate has not been asked by budgetd.
void JudgeAccess(const ReplicaFacts& replica, Diagnosis& diagnosis) {
  Finding finding{.check = "auth", .subject = replica.endpoint};
  if (absl::IsUnauthenticated(replica.stranger)) {
    finding.text = "asks callers who they are";
  } else if (!replica.stranger.ok()) {
    return;
  } else if (IsLoopback(replica.endpoint)) {
    finding.health = Health::kWarning;
    finding.text = "asks nobody who they are: every user of that machine, and "
                   "whoever a proxy on it lets through, may do everything";
    finding.remedy = "give budgetd --auth required, and callers tokens: "
                     "budgetd token create makes the first";
  } else {
    finding.health = Health::kProblem;
    finding.text = "asks nobody who they are: whoever reaches it may do "
                   "everything";
    finding.remedy = "give budgetd --auth required at once, and callers "
                     "tokens: budgetd token create makes the first; the ledger "
                     "says what was done meanwhile";
  }
  diagnosis.Add(std::move(finding));
}

// Whether the two can be of one database: what was created in between may be
// in one of them only.
bool MaySee(const std::map<std::string, absl::Time>& a,
            const std::map<std::string, absl::Time>& b) {
  if (a.empty() || b.empty()) return a.empty() == b.empty();
  int common = 0;
  for (const auto& [path, created] : a) {
    const auto other = b.find(path);
    if (other == b.end()) continue;
    if (other->second != created) return false;
    ++common;
  }
  return common > 0;
}

void JudgeSameDatabase(absl::Span<const ReplicaFacts> replicas,
                       Diagnosis& diagnosis) {
  const ReplicaFacts* first = nullptr;
  int compared = 0;
  for (const ReplicaFacts& replica : replicas) {
    if (!replica.allocations.ok()) continue;
    if (first == nullptr) {
      first = &replica;
      continue;
    }
    ++compared;
    if (MaySee(*first->allocations, *replica.allocations)) continue;
    diagnosis.Add(
        {.health = Health::kProblem,
         .check = "same_database",
         .subject = replica.endpoint,
         .text = absl::StrCat("shows other allocations than ", first->endpoint,
                              ": they do not share a database, so each would "
                              "let the whole budget be spent"),
         .remedy = "stop one of them now, give both the same --database-url, "
                   "and look in both databases for what was spent meanwhile"});
    return;
  }
  if (compared == 0) return;
  diagnosis.Add({.check = "same_database",
                 .subject = "replicas",
                 .text = "share one database"});
}

void JudgeSameRelease(absl::Span<const ReplicaFacts> replicas,
                      Diagnosis& diagnosis) {
  std::set<std::string> versions;
  int known = 0;
  for (const ReplicaFacts& replica : replicas) {
    if (!replica.info.ok()) continue;
    versions.insert(absl::StrCat(replica.info->version(), " (migration ",
                                 replica.info->schema_version(), ")"));
    ++known;
  }
  if (known < 2) return;
  Finding finding{.check = "same_release", .subject = "replicas"};
  if (versions.size() == 1) {
    finding.text = "run one release";
  } else {
    finding.health = Health::kWarning;
    finding.text = absl::StrCat("run several releases: ",
                                absl::StrJoin(versions, ", "),
                                "; fine while you upgrade, not for long");
    finding.remedy = "finish the upgrade, or roll back (\"Rollback\" in the "
                     "runbook)";
  }
  diagnosis.Add(std::move(finding));
}

void VerifyOne(Client& client, const std::string& root,
               const CallOptions& options, Diagnosis& diagnosis) {
  v1::VerifyRequest request;
  request.set_root(root);
  const auto answer = client.Verify(request, options);
  Finding finding{.check = "drift", .subject = root};
  if (!answer.ok()) {
    finding.health = Health::kProblem;
    finding.text =
        absl::StrCat("could not be verified (", answer.status().message(), ")");
    finding.remedy = "try budgetctl verify with a longer --timeout";
  } else if (answer->ok()) {
    finding.text = absl::StrCat("ledger and counters agree (",
                                answer->entries(), " entries)");
  } else {
    finding.health = Health::kProblem;
    finding.text = absl::StrCat(
        answer->discrepancies_total(),
        " counters, reservations or acknowledged entries disagree with the "
        "ledger, the first: ",
        answer->discrepancies(0).subject(), " (ledger: ",
        answer->discrepancies(0).ledger(), "; against it: ",
        answer->discrepancies(0).stored(), ")");
    finding.remedy = "freeze the root, then follow \"Drift\" in the runbook, "
                     "or \"Failover\" if entries were lost";
  }
  diagnosis.Add(std::move(finding));
}

}  // namespace

ReplicaFacts AskReplica(const std::string& endpoint, Client& client,
                        const absl::Status& serving,
                        const CallOptions& options) {
  ReplicaFacts facts{.endpoint = endpoint, .serving = serving};
  if (!serving.ok()) {
    facts.info = serving;
    facts.allocations = serving;
    return facts;
  }
  const absl::Time asked = absl::Now();
  facts.info = client.GetServerInfo(options);
  facts.round_trip = absl::Now() - asked;
  v1::ListAllocationsRequest request;
  request.set_include_archived(true);
  request.set_page_size(kAllocationsMax);
  const auto page = client.ListAllocations(request, options);
  if (!page.ok()) {
    facts.allocations = page.status();
    return facts;
  }
  std::map<std::string, absl::Time> created;
  for (const v1::Allocation& allocation : page->allocations()) {
    created[allocation.path()] = TimeOf(allocation.create_time());
  }
  facts.allocations = std::move(created);
  return facts;
}

void JudgeReplica(const ReplicaFacts& replica, Diagnosis& diagnosis) {
  JudgeServing(replica, diagnosis);
  if (!replica.serving.ok()) return;
  JudgeVersion(replica, diagnosis);
  JudgeClock(replica, diagnosis);
  JudgeAccess(replica, diagnosis);
}

void JudgeReplicas(absl::Span<const ReplicaFacts> replicas,
                   Diagnosis& diagnosis) {
  JudgeSameRelease(replicas, diagnosis);
  JudgeSameDatabase(replicas, diagnosis);
}

void VerifySample(Client& client, int max, const CallOptions& options,
                  Diagnosis& diagnosis) {
  if (max == 0) {
    diagnosis.Add({.health = Health::kSkipped,
                   .check = "drift",
                   .subject = "roots",
                   .text = "not verified, as --verify-roots 0 asks"});
    return;
  }
  const auto roots = ListRoots(client, options);
  if (!roots.ok()) {
    diagnosis.Add({.health = Health::kProblem,
                   .check = "drift",
                   .subject = "roots",
                   .text = absl::StrCat("could not be listed (",
                                        roots.status().message(), ")"),
                   .remedy = "see what is said of the endpoints"});
    return;
  }
  if (roots->empty()) {
    diagnosis.Add({.health = Health::kSkipped,
                   .check = "drift",
                   .subject = "roots",
                   .text = "there are none to verify yet"});
    return;
  }
  const size_t count = std::min(roots->size(), static_cast<size_t>(max));
  for (size_t i = 0; i < count; ++i) {
    VerifyOne(client, (*roots)[i * roots->size() / count], options, diagnosis);
  }
}

}  // namespace budget
