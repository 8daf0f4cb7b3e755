#include "server/domain/ledger_fold.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/books.h"

namespace budget {
namespace {

std::string Text(const Counter& counter) {
  const Tally& tally = counter.tally;
  std::string text =
      absl::StrCat("spent ", tally.spent, ", reserved ", tally.reserved,
                   ", overage ", tally.overage, ", unpriced ", tally.unpriced);
  if (!counter.buckets.empty()) {
    absl::StrAppend(&text, " in ", counter.buckets.size(), " buckets");
    for (const Bucket& bucket : counter.buckets) {
      absl::StrAppend(&text, " [", bucket.number, ": ", bucket.spent, "/",
                      bucket.reserved, "/", bucket.overage, "/",
                      bucket.unpriced, "]");
    }
  }
  return text;
}

std::string NameOf(const Catalog& catalog, const Pin& key) {
  const Limit* limit = catalog.FindLimit(key.limit);
  const Allocation* owner =
      limit == nullptr ? nullptr : catalog.FindAllocation(limit->allocation);
  if (owner == nullptr) return absl::StrCat("counter of limit ", key.limit);
  return absl::StrCat("counter ", owner->path, " ", limit->spec.name, " @",
                      key.window);
}

std::string Text(absl::Time time) {
  return absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone());
}

// Such as " for reservation 0198... at 2026-11-21T10:00:00+00:00".
std::string Known(const std::optional<Uuid>& reservation,
                  const std::optional<absl::Time>& at) {
  return absl::StrCat(
      reservation ? absl::StrCat(" for reservation ", reservation->ToString())
                  : "",
      at ? absl::StrCat(" at ", Text(*at)) : "");
}

bool Matches(const ExpectedEntry& expected, const LedgerEntry& entry) {
  return (!expected.reservation ||
          expected.reservation == entry.reservation) &&
         (!expected.at || *expected.at == entry.at);
}

}  // namespace

LedgerFold::LedgerFold(const Catalog& catalog, VerifyReport& report,
                       std::vector<ExpectedEntry> expected)
    : catalog_(catalog), report_(report), expected_(std::move(expected)) {
  std::stable_sort(expected_.begin(), expected_.end(),
                   [](const ExpectedEntry& a, const ExpectedEntry& b) {
                     return a.sequence < b.sequence;
                   });
}

void VerifyReport::Add(Discrepancy discrepancy) {
  ++discrepancies_total;
  if (discrepancies.size() < kDiscrepanciesMax) {
    discrepancies.push_back(std::move(discrepancy));
  }
}

void LedgerFold::Add(const LedgerEntry& entry) {
  ++report_.entries;
  const int64_t expected = report_.ledger_sequence + 1;
  report_.ledger_sequence = entry.sequence;
  const std::string subject = absl::StrCat("entry ", entry.sequence);
  if (entry.sequence != expected) {
    report_.Add({subject, absl::StrCat("sequence ", entry.sequence),
                 absl::StrCat("expected ", expected)});
  }
  if (entry.at < last_time_) {
    report_.Add({subject, absl::StrCat("time ", absl::FormatTime(entry.at)),
                 "time falls within the root"});
  }
  last_time_ = entry.at;
  for (const CapChange& change : entry.caps) {
    caps_[change.limit] = change.cap.value_or(kAmountMax);
  }
  for (const Pin& pin : entry.pins) ApplyToPin(entry, pin);
  if (entry.kind == EntryKind::kSetPrices) NotePrices(entry);
  MeetExpected(entry);
}

void LedgerFold::NotePrices(const LedgerEntry& entry) {
  prices_sequence_ = entry.sequence;
  prices_digest_.clear();
  for (const auto& [key, value] : entry.detail) {
    if (key == kPricesDigestDetail) prices_digest_ = value;
  }
}

void LedgerFold::MeetExpected(const LedgerEntry& entry) {
  for (; next_expected_ < expected_.size(); ++next_expected_) {
    const ExpectedEntry& expected = expected_[next_expected_];
    if (expected.sequence > entry.sequence) return;
    if (expected.sequence == entry.sequence && Matches(expected, entry)) {
      continue;
    }
    report_.Add({absl::StrCat("entry ", expected.sequence),
                 expected.sequence < entry.sequence
                     ? "has none of that number"
                     : absl::StrCat("has another one,",
                                    Known(entry.reservation, entry.at)),
                 absl::StrCat("it was acknowledged",
                              Known(expected.reservation, expected.at),
                              " and is lost")});
  }
}

