#include "tests/chaos/batch_order.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"

namespace budget::chaos {
namespace {

// Those that say that they made an entry, batch by batch, in order.
std::vector<const Call*> BatchedCalls(const std::vector<Call>& calls) {
  std::vector<const Call*> batched;
  for (const Call& call : calls) {
    if (call.batch != 0 && SaysItMadeIt(call)) batched.push_back(&call);
  }
  std::sort(batched.begin(), batched.end(), [](const Call* a, const Call* b) {
    return std::tie(a->batch, a->place) < std::tie(b->batch, b->place);
  });
  return batched;
}

}  // namespace

void CheckBatches(const Evidence& evidence, const Weather& weather,
                  Verdicts& verdicts) {
  const Call* before = nullptr;
  for (const Call* call : BatchedCalls(evidence.calls)) {
    if (before != nullptr && before->batch == call->batch) {
      const bool rises = before->sequence < call->sequence;
      verdicts.Under(weather.At(call->called));
      verdicts.Check(Invariant::kBatchOrder, rises, [&] {
        return absl::StrCat(evidence.root, ": call ", call->place,
                            " of a batch made entry ", call->sequence,
                            ", call ", before->place, " entry ",
                            before->sequence);
      });
    }
    before = call;
  }
}

}  // namespace budget::chaos
