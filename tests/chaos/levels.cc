#include "tests/chaos/levels.h"

#include <set>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace budget::chaos {

void CheckLevels(const Evidence& evidence, const Weather& weather,
                 Verdicts& verdicts) {
  absl::flat_hash_map<Uuid, int> targets;
  for (const Call& call : evidence.calls) {
    if (call.verb != Verb::kSetLimit) targets[call.id] = call.target;
  }
  for (const Entry& entry : evidence.entries) {
    if (!entry.reservation) continue;
    const auto target = targets.find(*entry.reservation);
    if (target == targets.end()) continue;  // entry_has_call
    const std::vector<int>& under =
        evidence.limits_of_target.at(target->second);
    const std::set<int> meant(under.begin(), under.end());
    std::set<int> counted;
    for (const Pin& pin : entry.pins) counted.insert(pin.limit);
    verdicts.Under(weather.AtMicros(entry.at_micros));
    verdicts.Check(Invariant::kEveryLevel, counted == meant, [&] {
      return absl::StrCat(evidence.root, " entry ", entry.sequence,
                          " counts in limits ", absl::StrJoin(counted, ", "),
                          ", not in ", absl::StrJoin(meant, ", "));
    });
  }
}

}  // namespace budget::chaos
