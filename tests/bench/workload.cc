#include "tests/bench/workload.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace budget::bench {

Workload OneAllocation(absl::string_view name, absl::string_view path) {
  return {.name = std::string(name), .paths = {std::string(path)}};
}

Workload ManyAllocations(absl::string_view name, absl::string_view prefix,
                         int count) {
  Workload workload{.name = std::string(name)};
  for (int i = 0; i < count; ++i) {
    workload.paths.push_back(absl::StrCat(prefix, absl::StrFormat("%05d", i)));
  }
  return workload;
}

PathPicker::PathPicker(const Workload& workload) {
  auto table = std::make_shared<Table>();
  table->paths = workload.paths;
  table->order = workload.order;
  if (workload.zipf_exponent != 0) {
    double sum = 0;
    for (size_t i = 1; i <= workload.paths.size(); ++i) {
      sum += std::pow(static_cast<double>(i), -workload.zipf_exponent);
      table->cumulative.push_back(sum);
    }
  }
  table_ = std::move(table);
}

PathPicker PathPicker::WithSeed(uint64_t seed) const {
  PathPicker picker = *this;
  picker.state_ = seed * 0x9E3779B97F4A7C15 + 1;
  return picker;
}

const std::string& PathPicker::Next() {
  const std::vector<std::string>& paths = table_->paths;
  if (paths.size() == 1) return paths[0];
  if (table_->order == Order::kInTurn) return paths[turn_++ % paths.size()];
  // splitmix64: cheap, and the same everywhere.
  uint64_t bits = (state_ += 0x9E3779B97F4A7C15);
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
  bits ^= bits >> 31;
  if (table_->cumulative.empty()) return paths[bits % paths.size()];
  const double share = static_cast<double>(bits >> 11) * 0x1p-53;
  const auto at = std::upper_bound(table_->cumulative.begin(),
                                   table_->cumulative.end() - 1,
                                   share * table_->cumulative.back());
  return paths[at - table_->cumulative.begin()];
}

}  // namespace budget::bench
