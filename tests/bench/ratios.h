#ifndef BUDGET_TESTS_BENCH_RATIOS_H_
#define BUDGET_TESTS_BENCH_RATIOS_H_

#include <string>
#include <vector>

#include "tests/bench/figures.h"
#include "tests/bench/statistics.h"

namespace budget::bench {

enum class Comparison { kAtLeast, kAtMost, kOver, kUnder };

// ">= 0.6" as people write it.
std::string ToText(Comparison comparison, double goal);

bool Holds(double value, Comparison comparison, double goal);

// One name of `ratios` with its goal.
struct Ratio {
  std::string name;
  std::string meaning;
  Comparison comparison;
  double goal;
  std::vector<double> rounds;  // empty: not measured

  bool measured() const { return !rounds.empty(); }
  Summary summary() const { return Summarize(rounds); }
  // Whether the median meets the goal; none is met by what did not work, which
  // is 0.
  bool met() const {
    const double median = summary().median;
    return median > 0 && Holds(median, comparison, goal);
  }
};

// Every name of `ratios`, in the order of the README, computed round by round.
std::vector<Ratio> ComputeRatios(const Figures& figures);

bool EveryRatioMeasured(const Figures& figures);

// Figures that the ratios are made of; README.md explains each.
namespace names {
inline const std::string kNull = "null_unary";          // + "_<callers>"
inline const std::string kHot = "unary_hot";            // + "_<callers>"
inline const std::string kUniform = "unary_uniform";    // + "_<callers>"
inline const std::string kZipf = "unary_zipf";          // + "_<callers>"
inline const std::string kKeys = "unary_keys";          // + "_<callers>"
inline const std::string kDeep = "unary_deep";          // + "_<callers>"
inline const std::string kWide = "unary_wide";          // + "_<callers>"
inline const std::string kTall = "unary_tall";          // + "_<callers>"
inline const std::string kReplicas = "unary_replicas";  // + "_<replicas>"
inline const std::string kNaiveHot = "naive_hot_32";
inline const std::string kNaiveHotAtOnce = "naive_hot_at_once_32";
inline const std::string kNaiveHotBackoff = "naive_hot_backoff_32";
inline const std::string kNaiveUniform = "naive_uniform_32";
inline const std::string kRaw = "raw";                  // + "_<operations>"
// + "_<operations>_x<messages outstanding>"
inline const std::string kBatchHot = "batch_hot";
inline const std::string kBatchUniform = "batch_uniform";
inline const std::string kBatchZipf = "batch_zipf";
inline const std::string kEmptyHot = "empty_batch_hot";
inline const std::string kEmptyUniform = "empty_batch_uniform";
inline const std::string kFullHot = "full_batch_hot";
inline const std::string kFullUniform = "full_batch_uniform";
inline const std::string kNullLatency = "latency_null";  // + "_<rate>"
inline const std::string kLatency = "latency_hot";       // + "_<rate>"
inline const std::string kCommit = "commit_ms";
inline const std::string kMemory = "replica_rss_mb";
inline const std::string kOverload = "overload";
inline const std::string kDomainFlat = "domain_flat_mops";
inline const std::string kDomainDeep = "domain_deep_mops";
}  // namespace names

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_RATIOS_H_
