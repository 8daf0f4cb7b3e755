#include "tests/chaos/expiry.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace budget::chaos {
namespace {

constexpr int64_t kLateMicros = 2'000'000;

}  // namespace

Expiry::Expiry(std::string root, const std::vector<Call>& calls,
               const std::vector<Trouble>& troubles, Verdicts& verdicts)
    : root_(std::move(root)), troubles_(troubles), verdicts_(verdicts) {
  for (const Call& call : calls) {
    if (call.verb == Verb::kReserve && call.answer == Answer::kOk) {
      expires_micros_[call.id] = call.expires_micros;
    }
  }
}

void Expiry::Add(const Entry& entry) {
  if (!entry.IsEnd() || !entry.reservation) return;
  const auto due = expires_micros_.find(*entry.reservation);
  if (due == expires_micros_.end()) return;
  if (entry.kind == kExpireEntry) CheckEarly(entry, due->second);
  if (entry.at_micros >= due->second) CheckLate(entry, due->second);
}

void Expiry::CheckEarly(const Entry& entry, int64_t due_micros) {
  verdicts_.Check(
      Invariant::kNeverEarly, entry.at_micros >= due_micros, [&] {
        return absl::StrCat(root_, " entry ", entry.sequence, " expires ",
                            entry.reservation->ToString(), " ",
                            due_micros - entry.at_micros, " us too early");
      });
}

void Expiry::CheckLate(const Entry& entry, int64_t due_micros) {
  if (Excused(due_micros)) return;
  const int64_t late = entry.at_micros - due_micros;
  verdicts_.Check(Invariant::kExpiresInTime, late <= kLateMicros, [&] {
    return absl::StrCat(root_, " entry ", entry.sequence, " ends ",
                        entry.reservation->ToString(), " ", late,
                        " us after its time");
  });
}

// What began only after a hold should have been gone excuses nothing.
bool Expiry::Excused(int64_t due_micros) const {
  return std::any_of(troubles_.begin(), troubles_.end(),
                     [&](const Trouble& trouble) {
                       return trouble.begin_micros <=
                                  due_micros + kLateMicros &&
                              due_micros <= trouble.end_micros;
                     });
}

}  // namespace budget::chaos
