#include "server/metrics/verify_walk.h"

#include <algorithm>
#include <vector>

namespace budget {

VerifyWalk::VerifyWalk(Store& store, Clock& clock,
                       const VerifyWalkOptions& options, ServiceMeters& meters)
    : store_(store),
      clock_(clock),
      options_(options),
      meters_(meters),
      after_(options.after),
      from_the_start_(after_.empty()) {}

void VerifyWalk::Step() {
  const absl::Time began = clock_.Now();
  if (began < next_) return;
  const absl::StatusOr<std::vector<std::string>> roots =
      store_.Roots(after_, 1);
  if (!roots.ok()) {
    meters_.verify_failed.Add();
  } else if (roots->empty()) {
    BeginAnew();
  } else {
    after_ = roots->front();
    Verify(after_);
  }
  const absl::Time ended = clock_.Now();
  next_ = ended + std::max(options_.interval, kTimesAsLong * (ended - began));
}

void VerifyWalk::BeginAnew() {
  if (from_the_start_) {
    meters_.verify_last_pass_nanos.Set(absl::ToUnixNanos(clock_.Now()));
  }
  from_the_start_ = true;
  after_.clear();
}

void VerifyWalk::Verify(const std::string& root) {
  const auto sequences = store_.LastSequences({&root, 1});
  if (!sequences.ok()) return meters_.verify_failed.Add();
  const auto last = sequences->find(root);
  if (last != sequences->end() && last->second > options_.entries_max) {
    return meters_.verify_skipped.Add();
  }
  const absl::StatusOr<VerifyReport> report = store_.Verify(root, {});
  if (!report.ok()) return meters_.verify_failed.Add();
  Note(root, *report);
}

void VerifyWalk::Note(const std::string& root, const VerifyReport& report) {
  if (report.discrepancies_total == 0) {
    drift_.erase(root);
    meters_.verify_clean.Add();
  } else {
    drift_[root] = report.discrepancies_total;
    meters_.verify_drifted.Add();
    if (options_.on_drift) options_.on_drift(root, report);
  }
  int64_t sum = 0;
  for (const auto& [name, discrepancies] : drift_) sum += discrepancies;
  meters_.verify_drift.Set(sum);
}

}  // namespace budget
