#ifndef BUDGET_RPC_PEER_H_
#define BUDGET_RPC_PEER_H_

#include "grpcpp/security/auth_context.h"
#include "server/access/peer_identity.h"

namespace budget {

// The names in the certificate of the peer of a call, which the handshake has
// verified; none over plain text and where the peer showed no certificate.
PeerNames PeerNamesOf(const grpc::AuthContext& context);

}  // namespace budget

#endif  // BUDGET_RPC_PEER_H_
