#ifndef BUDGET_RPC_METERS_H_
#define BUDGET_RPC_METERS_H_

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "server/base/meter.h"

namespace budget {

// What the services count. Thread-safe.
class RpcMeters {
 public:
  static constexpr size_t kCodes = 17;  // those of gRPC: 0 to 16

  struct Method {
    std::string service;  // "budget.v1.BudgetService"
    std::string name;     // "Reserve"
    bool streams = false;
    EventCount started;
    std::array<EventCount, kCodes> handled;  // by code
    Histogram seconds;                    // until the answer is handed to gRPC
  };

  // Has every method of the contract.
  RpcMeters();

  // In the order of the contract; stays as it is.
  std::vector<Method>& methods() { return methods_; }
  const std::vector<Method>& methods() const { return methods_; }

  EventCount reads_shed;      // no room in the read pool
  EventCount streams_shed;    // no room for a watch stream
  Gauge streams_open;

 private:
  std::vector<Method> methods_;
};

}  // namespace budget

#endif  // BUDGET_RPC_METERS_H_
