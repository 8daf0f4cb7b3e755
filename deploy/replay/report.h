#ifndef BUDGET_REPLAY_REPORT_H_
#define BUDGET_REPLAY_REPORT_H_

#include <string>
#include <vector>

#include "deploy/replay/audit.h"
#include "deploy/replay/replay.h"
#include "deploy/replay/trace.h"

namespace budget::replay {

// Everything a demo found out.
struct Report {
  std::string trace;
  int64_t bad_lines = 0;
  int replicas = 0;
  int replicas_killed = 0;
  int replicas_restarted = 0;
  ReplayResult replay;
  AuditResult audit;
  bool verify_ok = false;
  int64_t verify_counters = 0;
  int64_t verify_entries = 0;
  std::vector<std::string> verify_discrepancies;
  bool interrupted = false;

  // What broke: contract, ledger, or acknowledged work that is missing.
  std::vector<std::string> Violations() const;
  bool Ok() const { return verify_ok && !interrupted && Violations().empty(); }
};

// For machines.
std::string ToJson(const Report& report);
// For people.
std::string ToText(const Report& report);

// The `percent`-th percentile; 0 for no values.
absl::Duration Percentile(std::vector<absl::Duration> values, double percent);

}  // namespace budget::replay

#endif  // BUDGET_REPLAY_REPORT_H_
