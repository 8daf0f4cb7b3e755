#ifndef BUDGET_DOMAIN_LINE_H_
#define BUDGET_DOMAIN_LINE_H_

#include <vector>

#include "server/domain/limit.h"
#include "server/domain/outcome.h"
#include "server/domain/working_set.h"

namespace budget {

// A limit in one of its windows, with its counter and all that admission and
// readings need of the catalog: looked up once for many operations. Good until
// the catalog changes.
struct Line {
  Pin pin;
  const Limit* limit = nullptr;
  WorkingSet::CounterSlot* slot = nullptr;  // aged to now
  // Whether spend in the window counts at all: false for rolling buckets that
  // have aged out.
  bool counts = true;
  bool overage_blocks = true;  // overage counts against the cap
  LimitReading blank;          // a reading without figures

  Unit unit() const { return limit->spec.unit; }
  const Counter& counter() const { return slot->counter; }
  const Tally& tally() const { return slot->counter.tally; }
  int64_t BlockingOverage() const {
    return overage_blocks ? tally().overage : 0;
  }

  // How large a new hold fits under the cap.
  int64_t Affordable() const;

  // How much more spend fits under the cap; kAmountMax where spend no longer
  // counts. Overage does not matter here.
  int64_t Headroom() const;

  // Where the limit stands: appended to `readings`.
  void Read(std::vector<LimitReading>& readings) const;
};

}  // namespace budget

#endif  // BUDGET_DOMAIN_LINE_H_
