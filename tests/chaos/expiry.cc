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

bool Expiry::Excused(int64_t due_micros, int64_t at_micros) const {
  return std::any_of(troubles_.begin(), troubles_.end(),
                     [&](const Trouble& trouble) {
                       return trouble.begin_micros <= at_micros &&
                              due_micros <= trouble.end_micros;
                     });
}

void Expiry::Add(const Entry& entry) {
  if (entry.kind != kExpireEntry || !entry.reservation) return;
  const auto expires = expires_micros_.find(*entry.reservation);
  if (expires == expires_micros_.end()) return;
  const int64_t late = entry.at_micros - expires->second;
  const bool in_time = late >= 0 && (late <= kLateMicros ||
                                     Excused(expires->second, entry.at_micros));
  verdicts_.Check(Invariant::kExpiresInTime, in_time, [&] {
    return absl::StrCat(root_, " entry ", entry.sequence, " expires ",
                        entry.reservation->ToString(), " ", late,
                        " us after its time");
  });
}

}  // namespace budget::chaos
