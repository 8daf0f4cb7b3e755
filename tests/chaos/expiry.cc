#include "tests/chaos/expiry.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace budget::chaos {
namespace {

constexpr int64_t kLateMicros = 2'000'000;
// How long a replica that stands still may keep a lane from the others:
// idle_in_transaction_session_timeout of its session (session.cc).
constexpr int64_t kLaneHeldMicros = 2'000'000;

}  // namespace

Expiry::Expiry(std::string root, const std::vector<Call>& calls,
               const std::vector<Trouble>& troubles, Verdicts& verdicts)
    : root_(std::move(root)), troubles_(troubles), verdicts_(verdicts) {
  for (const Call& call : calls) {
    if (call.verb != Verb::kReserve) continue;
    ttl_micros_[call.id] = call.ttl_micros;
    if (call.answer == Answer::kOk) {
      expires_micros_[call.id] = call.expires_micros;
    }
  }
}

void Expiry::Add(const Entry& entry) {
  if (!entry.reservation) return;
  if (entry.kind == kReserveEntry) {
    const auto ttl = ttl_micros_.find(*entry.reservation);
    if (ttl == ttl_micros_.end()) return;
    expires_micros_.try_emplace(*entry.reservation,
                                entry.at_micros + ttl->second);
  }
  if (!entry.IsEnd()) return;
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
  const int64_t latest = LatestEnd(due_micros);
  verdicts_.Check(Invariant::kExpiresInTime, entry.at_micros <= latest, [&] {
    return absl::StrCat(root_, " entry ", entry.sequence, " ends ",
                        entry.reservation->ToString(), " ",
                        entry.at_micros - due_micros, " us after its time, ",
                        entry.at_micros - latest, " us too late");
  });
}

// What began only after a hold should have been gone excuses nothing.
int64_t Expiry::LatestEnd(int64_t due_micros) const {
  int64_t latest = due_micros + kLateMicros;
  for (const Trouble& trouble : troubles_) {
    if (trouble.end_micros < due_micros) continue;
    if (trouble.begin_micros > latest) break;
    int64_t healed = trouble.end_micros;
    if (healed != Trouble::kNotHealed) healed += kLateMicros;
    if (trouble.spares_sweepers) {
      healed = std::min(healed, latest + kLaneHeldMicros);
    }
    latest = std::max(latest, healed);
  }
  return latest;
}

}  // namespace budget::chaos
