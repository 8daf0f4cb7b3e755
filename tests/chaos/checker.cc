#include "tests/chaos/checker.h"

#include "absl/strings/str_cat.h"
#include "tests/chaos/batch_order.h"
#include "tests/chaos/calls.h"
#include "tests/chaos/expiry.h"
#include "tests/chaos/fold.h"
#include "tests/chaos/levels.h"
#include "tests/chaos/order.h"

namespace budget::chaos {
namespace {

// Answers that no well-behaved client may get, faults or not.
void CheckErrors(const Evidence& evidence, const Weather& weather,
                 Verdicts& verdicts) {
  for (const Call& call : evidence.calls) {
    verdicts.Under(weather.At(call.called));
    verdicts.Check(
        Invariant::kKnownErrors, call.answer != Answer::kFailed, [&] {
          return absl::StrCat(evidence.root, " ", call.id.ToString(), " ",
                              NameOf(call.verb), ": ", call.reason);
        });
  }
}

// When all is over.
void CheckNothingLeft(const Evidence& evidence, Verdicts& verdicts) {
  verdicts.Under(Weather::kCalm);
  verdicts.Check(Invariant::kNothingLeft, evidence.open == 0, [&] {
    return absl::StrCat(evidence.open, " reservations of ", evidence.root,
                        " are open two seconds after their time");
  });
}

}  // namespace

void CheckRoot(const Evidence& evidence, Verdicts& verdicts) {
  const Weather weather(evidence.troubles, evidence.micros_at_zero);
  CheckErrors(evidence, weather, verdicts);
  CheckLevels(evidence, weather, verdicts);
  Calls calls(evidence.root, evidence.calls, evidence.setup_entries, weather,
              verdicts);
  Expiry expiry(evidence.root, evidence.calls, evidence.troubles, verdicts);
  for (const Entry& entry : evidence.entries) {
    verdicts.Under(weather.AtMicros(entry.at_micros));
    calls.Add(entry);
    expiry.Add(entry);
  }
  calls.Finish();
  const Order order(calls.effects());
  order.Check(evidence.root, weather, verdicts);
  CheckBatches(evidence, weather, verdicts);
  Fold fold(evidence.root, evidence.limits, verdicts);
  Witness witness(evidence.root, evidence.limits, evidence.limits_of_target,
                  evidence.calls, evidence.reads, order, verdicts);
  for (const Entry& entry : evidence.entries) {
    verdicts.Under(weather.AtMicros(entry.at_micros));
    fold.Add(entry);
    witness.Look(entry, fold);
  }
  witness.Finish();
  CheckNothingLeft(evidence, verdicts);
  fold.Compare(evidence.counters);
}

void CheckAnswered(const std::vector<Call>& calls, Verdicts& verdicts) {
  for (const Call& call : calls) {
    if (call.verb == Verb::kSetLimit || call.is_attempt) continue;
    verdicts.Check(Invariant::kRetriesSuffice, IsAnswered(call.answer), [&] {
      return absl::StrCat(call.id.ToString(), " ", KindOf(call));
    });
  }
}

void CheckResolved(int64_t left, Verdicts& verdicts) {
  verdicts.Check(Invariant::kResolved, left == 0, [&] {
    return absl::StrCat(left, " calls are still unknown");
  });
}

}  // namespace budget::chaos