// What is expected past the end is lost, and so is all before it.
void LedgerFold::ReportMissing() {
  if (next_expected_ == expected_.size()) return;
  const int64_t first = report_.ledger_sequence + 1;
  ExpectedEntry last = expected_.back();
  // Several may know it, each something else of it.
  for (const ExpectedEntry& known : expected_) {
    if (known.sequence != last.sequence) continue;
    if (!last.reservation) last.reservation = known.reservation;
    if (!last.at) last.at = known.at;
  }
  report_.Add({first == last.sequence
                   ? absl::StrCat("entry ", first)
                   : absl::StrCat("entries ", first, " to ", last.sequence),
               absl::StrCat("ends at entry ", report_.ledger_sequence),
               absl::StrCat("entry ", last.sequence, " was acknowledged",
                            Known(last.reservation, last.at),
                            ": what follows the end is lost")});
}

void LedgerFold::ApplyToPin(const LedgerEntry& entry, const Pin& pin) {
  const Limit* limit = catalog_.FindLimit(pin.limit);
  if (limit == nullptr) {
    report_.Add({absl::StrCat("entry ", entry.sequence),
                 absl::StrCat("moves limit ", pin.limit), "no such limit"});
    return;
  }
  Counter& counter = counters_[CounterKeyOf(*limit, pin.window)];
  Age(*limit, entry.at, counter);
  const int64_t before = counter.tally.Usage();
  Apply(*limit, pin.window, DeltaOf(entry, limit->spec.unit), entry.at,
        counter);
  const int64_t after = counter.tally.Usage();
  const auto cap = caps_.find(pin.limit);
  const int64_t ceiling = cap == caps_.end() ? kAmountMax : cap->second;
  // A new limit opens with what the ledger says, which may be past its cap.
  const bool opens = entry.kind == EntryKind::kSetLimit;
  if (after > ceiling && after > before && !opens) {
    report_.Add({absl::StrCat("entry ", entry.sequence, ", ",
                              NameOf(catalog_, pin)),
                 absl::StrCat("spent + reserved rises from ", before, " to ",
                              after),
                 absl::StrCat("past the cap ", ceiling)});
  }
}

void LedgerFold::Compare(const StoredCounter& stored) {
  ++report_.counters;
  const Limit* limit = catalog_.FindLimit(stored.key.limit);
  const auto folded = counters_.find(stored.key);
  Counter counter;
  if (folded != counters_.end()) counter = std::move(folded->second);
  if (limit != nullptr) Age(*limit, stored.as_of, counter);
  if (!(counter == stored.counter)) {
    report_.Add({NameOf(catalog_, stored.key), Text(counter),
                 Text(stored.counter)});
  }
  if (folded != counters_.end()) counters_.erase(folded);
}

void LedgerFold::ComparePrices(absl::Span<const ModelPrice> stored) {
  if (prices_digest_.empty()) return;
  std::string digest = DigestOfPrices(stored);
  if (digest == prices_digest_) return;
  report_.Add({absl::StrCat("prices of entry ", prices_sequence_),
               absl::StrCat("SHA-256 ", prices_digest_),
               absl::StrCat("SHA-256 ", digest)});
}

void LedgerFold::Finish(int64_t last_sequence) {
  std::vector<Pin> missing;
  for (const auto& [key, counter] : counters_) missing.push_back(key);
  std::sort(missing.begin(), missing.end());
  for (const Pin& key : missing) {
    report_.Add({NameOf(catalog_, key), Text(counters_[key]), "no counter"});
  }
  if (last_sequence != report_.ledger_sequence) {
    report_.Add({"ledger",
                 absl::StrCat("ends at sequence ", report_.ledger_sequence),
                 absl::StrCat("the root has numbered ", last_sequence)});
  }
  ReportMissing();
}

}  // namespace budget
