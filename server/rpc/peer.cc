#include "server/rpc/peer.h"

#include <string>
#include <vector>

#include "grpc/grpc_security_constants.h"

namespace budget {
namespace {

std::vector<std::string> Values(const grpc::AuthContext& context,
                                const char* name) {
  std::vector<std::string> values;
  for (const grpc::string_ref& value : context.FindPropertyValues(name)) {
    values.emplace_back(value.data(), value.size());
  }
  return values;
}

}  // namespace

PeerNames PeerNamesOf(const grpc::AuthContext& context) {
  return {.uris = Values(context, GRPC_PEER_URI_PROPERTY_NAME),
          .dns = Values(context, GRPC_PEER_DNS_PROPERTY_NAME)};
}

}  // namespace budget
