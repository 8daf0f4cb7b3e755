#include "tests/bench/domain_speed.h"
#include "tests/bench/ratios.h"
#include "tests/bench/scenario.h"

namespace budget::bench {
namespace {

Scenario Domain(const std::string& figure, const DomainLoad& load) {
  return {.name = figure, .run = [=](Bench& bench) {
            DomainLoad timed = load;
            timed.cpu_time = bench.scale.slice / 4;
            bench.figures.Add(figure, "million op/s",
                              {.value = MeasureDomain(timed)});
            return absl::OkStatus();
          }};
}

}  // namespace

std::vector<Scenario> DomainScenarios(const Scale&) {
  return {Domain(names::kDomainFlat, {.depth = 1, .limits = 1}),
          Domain(names::kDomainDeep, {.depth = 4, .limits = 3})};
}

}  // namespace budget::bench
