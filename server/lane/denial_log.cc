#include "server/lane/denial_log.h"

#include <vector>

#include "server/domain/reason.h"

namespace budget {
namespace {

bool IsPreview(const Operation& operation) {
  const auto* reserve = std::get_if<Reserve>(&operation);
  return reserve != nullptr && reserve->validate_only;
}

DenialCount CountOf(const OperationResult& result) {
  const Refusal& refusal = *result.outcome.refusal;
  return {.allocation = refusal.subject,
          .reason = refusal.reason,
          .day = absl::ToCivilDay(result.read_time, absl::UTCTimeZone()),
          .denials = 1,
          .requested = refusal.requested.value_or(Amounts{}),
          .last_time = result.read_time};
}

}  // namespace

void DenialLog::Record(const OperationResult& result,
                       const Operation& operation) {
  const std::optional<Refusal>& refusal = result.outcome.refusal;
  if (!refusal || !IsDenial(refusal->reason) || IsPreview(operation)) return;
  absl::MutexLock lock(&mutex_);
  if (refusal->violations.empty()) {
    Add(CountOf(result), counts_);
    return;
  }
  for (const Violation& violation : refusal->violations) {
    const Limit* limit = result.set->catalog.FindLimit(violation.limit);
    DenialCount count = CountOf(result);
    count.allocation =
        result.set->catalog.FindAllocation(limit->allocation)->path;
    count.limit = limit->spec.name;
    count.reason = violation.reason;
    Add(count, counts_);
  }
}

absl::Status DenialLog::Flush() {
  DenialTotals taken;
  {
    absl::MutexLock lock(&mutex_);
    taken.swap(counts_);
  }
  if (taken.empty()) return absl::OkStatus();
  std::vector<DenialCount> counts;
  for (auto& [key, count] : taken) counts.push_back(count);
  absl::Status status = store_.AddDenials(counts);
  if (!status.ok()) {
    absl::MutexLock lock(&mutex_);
    for (const DenialCount& count : counts) Add(count, counts_);
  }
  return status;
}

}  // namespace budget
