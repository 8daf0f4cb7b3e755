#include "client/ctl/doctor/lockdown.h"

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace budget {

// Prices are no part of the hash chain, and have no trigger.
const char kLockdownFacts[] = R"sql(
SELECT 'role', current_user::text
UNION ALL SELECT 'role_superuser', CASE WHEN rolsuper THEN 'on' ELSE 'off' END
  FROM pg_roles WHERE rolname = current_user
UNION ALL SELECT 'role_owner',
  CASE WHEN pg_has_role(relowner, 'USAGE') THEN 'on' ELSE 'off' END
  FROM pg_class WHERE oid = 'budget.ledger'::regclass
UNION ALL SELECT 'role_changes', string_agg(name, ', ' ORDER BY name)
  FROM (VALUES ('ledger'), ('seals'), ('access_log'), ('prices')) AS t (name)
  WHERE has_table_privilege('budget.' || name, 'UPDATE, DELETE, TRUNCATE')
    OR has_any_column_privilege('budget.' || name, 'UPDATE')
UNION ALL SELECT 'guard',
  CASE WHEN to_regproc('budget.refuse_change') IS NULL THEN 'off'
       ELSE 'on' END
UNION ALL SELECT 'unguarded', string_agg(name, ', ' ORDER BY name)
  FROM (VALUES ('ledger'), ('seals'), ('access_log')) AS t (name)
  WHERE NOT EXISTS (SELECT FROM pg_trigger
    WHERE tgrelid = ('budget.' || name)::regclass AND tgname = 'append_only'
      AND tgenabled IN ('O', 'A'))
UNION ALL SELECT 'unsealed_s',
  extract(epoch FROM clock_timestamp() - min(l.at))::bigint::text
  FROM budget.roots r
  LEFT JOIN LATERAL (SELECT z.last_sequence FROM budget.seals z
    WHERE z.root = r.root ORDER BY z.first_sequence DESC LIMIT 1) s ON true
  JOIN LATERAL (SELECT e.at FROM budget.ledger e
    WHERE e.root = r.root AND e.sequence > coalesce(s.last_sequence, 0)
    ORDER BY e.sequence LIMIT 1) l ON true
  WHERE r.last_sequence > coalesce(s.last_sequence, 0)
UNION ALL SELECT 'sees_tokens',
  CASE WHEN has_table_privilege('budget.tokens', 'SELECT') THEN 'on'
       ELSE 'off' END)sql";

// Role 3 is admin, in budget.v1.Role too.
const char kTokenFacts[] = R"sql(
WITH endless AS (SELECT t.id FROM budget.tokens t
  WHERE t.expires_at IS NULL AND t.revoked_at IS NULL
    AND EXISTS (SELECT FROM budget.grants g
      WHERE g.principal = t.principal AND g.role = 3))
SELECT 'endless_tokens', count(*)::text FROM endless
UNION ALL SELECT 'endless_token_ids',
  array_to_string((array_agg(id ORDER BY id))[1:5], ', ') FROM endless)sql";

