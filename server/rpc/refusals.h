#ifndef BUDGET_RPC_REFUSALS_H_
#define BUDGET_RPC_REFUSALS_H_

#include <chrono>
#include <string>

#include "absl/container/flat_hash_map.h"

namespace budget {

// Addresses that are refused for a while, because connections of theirs were
// cut: three seconds at first, for gRPC takes about as long to free what such a
// connection held, and twice as long whenever it happens again, until they have
// kept quiet for as long. Not thread-safe.
class Refusals {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Nobody is refused for longer than `longest`, or at all if that is zero.
  explicit Refusals(std::chrono::seconds longest) : longest_(longest) {}

  // A connection of it was cut.
  void Add(const std::string& address, Time now);

  bool Has(const std::string& address, Time now) const;

  // Forgets those that have kept quiet.
  void Forget(Time now);

 private:
  struct Refusal {
    Time since;
    std::chrono::seconds length;

    Time end() const { return since + length; }
  };

  const std::chrono::seconds longest_;
  absl::flat_hash_map<std::string, Refusal> refusals_;
};

}  // namespace budget

#endif  // BUDGET_RPC_REFUSALS_H_
