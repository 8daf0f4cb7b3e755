#include "tests/chaos/checker.h"

#include "absl/strings/str_cat.h"
#include "tests/chaos/calls.h"
#include "tests/chaos/fold.h"
#include "tests/chaos/order.h"

namespace budget::chaos {
namespace {

// Answers that no well-behaved client may get, faults or not.
void CheckErrors(const Evidence& evidence, Verdicts& verdicts) {
  for (const Call& call : evidence.calls) {
    verdicts.Check(
        Invariant::kKnownErrors, call.answer != Answer::kFailed, [&] {
          return absl::StrCat(evidence.root, " ", call.id.ToString(), " verb ",
                              static_cast<int>(call.verb), ": ", call.reason);
        });
  }
}

}  // namespace

void CheckRoot(const Evidence& evidence, Verdicts& verdicts) {
  CheckErrors(evidence, verdicts);
  Calls calls(evidence.root, evidence.calls, verdicts);
  Expiry expiry(evidence.root, evidence.calls, evidence.troubles, verdicts);
  for (const Entry& entry : evidence.entries) {
    calls.Add(entry);
    expiry.Add(entry);
  }
  calls.Finish();
  const Order order(calls.effects());
  order.Check(evidence.root, verdicts);
  Fold fold(evidence.root, evidence.limits, verdicts);
  Witness witness(evidence.root, evidence.limits, evidence.limits_of_target,
                  evidence.calls, evidence.reads, order, verdicts);
  for (const Entry& entry : evidence.entries) {
    fold.Add(entry);
    witness.Look(entry, fold);
  }
  witness.Finish();
  for (const StoredCounter& counter : evidence.counters) fold.Compare(counter);
}

}  // namespace budget::chaos