namespace {

constexpr int64_t kUnsealedWarningSeconds = 600;
// No --seal-interval is longer than an hour.
constexpr int64_t kUnsealedProblemSeconds = 7200;

std::string Text(const DatabaseFacts& facts, const std::string& name) {
  const auto fact = facts.find(name);
  return fact == facts.end() ? "" : fact->second;
}

int64_t Number(const DatabaseFacts& facts, const std::string& name) {
  int64_t number = 0;
  return absl::SimpleAtoi(Text(facts, name), &number) ? number : 0;
}

Finding Found(std::string check, std::string text) {
  return {.check = std::move(check),
          .subject = "database",
          .text = std::move(text)};
}

Finding JudgeRole(const DatabaseFacts& facts) {
  const std::string role = Text(facts, "role");
  const bool superuser = Text(facts, "role_superuser") == "on";
  if (superuser || Text(facts, "role_owner") == "on") {
    Finding finding = Found(
        "role", absl::StrCat("role ", role,
                             superuser ? " is a superuser" : " owns the ledger",
                             ": whoever has its password can change what is "
                             "written"));
    finding.health = Health::kWarning;
    finding.remedy =
        "make the roles of sql/roles.sql and give budgetd a member of "
        "budget_service, as sql/README.md shows; if budgetd has one already, "
        "name that one in --database-url";
    return finding;
  }
  const std::string changes = Text(facts, "role_changes");
  if (changes.empty()) {
    return Found("role", absl::StrCat("role ", role,
                                      " cannot change what is written"));
  }
  Finding finding =
      Found("role", absl::StrCat("role ", role,
                                 " may change or delete what must only grow: ",
                                 changes));
  finding.health = Health::kProblem;
  finding.remedy = "take it back: budgetd migrate as the owner does so for the "
                   "roles of sql/roles.sql, REVOKE for others; then budgetctl "
                   "checkpoint check, for it may have been used";
  return finding;
}

Finding JudgeGuard(const DatabaseFacts& facts) {
  const std::string unguarded = Text(facts, "unguarded");
  if (unguarded.empty()) {
    return Found("append_only", "triggers refuse changes of the ledger, its "
                                "seals and the log of access");
  }
  Finding finding = Found("append_only", "");
  if (Text(facts, "guard") == "on") {
    finding.health = Health::kProblem;
    finding.text = absl::StrCat("the trigger that refuses changes is missing "
                                "or turned off on ", unguarded);
    finding.remedy = "ask who has done that; budgetd migrate as the owner "
                     "makes it again; then budgetctl verify --all and "
                     "budgetctl checkpoint check";
  } else {
    finding.health = Health::kWarning;
    finding.text = absl::StrCat("no trigger refuses changes of ", unguarded);
    finding.remedy = "run sql/roles.sql as a superuser, once: then not even "
                     "the owner changes them by mistake";
  }
  return finding;
}

Finding JudgeSeals(const DatabaseFacts& facts) {
  const int64_t unsealed = Number(facts, "unsealed_s");
  if (unsealed <= kUnsealedWarningSeconds) {
    return Found("seals", "no entry has been without a seal for long");
  }
  Finding finding =
      Found("seals", absl::StrCat("an entry has had no seal for ", unsealed,
                                  " s: nobody would see that it was changed"));
  finding.health = unsealed > kUnsealedProblemSeconds ? Health::kProblem
                                                      : Health::kWarning;
  finding.remedy = "look for sealing_failed, ledger_not_sealed and sealing_off "
                   "in the logs; \"BudgetSealLag\" in the runbook";
  return finding;
}

Finding JudgeTokens(const DatabaseFacts& facts) {
  if (Text(facts, kSeesTokens) != "on") {
    Finding finding = Found("tokens", "tokens cannot be seen by this role");
    finding.health = Health::kSkipped;
    return finding;
  }
  const int64_t endless = Number(facts, "endless_tokens");
  if (endless == 0) {
    return Found("tokens", "every administrator's token has an end");
  }
  Finding finding = Found(
      "tokens", absl::StrCat("tokens of administrators without an end: ",
                             endless, " (", Text(facts, "endless_token_ids"),
                             endless > 5 ? ", ...)" : ")"));
  finding.health = Health::kWarning;
  finding.remedy = "give each bearer one of budgetctl token create --ttl 30d, "
                   "then budgetctl token revoke the old one";
  return finding;
}

}  // namespace

void JudgeLockdown(const DatabaseFacts& facts, Diagnosis& diagnosis) {
  if (!facts.contains("role")) return;
  diagnosis.Add(JudgeRole(facts));
  diagnosis.Add(JudgeGuard(facts));
  diagnosis.Add(JudgeSeals(facts));
  diagnosis.Add(JudgeTokens(facts));
}

}  // namespace budget
