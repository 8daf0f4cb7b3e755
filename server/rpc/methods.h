#ifndef BUDGET_RPC_METHODS_H_
#define BUDGET_RPC_METHODS_H_

#include <cstddef>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace budget {

// Every method of the contract, service by service, in its order.
const std::vector<const google::protobuf::MethodDescriptor*>& Methods();

// The place in Methods of the one method that takes this request.
size_t MethodOf(const google::protobuf::Descriptor& request);

// The same, looked up once.
template <typename Request>
size_t MethodOf() {
  static const size_t method = MethodOf(*Request::descriptor());
  return method;
}

}  // namespace budget

#endif  // BUDGET_RPC_METHODS_H_
