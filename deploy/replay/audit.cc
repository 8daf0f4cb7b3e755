#include "deploy/replay/audit.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace budget::replay {
namespace {

constexpr int kPageSize = 1000;
constexpr int64_t kBuckets = 60;
constexpr size_t kViolationsMax = 100;
constexpr CallOptions kPatient{absl::Seconds(30)};

absl::Time TimeFrom(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) +
         absl::Nanoseconds(time.nanos());
}

int64_t Part(const v1::AmountDeltas& deltas, v1::Unit unit) {
  if (unit == v1::UNIT_USD_NANOS) return deltas.usd_nanos();
  if (unit == v1::UNIT_TOKENS) return deltas.tokens();
  return deltas.requests();
}

std::string WindowName(const v1::Window& window) {
  switch (window.kind_case()) {
    case v1::Window::kCalendar: {
      static constexpr const char* kPeriods[] = {"?",     "hour",    "day", "week",
                                                 "month", "quarter", "year"};
      return kPeriods[window.calendar().period()];
    }
    case v1::Window::kRolling:
      return absl::StrCat("rolling ", window.rolling().duration().seconds(),
                          " s");
    default:
      return "lifetime";
  }
}

// The counters of one limit: spent by window key, and what is held.
struct Fold {
  LimitSeries series;
  int64_t rolling_seconds = 0;  // 0: not rolling
  std::map<int64_t, int64_t> spent;
  std::map<int64_t, int64_t> reserved;
  std::map<int64_t, int64_t> overage;

  // The oldest rolling bucket that still counts at `time`.
  int64_t FirstLive(absl::Time time) const {
    return absl::ToUnixMicros(time) * kBuckets / (rolling_seconds * 1'000'000) -
           kBuckets;
  }
  static int64_t SumFrom(const std::map<int64_t, int64_t>& by_key,
                         int64_t first) {
    int64_t sum = 0;
    for (auto it = by_key.lower_bound(first); it != by_key.end(); ++it) {
      sum += it->second;
    }
    return sum;
  }
  // Of the window `key` where windows are apart; sliding ones count from the
  // first live bucket, holds of any age included.
  SeriesPoint At(absl::Time time, int64_t key) const {
    if (rolling_seconds > 0) {
      return {time, SumFrom(spent, FirstLive(time)), SumFrom(reserved, INT64_MIN)};
    }
    const auto of = [key](const std::map<int64_t, int64_t>& by_key) {
      const auto it = by_key.find(key);
      return it == by_key.end() ? 0 : it->second;
    };
    return {time, of(spent), of(reserved)};
  }
};

// Adds what a sliding window shows while nothing is written: each bucket that
// ages out lowers it.
void Slide(Fold& fold, absl::Time until) {
  std::vector<SeriesPoint>& points = fold.series.points;
  if (fold.rolling_seconds == 0 || points.empty()) return;
  const absl::Duration bucket = absl::Seconds(fold.rolling_seconds) / kBuckets;
  absl::Time time = points.back().time + bucket;
  for (int i = 0; i <= kBuckets + 1 && time < until; ++i, time += bucket) {
    points.push_back(fold.At(time, 0));
  }
}

class Auditor {
 public:
  Auditor(Client& client, std::string root)
      : client_(client), root_(std::move(root)) {}

  absl::StatusOr<AuditResult> Run();

 private:
  absl::Status LoadLimits();
  absl::Status FoldLedger();
  absl::Status CompareWithReads();
  void Apply(const v1::LedgerEntry& entry);
  void Move(const v1::LedgerEntry& entry, const v1::LimitWindow& window);
  void CountKind(const v1::LedgerEntry& entry);
  void Violated(std::string what);

  Client& client_;
  const std::string root_;
  AuditResult result_;
  std::map<std::pair<std::string, std::string>, Fold> folds_;
  std::set<std::string> allocations_;
  absl::Time last_time_ = absl::InfinitePast();
};

absl::StatusOr<AuditResult> Auditor::Run() {
  if (absl::Status s = LoadLimits(); !s.ok()) return s;
  if (absl::Status s = FoldLedger(); !s.ok()) return s;
  if (absl::Status s = CompareWithReads(); !s.ok()) return s;
  for (auto& [name, fold] : folds_) {
    Slide(fold, last_time_);
    result_.limits.push_back(std::move(fold.series));
  }
  return std::move(result_);
}

