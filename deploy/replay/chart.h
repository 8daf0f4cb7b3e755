#ifndef BUDGET_REPLAY_CHART_H_
#define BUDGET_REPLAY_CHART_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "deploy/replay/audit.h"

namespace budget::replay {

// Something to mark on the time axis, such as a replica that was killed.
struct ChartMark {
  absl::Time time;
  std::string label;
};

// An SVG with one panel per limit: spent, spent + reserved, and the cap, over
// the time of the replay. Series without points are left out.
std::string DrawChart(const std::string& title,
                      const std::vector<LimitSeries>& limits,
                      const std::vector<ChartMark>& marks);

}  // namespace budget::replay

#endif  // BUDGET_REPLAY_CHART_H_
