#ifndef BUDGET_RPC_METERS_H_
#define BUDGET_RPC_METERS_H_

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "server/access/rights.h"
#include "server/base/meter.h"
#include "server/rpc/connection_bounds.h"

namespace budget {

// What is counted of one method. Thread-safe.
struct MethodMeters {
  static constexpr size_t kCodes = 17;  // those of gRPC: 0 to 16

  std::string service;  // "budget.v1.BudgetService"
  std::string name;     // "Reserve"
  bool streams = false;
  EventCount started;
  std::array<EventCount, kCodes> handled;  // by code
  Histogram seconds;  // until the answer is handed to gRPC
};

// What is counted of connections. Thread-safe.
struct ConnectionMeters {
  Gauge open;
  std::array<EventCount, kNoRoomKinds> refused;  // by NoRoom
  std::array<EventCount, kCutKinds> cut;          // by Cut
};

// What the services count. Thread-safe.
class RpcMeters {
 public:
  // Has every method of the contract.
  RpcMeters();

  MethodMeters& Of(Method method) {
    return methods_[static_cast<size_t>(method)];
  }
  // In the order of Method.
  const std::vector<MethodMeters>& methods() const { return methods_; }

  EventCount reads_shed;    // no room in the read pool
  EventCount streams_shed;  // no room for a watch stream
  Gauge streams_open;
  ConnectionMeters connections;

 private:
  std::vector<MethodMeters> methods_;
};

}  // namespace budget

#endif  // BUDGET_RPC_METERS_H_