absl::Status Auditor::LoadLimits() {
  v1::ListAllocationsRequest request;
  request.set_under(root_);
  request.set_page_size(kPageSize);
  do {
    const auto page = client_.ListAllocations(request, kPatient);
    if (!page.ok()) return page.status();
    for (const v1::Allocation& allocation : page->allocations()) {
      allocations_.insert(allocation.path());
      for (const v1::Limit& limit : allocation.limits()) {
        Fold& fold = folds_[{allocation.path(), limit.name()}];
        fold.series.allocation = allocation.path();
        fold.series.limit = limit.name();
        fold.series.unit = limit.unit();
        fold.series.window = WindowName(limit.window());
        fold.series.cap = limit.has_cap() ? limit.cap() : INT64_MAX;
        fold.rolling_seconds = limit.window().rolling().duration().seconds();
      }
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::Status Auditor::FoldLedger() {
  v1::ListLedgerEntriesRequest request;
  request.set_root(root_);
  request.set_page_size(kPageSize);
  do {
    const auto page = client_.ListLedgerEntries(request, kPatient);
    if (!page.ok()) return page.status();
    for (const v1::LedgerEntry& entry : page->entries()) Apply(entry);
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

void Auditor::Apply(const v1::LedgerEntry& entry) {
  if (entry.sequence() != ++result_.entries) {
    Violated(absl::StrCat("entry ", result_.entries, " has the number ",
                          entry.sequence()));
    result_.entries = entry.sequence();
  }
  const absl::Time time = TimeFrom(entry.time());
  if (time < last_time_) {
    Violated(absl::StrCat("time falls at entry ", entry.sequence()));
  }
  last_time_ = time;
  CountKind(entry);
  for (const v1::LimitWindow& window : entry.limit_windows()) {
    Move(entry, window);
  }
}

void Auditor::CountKind(const v1::LedgerEntry& entry) {
  switch (entry.kind()) {
    case v1::LEDGER_ENTRY_KIND_RESERVE:
      ++result_.holds;
      break;
    case v1::LEDGER_ENTRY_KIND_RELEASE:
      ++result_.released;
      break;
    case v1::LEDGER_ENTRY_KIND_EXPIRE:
      ++result_.expired;
      break;
    case v1::LEDGER_ENTRY_KIND_SETTLE:
      ++result_.settled;
      break;
    default:
      break;
  }
  if (!entry.reservation_id().empty()) {
    result_.booked_tokens[entry.reservation_id()] +=
        entry.spent().tokens() + entry.overage().tokens();
  }
}

void Auditor::Move(const v1::LedgerEntry& entry,
                   const v1::LimitWindow& window) {
  const auto it = folds_.find({window.allocation(), window.limit()});
  if (it == folds_.end()) {
    return Violated(absl::StrCat("entry ", entry.sequence(),
                                 " moves an unknown limit ",
                                 window.allocation(), " ", window.limit()));
  }
  Fold& fold = it->second;
  Slide(fold, last_time_);
  const int64_t key = window.window_key();
  const v1::Unit unit = fold.series.unit;
  fold.spent[key] += Part(entry.spent(), unit);
  fold.reserved[key] += Part(entry.reserved(), unit);
  fold.overage[key] += Part(entry.overage(), unit);
  const SeriesPoint point = fold.At(TimeFrom(entry.time()), key);
  fold.series.points.push_back(point);
  fold.series.peak = std::max(fold.series.peak, point.spent + point.reserved);
  ++result_.prefixes_checked;
  if (point.spent + point.reserved > fold.series.cap) {
    Violated(absl::StrCat("after entry ", entry.sequence(), " ",
                          window.allocation(), " ", window.limit(), " has ",
                          point.spent, " spent + ", point.reserved,
                          " reserved over the cap ", fold.series.cap));
  }
  if (fold.spent[key] < 0 || fold.reserved[key] < 0 || fold.overage[key] < 0) {
    Violated(absl::StrCat("below zero after entry ", entry.sequence()));
  }
}

absl::Status Auditor::CompareWithReads() {
  for (const std::string& allocation : allocations_) {
    v1::QueryRemainingRequest request;
    request.set_allocation(allocation);
    const auto read = client_.QueryRemaining(request, kPatient);
    if (!read.ok()) return read.status();
    for (const v1::LimitStatus& status : read->limits()) {
      if (status.allocation() != allocation) continue;
      Fold& fold = folds_[{allocation, status.limit()}];
      const absl::Time now = TimeFrom(read->read_time());
      const bool rolling = fold.rolling_seconds > 0;
      const int64_t key =
          rolling ? fold.FirstLive(now) : status.window_start().seconds();
      const SeriesPoint point = fold.At(now, key);
      fold.series.overage =
          rolling ? Fold::SumFrom(fold.overage, key) : fold.overage[key];
      if (point.spent != status.spent() || point.reserved != status.reserved() ||
          fold.series.overage != status.overage()) {
        Violated(absl::StrCat(
            allocation, " ", status.limit(), ": the ledger says ", point.spent,
            " spent, ", point.reserved, " reserved, ", fold.series.overage,
            " overage; the service says ", status.spent(), ", ",
            status.reserved(), ", ", status.overage()));
      }
    }
  }
  return absl::OkStatus();
}

void Auditor::Violated(std::string what) {
  if (result_.violations.size() < kViolationsMax) {
    result_.violations.push_back(std::move(what));
  }
}

}  // namespace

absl::StatusOr<AuditResult> AuditLedger(Client& client,
                                        const std::string& root) {
  return Auditor(client, root).Run();
}

absl::Status WaitUntilNothingIsHeld(Client& client, const std::string& root,
                                    absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  v1::ListLedgerEntriesRequest request;
  request.set_root(root);
  request.set_page_size(kPageSize);
  int64_t requests_held = 0;
  for (;;) {
    const auto page = client.ListLedgerEntries(request, kPatient);
    if (!page.ok()) return page.status();
    for (const v1::LedgerEntry& entry : page->entries()) {
      requests_held += entry.reserved().requests();
      request.set_after_sequence(entry.sequence());
    }
    if (!page->next_page_token().empty()) continue;
    if (requests_held == 0) return absl::OkStatus();
    if (absl::Now() > deadline) {
      return absl::DeadlineExceededError(
          absl::StrCat(requests_held, " calls are still held ",
                       absl::FormatDuration(timeout), " after the last one"));
    }
    absl::SleepFor(absl::Milliseconds(100));
  }
}

}  // namespace budget::replay
