#include "server/rpc/meters.h"

#include "absl/strings/str_replace.h"
#include "google/protobuf/descriptor.h"
#include "server/rpc/methods.h"

namespace budget {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::MethodDescriptor;

const MethodDescriptor& DescriptorOf(const Rights& rights) {
  // One of each file: what nobody names is not linked, and unknown.
  static const Descriptor* const linked[] = {
      v1::ReserveRequest::descriptor(), v1::CreateAllocationRequest::descriptor(),
      v1::ListLedgerEntriesRequest::descriptor(),
      v1::CreateTokenRequest::descriptor()};
  return *linked[0]->file()->pool()->FindMethodByName(
      absl::StrReplaceAll(rights.name, {{"/", "."}}));
}

}  // namespace

// Counters do not move, so the vector is made in one go.
RpcMeters::RpcMeters() : methods_(AllRights().size()) {
  for (const Rights& rights : AllRights()) {
    const MethodDescriptor& method = DescriptorOf(rights);
    MethodMeters& meters = Of(rights.method);
    meters.service = method.service()->full_name();
    meters.name = method.name();
    meters.streams = method.server_streaming();
  }
}

}  // namespace budget
