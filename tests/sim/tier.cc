#include "tests/sim/tier.h"

#include "absl/strings/str_cat.h"

namespace budget::sim {
namespace {

// Seeds of the usual 5,000 operations have a few more, so that these reach 5%
// more than they must.
constexpr Tier kCi = {.operations_min = 10'000'000, .seeds = 2070};
constexpr Tier kLong = {.operations_min = 100'000'000, .seeds = 20'700};

}  // namespace

std::optional<Tier> TierNamed(absl::string_view name) {
  if (name == "ci") return kCi;
  if (name == "long") return kLong;
  return std::nullopt;
}

std::vector<std::string> MissingFrom(const Totals& totals, const Tier& tier) {
  std::vector<std::string> missing;
  if (totals.operations < tier.operations_min) {
    missing.push_back(absl::StrCat("only ", totals.operations, " of ",
                                   tier.operations_min, " operations ran"));
  }
  for (size_t i = 0; i < kFaultKinds; ++i) {
    if (totals.faults[i] > 0) continue;
    missing.push_back(absl::StrCat("the fault ",
                                   FaultName(static_cast<FaultKind>(i)),
                                   " never happened"));
  }
  return missing;
}

}  // namespace budget::sim
