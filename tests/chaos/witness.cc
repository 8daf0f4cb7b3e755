#include "tests/chaos/witness.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace budget::chaos {

namespace {

// What the hold would have been raised by: only that needs room.
Units RaiseTo(const Units& wanted, const Units& held) {
  Units raise = {};
  for (size_t unit = 0; unit < raise.size(); ++unit) {
    raise[unit] = std::max<int64_t>(0, wanted[unit] - held[unit]);
  }
  return raise;
}

}  // namespace

Witness::Witness(std::string root, const Limits& limits,
                 const LimitsOfTarget& limits_of_target,
                 const std::vector<Call>& calls, const std::vector<Read>& reads,
                 const Order& order, Verdicts& verdicts)
    : root_(std::move(root)),
      limits_(limits),
      limits_of_target_(limits_of_target),
      order_(order),
      verdicts_(verdicts),
      holds_(calls) {
  for (const Call& call : calls) {
    if (!IsNoOfTheBooks(call)) continue;
    claims_.push_back({&call, order.Around(call.called, call.returned)});
  }
  std::sort(claims_.begin(), claims_.end(), [](const Claim& a, const Claim& b) {
    return a.span.first < b.span.first;
  });
  for (const Read& read : reads) reads_.push_back(&read);
  std::sort(reads_.begin(), reads_.end(), [](const Read* a, const Read* b) {
    return a->sequence < b->sequence;
  });
}

void Witness::Look(const Entry& entry, const Fold& fold) {
  holds_.Follow(entry);
  CheckDenials(fold);
  CheckReads(fold);
}

void Witness::CheckDenials(const Fold& fold) {
  while (next_claim_ < claims_.size() &&
         claims_[next_claim_].span.first <= fold.sequence()) {
    open_claims_.push_back(claims_[next_claim_++]);
  }
  std::erase_if(open_claims_, [&](const Claim& claim) {
    const bool explained = Explains(*claim.denial, fold);
    if (!explained && claim.span.last > fold.sequence()) return false;
    verdicts_.Check(Invariant::kDenialExplained, explained, [&] {
      return absl::StrCat(root_, ": ", claim.denial->id.ToString(), " ",
                          KindOf(*claim.denial),
                          " is not so after any entry from ",
                          claim.span.first, " to ", claim.span.last);
    });
    return true;
  });
}

bool Witness::Explains(const Call& denial, const Fold& fold) const {
  if (denial.verb != Verb::kAdjust) {
    return IsFull(denial.target, denial.asked, fold);
  }
  const auto held = holds_.HeldBy(denial.id);
  if (denial.answer == Answer::kOvertaken) return !held;
  return held && IsFull(denial.target, RaiseTo(denial.asked, *held), fold);
}

// Whether some limit lacks room for what is wanted. Holds that are past their
// time take up none, though their entry is not yet written.
bool Witness::IsFull(int target, const Units& wanted, const Fold& fold) const {
  for (int limit : limits_of_target_.at(target)) {
    const LimitInfo& info = limits_.at(limit);
    const auto cap = fold.CapOf(limit);
    if (!cap || wanted[info.unit] == 0) continue;
    const Pin counter = CounterOf(limit, fold.at_micros());
    const Usage usage = fold.UsageAt(counter, fold.at_micros());
    const int64_t used = usage.spent + usage.reserved + usage.overage;
    if (used + wanted[info.unit] <= *cap) continue;
    const auto due = holds_.DueOf(counter, info, fold.at_micros());
    if (used - due.surely + wanted[info.unit] > *cap) return true;
  }
  return false;
}

// The one that counts at that time, where windows are apart.
Pin Witness::CounterOf(int limit, int64_t micros) const {
  const bool apart = limits_.at(limit).window_kind == kCalendar;
  return {.limit = limit, .window = apart ? DayAt(micros) : 0};
}

void Witness::CheckReads(const Fold& fold) {
  for (; next_read_ < reads_.size() &&
         reads_[next_read_]->sequence <= fold.sequence();
       ++next_read_) {
    const Read& read = *reads_[next_read_];
    const Span span = order_.Around(read.called, read.returned);
    verdicts_.Check(Invariant::kReadMatches, span.Has(read.sequence), [&] {
      return absl::StrCat(root_, ": a read shows entry ", read.sequence,
                          ", it may be about ", span.first, " to ", span.last);
    });
    CheckWhole(read);
    for (const LimitReading& seen : read.limits) {
      if (limits_.contains(seen.limit)) Compare(read, seen, fold);
    }
  }
}

// It shows every limit that it is of, and no other.
void Witness::CheckWhole(const Read& read) {
  const std::vector<int>& under = limits_of_target_.at(read.target);
  const std::set<int> meant(under.begin(), under.end());
  std::multiset<int> shown;
  for (const LimitReading& seen : read.limits) shown.insert(seen.limit);
  const bool whole =
      std::equal(shown.begin(), shown.end(), meant.begin(), meant.end());
  verdicts_.Check(Invariant::kReadMatches, whole, [&] {
    return absl::StrCat(root_, " as of entry ", read.sequence,
                        ": a read shows limits ", absl::StrJoin(shown, ", "),
                        ", not ", absl::StrJoin(meant, ", "));
  });
}

// A read does not count what is past its time, though its entry is not yet
// written. Nor does its time fall behind that of the last entry.
void Witness::Compare(const Read& read, const LimitReading& seen,
                      const Fold& fold) {
  const LimitInfo& info = limits_.at(seen.limit);
  const int64_t micros = std::max(read.read_micros, fold.at_micros());
  const Pin counter = CounterOf(seen.limit, micros);
  const Usage usage = fold.UsageAt(counter, micros);
  const OpenHolds::Due due = holds_.DueOf(counter, info, micros);
  const int64_t reserved = usage.reserved - due.surely;
  const bool equal = usage.spent == seen.spent &&
                     seen.reserved <= reserved &&
                     seen.reserved >= reserved - due.perhaps &&
                     usage.overage == seen.overage &&
                     counter.window == seen.window;
  verdicts_.Check(Invariant::kReadMatches, equal, [&] {
    return absl::StrCat(root_, " as of entry ", read.sequence, ", ",
                        info.name, " @", counter.window, ": the ledger says ",
                        usage.spent, " spent, ", reserved, " reserved, ",
                        usage.overage, " overage; a read @", seen.window, " ",
                        seen.spent, ", ", seen.reserved, ", ", seen.overage);
  });
}

void Witness::Finish() {
  for (const Claim& claim : open_claims_) {
    verdicts_.Violated(Invariant::kDenialExplained,
                       absl::StrCat(root_, ": nothing explains the denial of ",
                                    claim.denial->id.ToString()));
  }
  for (; next_claim_ < claims_.size(); ++next_claim_) {
    verdicts_.Violated(Invariant::kDenialExplained,
                       absl::StrCat(root_, ": a denial is about entries that ",
                                    "are not there"));
  }
  for (; next_read_ < reads_.size(); ++next_read_) {
    verdicts_.Violated(Invariant::kReadMatches,
                       absl::StrCat(root_, ": a read showed entry ",
                                    reads_[next_read_]->sequence,
                                    ", which is not there"));
  }
}

}  // namespace budget::chaos
