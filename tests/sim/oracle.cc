#include "tests/sim/oracle.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/model/describe.h"
#include "tests/model/paths.h"

namespace budget::sim {

Oracle::Root& Oracle::RootFor(absl::string_view name) {
  const auto found = roots_.find(name);
  if (found != roots_.end()) return found->second;
  return roots_.try_emplace(std::string(name), retention_).first->second;
}

std::vector<bool> Oracle::Run(const RootBatch& batch, bool answered,
                              absl::Time now) {
  Root& root = RootFor(batch.root);
  std::vector<bool> done;
  for (const RootBatch::Item& item : batch.items) {
    const model::Prediction expected = root.model.Run(*item.operation, now);
    done.push_back(!expected.refusal);
    if (!answered) continue;
    const OperationResult& result = *item.result;
    const std::string differences =
        root.comparer.Compare(*item.operation, expected, result.outcome,
                              root.model, *result.set, now);
    verdicts_.Check(Invariant::kPredicted, differences.empty(), [&] {
      return absl::StrCat(absl::FormatTime(now), " ", batch.root, ": ",
                          Describe(*item.operation), "\n", differences);
    });
  }
  return done;
}

void Oracle::Meet(absl::string_view name, const Catalog& catalog) {
  Root& root = RootFor(name);
  root.comparer.MatchLimits(root.model, catalog);
}

// What is due is expired by a read for itself alone.
void Oracle::Read(absl::string_view path,
                  const std::vector<LimitReading>& readings,
                  const WorkingSet& set, absl::Time now) {
  Root& root = RootFor(model::LineDownTo(path).front());
  const auto compare = [&](const model::Model& model) {
    return root.comparer.CompareChain(path, readings, model, set, now);
  };
  std::string differences;
  if (root.model.AnyDue(now)) {
    model::Model expired = root.model;
    expired.Expire(now);
    differences = compare(expired);
  } else {
    differences = compare(root.model);
  }
  verdicts_.Check(Invariant::kPredicted, differences.empty(), [&] {
    return absl::StrCat(absl::FormatTime(now), " read of ", path, "\n",
                        differences);
  });
}

int64_t Oracle::Purge(absl::Time before) {
  int64_t purged = 0;
  for (auto& [name, root] : roots_) purged += root.model.Purge(before);
  return purged;
}

}  // namespace budget::sim
