#include "client/ctl/doctor/database.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/ctl/doctor/lockdown.h"

namespace budget {
namespace {

constexpr int kServerVersionMin = 130000;
constexpr int64_t kLongTransactionSeconds = 300;
constexpr int64_t kOverdueWarningSeconds = 5;
constexpr int64_t kOverdueProblemSeconds = 30;
constexpr int64_t kKeptForSlotsMb = 10'240;
constexpr int64_t kIdAgeWarning = 1'000'000'000;
constexpr int64_t kIdAgeProblem = 1'800'000'000;

// Adds what is to be said of the facts, one after another.
class Judge {
 public:
  Judge(const DatabaseFacts& facts, Diagnosis& diagnosis)
      : facts_(facts), diagnosis_(diagnosis) {}

  std::string Text(const std::string& name) const {
    return TextOf(facts_, name);
  }
  int64_t Number(const std::string& name) const {
    return NumberOf(facts_, name);
  }
  bool Is(const std::string& name, absl::string_view value) const {
    return Text(name) == value;
  }

  void Say(Health health, std::string check, std::string text,
           std::string remedy = "") {
    diagnosis_.Add({health, std::move(check), "database", std::move(text),
                    std::move(remedy)});
  }

 private:
  const DatabaseFacts& facts_;
  Diagnosis& diagnosis_;
};

std::string SetIt(absl::string_view name, absl::string_view value) {
  return absl::StrCat("ALTER SYSTEM SET ", name, " = ", value,
                      "; SELECT pg_reload_conf()");
}

void JudgeServer(Judge& judge) {
  if (judge.Number("server_version_num") < kServerVersionMin) {
    judge.Say(Health::kProblem, "server_version",
              "is older than PostgreSQL 13, which budgetd needs",
              "upgrade PostgreSQL");
  }
  if (judge.Is("in_recovery", "on")) {
    judge.Say(Health::kProblem, "primary",
              "is a standby: nothing can be written there",
              "name the primary in --database-url, or all servers, of which "
              "the one that takes writes is asked");
  } else if (judge.Is("default_transaction_read_only", "on")) {
    judge.Say(Health::kProblem, "primary", "takes no writes",
              SetIt("default_transaction_read_only", "off"));
  }
}

void JudgeDurability(Judge& judge) {
  bool durable = true;
  for (const char* name : {"fsync", "full_page_writes"}) {
    if (!judge.Is(name, "off")) continue;
    durable = false;
    judge.Say(Health::kProblem, name,
              absl::StrCat(name, " is off: a power cut may lose acknowledged "
                                 "work and damage the ledger"),
              SetIt(name, "on"));
  }
  if (durable) {
    judge.Say(Health::kOk, "durability", "fsync and full_page_writes are on");
  }
  const std::string commit = judge.Text("synchronous_commit");
  if (commit == "off" || commit == "local") {
    judge.Say(Health::kWarning, "synchronous_commit",
              absl::StrCat("synchronous_commit is ", commit,
                           ": budgetd turns it on for itself, but what others "
                           "write here may be lost"),
              SetIt("synchronous_commit", "on"));
  }
  if (judge.Is("data_checksums", "off")) {
    judge.Say(Health::kWarning, "data_checksums",
              "data checksums are off: damage by disks stays unseen",
              "stop PostgreSQL, pg_checksums --enable, start it");
  }
}

// How many synchronous standbys a commit waits for: of "FIRST 2 (a, b)",
// "ANY 2 (a, b)" and "2 (a, b)" two, of a list of names one.
int64_t StandbysNeeded(absl::string_view names) {
  for (const absl::string_view method : {"FIRST ", "ANY "}) {
    if (absl::StartsWithIgnoreCase(names, method)) {
      names.remove_prefix(method.size());
    }
  }
  int64_t needed = 0;
  const std::vector<absl::string_view> parts = absl::StrSplit(names, '(');
  return parts.size() > 1 && absl::SimpleAtoi(parts.front(), &needed) ? needed
                                                                      : 1;
}

void JudgeStandby(Judge& judge) {
  const std::string names = judge.Text("synchronous_standby_names");
  if (names.empty()) {
    judge.Say(Health::kWarning, "synchronous_standby",
              "there is no synchronous standby: a failover loses what was "
              "acknowledged in the last moments",
              "set synchronous_standby_names, as deploy/failover.md says; "
              "leave it if there is no standby at all");
  } else if (judge.Text("synchronous_standbys").empty()) {
    judge.Say(Health::kSkipped, "synchronous_standby",
              "this role cannot see whether a synchronous standby is connected",
              "GRANT pg_monitor to it");
  } else if (judge.Number("synchronous_standbys") < StandbysNeeded(names)) {
    judge.Say(Health::kProblem, "synchronous_standby",
              absl::StrCat("waits for ", StandbysNeeded(names),
                           " synchronous standby, of which ",
                           judge.Number("synchronous_standbys"),
                           " are connected: no commit is answered"),
              "bring the standby back, or let another one take its place in "
              "synchronous_standby_names");
  } else {
    judge.Say(Health::kOk, "synchronous_standby",
              "commits wait for a synchronous standby");
  }
}

void JudgeArchive(Judge& judge) {
  if (judge.Is("archive_mode", "off")) {
    judge.Say(Health::kWarning, "archive",
              "write-ahead log is not archived: no restore to a point in time",
              "set up backups: \"Backup\" in the runbook");
  } else if (judge.Text("archive_command").empty() &&
             judge.Text("archive_library").empty()) {
    judge.Say(Health::kWarning, "archive",
              "nothing archives write-ahead log: archive_command is empty, and "
              "it piles up until the disk is full",
              "set up backups: \"Backup\" in the runbook");
  } else if (judge.Is("archive_failing", "on")) {
    judge.Say(Health::kProblem, "archive",
              "archiving write-ahead log fails: it piles up until the disk is "
              "full, and a restore ends before it",
              "look for archive_command in PostgreSQL's log and at the room in "
              "the repository of backups");
  } else {
    judge.Say(Health::kOk, "archive", "write-ahead log is archived");
  }
}

void JudgeRoom(Judge& judge) {
  const int64_t usable = judge.Number("max_connections") -
                         judge.Number("superuser_reserved_connections");
  const int64_t used = judge.Number("connections");
  const bool scarce = used * 10 > usable * 8;
  judge.Say(scarce ? Health::kWarning : Health::kOk, "connections",
            absl::StrCat(used, " of ", usable, " connections are in use"),
            scarce ? "raise max_connections: each replica takes up to "
                     "--workers + --read-threads + 7, and an upgrade starts "
                     "one more"
                   : "");
  const bool few = judge.Number("max_pred_locks_per_transaction") < 1024 ||
                   judge.Number("max_pred_locks_per_relation") < 20'000 ||
                   judge.Number("max_pred_locks_per_page") < 64;
  judge.Say(few ? Health::kWarning : Health::kOk, "predicate_locks",
            few ? "there is little room for predicate locks: lanes that run "
                  "side by side conflict without need"
                : "there is room for predicate locks",
            few ? "set max_pred_locks_per_transaction = 1024, "
                  "max_pred_locks_per_relation = 20000 and "
                  "max_pred_locks_per_page = 64, and restart PostgreSQL"
                : "");
  if (judge.Number("wal_kept_for_slots_mb") > kKeptForSlotsMb) {
    judge.Say(Health::kWarning, "replication_slots",
              absl::StrCat("keeps ", judge.Number("wal_kept_for_slots_mb"),
                           " MB of write-ahead log for a replication slot: "
                           "the disk fills up"),
              "bring back who reads the slot, or pg_drop_replication_slot it");
  }
}

void JudgeTransactions(Judge& judge) {
  const int64_t longest = judge.Number("longest_transaction_s");
  if (longest > kLongTransactionSeconds) {
    judge.Say(Health::kWarning, "long_transaction",
              absl::StrCat("a transaction is open for ", longest,
                           " s: rows cannot be cleaned up, and room for "
                           "predicate locks runs out"),
              "find it in pg_stat_activity by xact_start, and end it with "
              "pg_terminate_backend");
  }
  const int64_t age = judge.Number("transaction_id_age");
  if (age > kIdAgeWarning) {
    judge.Say(age > kIdAgeProblem ? Health::kProblem : Health::kWarning,
              "transaction_ids",
              absl::StrCat("the oldest transaction id is ", age,
                           " old: at 2 billion PostgreSQL takes no writes"),
              "VACUUM (FREEZE) the database, and look for what holds "
              "autovacuum back");
  }
}

void JudgeSchema(int known, Judge& judge) {
  if (!judge.Is("has_schema", "on")) {
    judge.Say(Health::kProblem, "schema",
              "has no schema \"budget\" that this role can see",
              "run budgetd migrate, or correct --database-url or the role");
    return;
  }
  const int64_t version = judge.Number("schema_version");
  const std::string is = absl::StrCat("schema is at migration ", version);
  if (known == 0 || version == known) {
    judge.Say(Health::kOk, "schema", is);
  } else if (version < known) {
    judge.Say(Health::kProblem, "schema",
              absl::StrCat(is, ", the replicas know ", known),
              "run budgetd migrate; if it has run, this is another database "
              "than that of the replicas");
  } else if (judge.Number("breaking_version") > known) {
    judge.Say(Health::kProblem, "schema",
              absl::StrCat(is, ", which replicas that know only ", known,
                           " must not work on"),
              "stop those replicas at once and upgrade them");
  } else {
    judge.Say(Health::kWarning, "schema",
              absl::StrCat(is, ", of a newer release than replicas that know ",
                           known, "; they may go on"),
              "finish the upgrade or the rollback");
  }
}

void JudgeSweeper(Judge& judge) {
  const int64_t overdue = judge.Number("overdue_s");
  if (overdue <= kOverdueWarningSeconds) {
    judge.Say(Health::kOk, "sweeper", "nothing that has expired waits");
    return;
  }
  judge.Say(overdue > kOverdueProblemSeconds ? Health::kProblem
                                             : Health::kWarning,
            "sweeper",
            absl::StrCat("holds that expired ", overdue,
                         " s ago have not been ended by any replica"),
            "see \"Stuck sweeper\" in the runbook; look for sweep_failed in "
            "the logs");
}

}  // namespace

void JudgeDatabase(const DatabaseFacts& facts, int known_schema,
                   Diagnosis& diagnosis) {
  Judge judge(facts, diagnosis);
  JudgeServer(judge);
  JudgeDurability(judge);
  JudgeStandby(judge);
  JudgeArchive(judge);
  JudgeRoom(judge);
  JudgeTransactions(judge);
  JudgeSchema(known_schema, judge);
  JudgeSweeper(judge);
  JudgeLockdown(facts, diagnosis);
}

}  // namespace budget
