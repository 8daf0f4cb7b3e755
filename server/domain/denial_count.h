#ifndef BUDGET_DOMAIN_DENIAL_COUNT_H_
#define BUDGET_DOMAIN_DENIAL_COUNT_H_

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "server/domain/amounts.h"
#include "server/domain/reason.h"

namespace budget {

// How often one limit denied for one reason on one UTC day.
struct DenialCount {
  std::string allocation;
  std::string limit;  // empty where no limit was the reason
  Reason reason = Reason::kBudgetExhausted;
  absl::CivilDay day;
  int64_t denials = 0;
  Amounts requested;  // saturates at kAmountMax
  absl::Time last_time;
};

// Counts by allocation, limit, name of the reason and day.
using DenialKey =
    std::tuple<std::string, std::string, std::string, absl::CivilDay>;
using DenialTotals = std::map<DenialKey, DenialCount>;

// Adds `count` to the total of its key.
void Add(const DenialCount& count, DenialTotals& totals);

}  // namespace budget

#endif  // BUDGET_DOMAIN_DENIAL_COUNT_H_
