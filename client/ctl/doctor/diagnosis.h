#ifndef BUDGET_CTL_DOCTOR_DIAGNOSIS_H_
#define BUDGET_CTL_DOCTOR_DIAGNOSIS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace budget {

enum class Health {
  kOk,
  kSkipped,  // could not or should not be looked at
  kWarning,  // works, but something is missing or coming
  kProblem,  // wrong now
};

// "ok", "skipped", "warning", "problem": as in --json.
absl::string_view NameOf(Health health);

// One thing that was looked at.
struct Finding {
  Health health = Health::kOk;
  std::string check;    // what was looked for: "clock"
  std::string subject;  // at what: an endpoint, "database", a root, a file
  std::string text;     // what is so
  std::string remedy;   // what to do about it; empty where nothing is wrong
};

// What was found, in the order of looking. Not thread-safe.
class Diagnosis {
 public:
  void Add(Finding finding) { findings_.push_back(std::move(finding)); }

  const std::vector<Finding>& findings() const { return findings_; }
  int Count(Health health) const;
  // Nothing is wrong now; there may be warnings.
  bool healthy() const { return Count(Health::kProblem) == 0; }

  // For people, with a line that counts at the end.
  std::string ToText() const;
  std::string ToJson() const;

 private:
  std::vector<Finding> findings_;
};

}  // namespace budget

#endif  // BUDGET_CTL_DOCTOR_DIAGNOSIS_H_
