#include "client/ctl/doctor/diagnosis.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace budget {
namespace {

// Those that need somebody stand out.
absl::string_view LabelOf(Health health) {
  return health == Health::kProblem ? "PROBLEM" : NameOf(health);
}

std::string Counted(int count, absl::string_view what) {
  return absl::StrCat(count, " ", what, count == 1 ? "" : "s");
}

}  // namespace

absl::string_view NameOf(Health health) {
  switch (health) {
    case Health::kOk:
      return "ok";
    case Health::kSkipped:
      return "skipped";
    case Health::kWarning:
      return "warning";
    case Health::kProblem:
      return "problem";
  }
  return "";
}

int Diagnosis::Count(Health health) const {
  return static_cast<int>(std::count_if(
      findings_.begin(), findings_.end(),
      [health](const Finding& f) { return f.health == health; }));
}

std::string Diagnosis::ToText() const {
  std::string text;
  for (const Finding& finding : findings_) {
    absl::StrAppendFormat(&text, "%-8s %s: %s\n", LabelOf(finding.health),
                          finding.subject, finding.text);
    if (finding.remedy.empty()) continue;
    absl::StrAppendFormat(&text, "%-8s remedy: %s\n", "", finding.remedy);
  }
  absl::StrAppend(&text, Counted(Count(Health::kProblem), "problem"), ", ",
                  Counted(Count(Health::kWarning), "warning"), ", ",
                  Count(Health::kOk), " ok, ", Count(Health::kSkipped),
                  " skipped\n");
  return text;
}

std::string Diagnosis::ToJson() const {
  nlohmann::ordered_json json;
  json["healthy"] = healthy();
  json["problems"] = Count(Health::kProblem);
  json["warnings"] = Count(Health::kWarning);
  json["findings"] = nlohmann::ordered_json::array();
  for (const Finding& finding : findings_) {
    json["findings"].push_back({{"health", std::string(NameOf(finding.health))},
                                {"check", finding.check},
                                {"subject", finding.subject},
                                {"text", finding.text},
                                {"remedy", finding.remedy}});
  }
  // Whatever a server said is shown, even if it is no UTF-8.
  return json.dump(2, ' ', false,
                   nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace budget
