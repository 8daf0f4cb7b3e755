#include "tests/chaos/witness.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace budget::chaos {

Witness::Witness(std::string root, const Limits& limits,
                 const LimitsOfTarget& limits_of_target,
                 const std::vector<Call>& calls, const std::vector<Read>& reads,
                 const Order& order, Verdicts& verdicts)
    : root_(std::move(root)),
      limits_(limits),
      limits_of_target_(limits_of_target),
      order_(order),
      verdicts_(verdicts) {
  for (const Call& call : calls) {
    if (call.answer == Answer::kDenied) {
      claims_.push_back({&call, order.Around(call.called, call.returned)});
    }
    // A drill may have made an answer unknown that came after its moment.
    if (call.verb == Verb::kReserve && call.expires_micros != 0) {
      expires_micros_[call.id] = call.expires_micros;
    }
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
  FollowHold(entry);
  CheckDenials(fold);
  CheckReads(fold);
}

void Witness::FollowHold(const Entry& entry) {
  if (!entry.reservation) return;
  if (entry.kind == kReserveEntry) {
    const auto expires = expires_micros_.find(*entry.reservation);
    holds_[*entry.reservation] = {
        expires == expires_micros_.end() ? kUntold : expires->second,
        entry.pins, entry.reserved};
    return;
  }
  const auto hold = holds_.find(*entry.reservation);
  if (hold == holds_.end()) return;
  for (size_t unit = 0; unit < entry.reserved.size(); ++unit) {
    hold->second.reserved[unit] += entry.reserved[unit];
  }
  if (entry.IsEnd()) holds_.erase(hold);
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
      return absl::StrCat(root_, ": ", claim.denial->id.ToString(),
                          " was denied with ", claim.denial->reason,
                          " although it fitted after every entry from ",
                          claim.span.first, " to ", claim.span.last);
    });
    return true;
  });
}

bool Witness::Explains(const Call& denial, const Fold& fold) const {
  for (int limit : limits_of_target_.at(denial.target)) {
    const LimitInfo& info = limits_.at(limit);
    // Calendar windows of the world are never full.
    if (info.window_kind == kCalendar) continue;
    const Usage usage = fold.UsageOf(limit);
    const auto cap = fold.CapOf(limit);
    if (cap && usage.spent + usage.reserved + usage.overage +
                       denial.asked[info.unit] > *cap) {
      return true;
    }
  }
  return false;
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
    for (const LimitReading& seen : read.limits) Compare(read, seen, fold);
  }
}

// A read does not count what is past its time, though its entry is not yet
// written.
void Witness::Compare(const Read& read, const LimitReading& seen,
                      const Fold& fold) {
  if (limits_.at(seen.limit).window_kind != kLifetime) return;
  const Usage usage = fold.UsageOf(seen.limit);
  const Due due = DueOf(seen.limit, read.read_micros);
  const int64_t reserved = usage.reserved - due.surely;
  const bool equal = usage.spent == seen.spent &&
                     seen.reserved <= reserved &&
                     seen.reserved >= reserved - due.perhaps &&
                     usage.overage == seen.overage;
  verdicts_.Check(Invariant::kReadMatches, equal, [&] {
    return absl::StrCat(root_, " as of entry ", read.sequence, ", ",
                        limits_.at(seen.limit).name, ": the ledger says ",
                        usage.spent, " spent, ", reserved, " reserved, ",
                        usage.overage, " overage; a read ", seen.spent, ", ",
                        seen.reserved, ", ", seen.overage);
  });
}

Witness::Due Witness::DueOf(int limit, int64_t micros) const {
  const int unit = limits_.at(limit).unit;
  Due due;
  for (const auto& [id, hold] : holds_) {
    const bool unknown = hold.expires_micros == kUntold;
    if (!unknown && hold.expires_micros > micros) continue;
    int64_t& sum = unknown ? due.perhaps : due.surely;
    for (const Pin& pin : hold.pins) {
      if (pin.limit == limit) sum += hold.reserved[unit];
    }
  }
  return due;
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
