#include "tests/bench/ratios.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace budget::bench {
namespace {

using Series = std::vector<double>;

// The best of all figures whose names begin with `prefix` and an underscore.
Series BestBeginning(const Figures& figures, const std::string& prefix) {
  std::vector<Series> series;
  for (const auto& [name, figure] : figures.all()) {
    if (absl::StartsWith(name, prefix + "_")) {
      series.push_back(figures.Values(name));
    }
  }
  return BestOf(series);
}

Series QuotientOfBest(const Figures& figures, const std::string& above,
                      const std::string& below) {
  return Quotients(BestBeginning(figures, above),
                   BestBeginning(figures, below));
}

// Over those concurrencies that `above` was measured at.
Series QuotientAtSame(const Figures& figures, const std::string& above,
                      const std::string& below) {
  std::vector<Series> tops;
  std::vector<Series> bottoms;
  for (const auto& [name, figure] : figures.all()) {
    if (!absl::StartsWith(name, below + "_")) continue;
    const std::string twin = above + name.substr(below.size());
    if (figures.all().count(twin) == 0) continue;
    tops.push_back(figures.Values(twin));
    bottoms.push_back(figures.Values(name));
  }
  return Quotients(BestOf(tops), BestOf(bottoms));
}

// However long it waits before it repeats what was in conflict.
Series BestNaive(const Figures& figures) {
  return BestOf({figures.Values(names::kNaiveHot),
                 figures.Values(names::kNaiveHotAtOnce),
                 figures.Values(names::kNaiveHotBackoff)});
}

// Of the two the one with the lower median.
Series Worse(const Series& a, const Series& b) {
  if (a.empty() || b.empty()) return {};
  return Median(a) <= Median(b) ? a : b;
}

Series FullOverEmpty(const Figures& figures) {
  return Worse(Quotients(figures.Values(names::kFullHot),
                         figures.Values(names::kEmptyHot)),
               Quotients(figures.Values(names::kFullUniform),
                         figures.Values(names::kEmptyUniform)));
}

Series P50OverFloor(const Figures& figures) {
  const Series null = figures.Values(names::kNullLatency + "_500");
  const Series commit = figures.Values(names::kCommit);
  Series floor;
  for (size_t i = 0; i < std::min(null.size(), commit.size()); ++i) {
    floor.push_back(null[i] + 4 * commit[i]);
  }
  return Quotients(figures.Values(names::kLatency + "_500"), floor);
}

}  // namespace

std::string ToText(Comparison comparison, double goal) {
  const char* sign = "";
  switch (comparison) {
    case Comparison::kAtLeast:
      sign = ">= ";
      break;
    case Comparison::kAtMost:
      sign = "<= ";
      break;
    case Comparison::kOver:
      sign = "> ";
      break;
    case Comparison::kUnder:
      sign = "< ";
      break;
  }
  return absl::StrCat(sign, goal);
}

bool Holds(double value, Comparison comparison, double goal) {
  switch (comparison) {
    case Comparison::kAtLeast:
      return value >= goal;
    case Comparison::kAtMost:
      return value <= goal;
    case Comparison::kOver:
      return value > goal;
    case Comparison::kUnder:
      return value < goal;
  }
  return false;
}

std::vector<Ratio> ComputeRatios(const Figures& figures) {
  using enum Comparison;
  const Series batch = BestBeginning(figures, names::kBatchHot + "_256");
  // A lane may put two messages into one transaction.
  const Series raw = BestOf({figures.Values(names::kRaw + "_256"),
                             figures.Values(names::kRaw + "_512")});
  return {
      {"unary_over_null", "unary, best concurrency, over null", kAtLeast, 0.6,
       QuotientOfBest(figures, names::kHot, names::kNull)},
      {"batch_over_raw", "Batch of 256 over raw of 256 or 512", kAtLeast, 0.7,
       Quotients(batch, raw)},
      {"hot_over_uniform_unary", "unary, hot over uniform", kAtLeast, 0.9,
       QuotientAtSame(figures, names::kHot, names::kUniform)},
      {"hot_over_uniform_batch", "Batch, hot over uniform", kAtLeast, 0.9,
       QuotientAtSame(figures, names::kBatchHot, names::kBatchUniform)},
      {"unary_hot_over_naive_hot", "32 callers, over the best naive", kAtLeast,
       100,
       Quotients(figures.Values(names::kHot + "_32"), BestNaive(figures))},
      {"replicas4_over_1", "4 replicas over 1, hot", kAtLeast, 0.7,
       Quotients(figures.Values(names::kReplicas + "_4"),
                 figures.Values(names::kReplicas + "_1"))},
      {"deep_over_flat", "depth 4 x 3 limits over 1 x 1", kAtLeast, 0.6,
       QuotientAtSame(figures, names::kDeep, names::kHot)},
      {"full_over_empty", "full database over empty", kAtLeast, 0.85,
       FullOverEmpty(figures)},
      {"p50_over_floor", "p50 at 500/s over null + 4 commits", kAtMost, 1,
       P50OverFloor(figures)},
      {"replica_rss_mb_1m", "MB with 1 million allocations", kUnder, 256,
       figures.Values(names::kMemory)},
      {"domain_mops", "engine alone, million operations/s", kOver, 2,
       figures.Values(names::kDomainFlat)},
  };
}

bool EveryRatioMeasured(const Figures& figures) {
  const std::vector<Ratio> ratios = ComputeRatios(figures);
  return std::all_of(ratios.begin(), ratios.end(),
                     [](const Ratio& ratio) { return ratio.measured(); });
}

}  // namespace budget::bench
