#include "client/ctl/doctor/lockdown.h"

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace budget {
namespace {

constexpr int64_t kUnsealedWarningSeconds = 600;
// No --seal-interval is longer than an hour.
constexpr int64_t kUnsealedProblemSeconds = 7200;

Finding Found(std::string check, std::string text) {
  return {.check = std::move(check),
          .subject = "database",
          .text = std::move(text)};
}

Finding JudgeRole(const DatabaseFacts& facts) {
  const std::string role = TextOf(facts, "role");
  const bool superuser = TextOf(facts, "role_superuser") == "on";
  if (superuser || TextOf(facts, "role_owner") == "on") {
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
  const std::string changes = TextOf(facts, "role_changes");
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
  const std::string unguarded = TextOf(facts, "unguarded");
  if (unguarded.empty()) {
    return Found("append_only", "triggers refuse changes of the ledger, its "
                                "seals and the log of access");
  }
  Finding finding = Found("append_only", "");
  if (TextOf(facts, "guard") == "on") {
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
  const int64_t unsealed = NumberOf(facts, "unsealed_s");
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
  if (TextOf(facts, kSeesTokens) != "on") {
    Finding finding = Found("tokens", "tokens cannot be seen by this role");
    finding.health = Health::kSkipped;
    return finding;
  }
  const int64_t endless = NumberOf(facts, "endless_tokens");
  if (endless == 0) {
    return Found("tokens", "every administrator's token has an end");
  }
  Finding finding = Found(
      "tokens", absl::StrCat("tokens of administrators without an end: ",
                             endless, " (", TextOf(facts, "endless_token_ids"),
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
