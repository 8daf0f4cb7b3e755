#include "server/rpc/meters.h"

#include "absl/strings/str_replace.h"
#include "google/protobuf/descriptor.h"
#include "server/rpc/methods.h"

namespace budget {
namespace {

// The requests of methods.h are linked with their descriptors.
const google::protobuf::MethodDescriptor& DescriptorOf(const Rights& rights) {
  return *google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
      absl::StrReplaceAll(rights.name, {{"/", "."}}));
}

}  // namespace

// Counters do not move, so the vector is made in one go.
RpcMeters::RpcMeters() : methods_(AllRights().size()) {
  for (const Rights& rights : AllRights()) {
    const google::protobuf::MethodDescriptor& method = DescriptorOf(rights);
    MethodMeters& meters = Of(rights.method);
    meters.service = method.service()->full_name();
    meters.name = method.name();
    meters.streams = method.server_streaming();
  }
}

}  // namespace budget
