#include "server/lane/denial_log.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "server/domain/reason.h"

namespace budget {
namespace {

int64_t SaturatingAdd(int64_t a, int64_t b) {
  return std::min(a, kAmountMax - std::min(b, kAmountMax)) +
         std::min(b, kAmountMax);
}

void Add(const DenialCount& more, DenialCount& count) {
  count.denials += more.denials;
  for (Unit unit : kUnits) {
    count.requested[unit] =
        SaturatingAdd(count.requested[unit], more.requested[unit]);
  }
  count.last_time = std::max(count.last_time, more.last_time);
}

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
    Count(CountOf(result));
    return;
  }
  for (const Violation& violation : refusal->violations) {
    const Limit* limit = result.set->catalog.FindLimit(violation.limit);
    DenialCount count = CountOf(result);
    count.allocation =
        result.set->catalog.FindAllocation(limit->allocation)->path;
    count.limit = limit->spec.name;
    count.reason = violation.reason;
    Count(std::move(count));
  }
}

void DenialLog::Count(DenialCount count) {
  const auto [at, inserted] = counts_.try_emplace(
      {count.allocation, count.limit, count.reason, count.day}, count);
  if (!inserted) Add(count, at->second);
}

absl::Status DenialLog::Flush() {
  std::map<Key, DenialCount> taken;
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
    for (DenialCount& count : counts) Count(std::move(count));
  }
  return status;
}

}  // namespace budget
