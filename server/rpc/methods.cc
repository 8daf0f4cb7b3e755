#include "server/rpc/methods.h"

#include "budget/v1/budget_admin.pb.h"
#include "budget/v1/budget_service.pb.h"
#include "budget/v1/ledger_service.pb.h"
#include "server/rpc/meters.h"

namespace budget {

using google::protobuf::Descriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

const std::vector<const MethodDescriptor*>& Methods() {
  static const auto& methods = *[] {
    auto* all = new std::vector<const MethodDescriptor*>;
    for (const FileDescriptor* file :
         {v1::ReserveRequest::descriptor()->file(),
          v1::CreateAllocationRequest::descriptor()->file(),
          v1::ListLedgerEntriesRequest::descriptor()->file()}) {
      for (int i = 0; i < file->service_count(); ++i) {
        const ServiceDescriptor& service = *file->service(i);
        for (int j = 0; j < service.method_count(); ++j) {
          all->push_back(service.method(j));
        }
      }
    }
    return all;
  }();
  return methods;
}

size_t MethodOf(const Descriptor& request) {
  const auto& methods = Methods();
  size_t at = 0;
  while (methods.at(at)->input_type() != &request) ++at;
  return at;
}

// Counters do not move, so the vector is made in one go.
RpcMeters::RpcMeters() : methods_(Methods().size()) {
  for (size_t i = 0; i < methods_.size(); ++i) {
    const MethodDescriptor& method = *Methods()[i];
    methods_[i].service = method.service()->full_name();
    methods_[i].name = method.name();
    methods_[i].streams = method.server_streaming();
  }
}

}  // namespace budget
