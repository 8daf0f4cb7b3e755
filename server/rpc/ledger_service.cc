#include "server/rpc/ledger_service.h"

#include "server/rpc/call.h"

namespace budget {

grpc::ServerUnaryReactor* LedgerServiceImpl::ListLedgerEntries(Context* context,
                                                               const Bytes* in,
                                                               Bytes* out) {
  return RunRead<v1::ListLedgerEntriesRequest, v1::ListLedgerEntriesResponse>(
      backend_, {*context, *in, *out});
}

grpc::ServerUnaryReactor* LedgerServiceImpl::ListDenials(Context* context,
                                                         const Bytes* in,
                                                         Bytes* out) {
  return RunRead<v1::ListDenialsRequest, v1::ListDenialsResponse>(
      backend_, {*context, *in, *out});
}

grpc::ServerUnaryReactor* LedgerServiceImpl::GetCheckpoint(Context* context,
                                                           const Bytes* in,
                                                           Bytes* out) {
  return RunRead<v1::GetCheckpointRequest, v1::GetCheckpointResponse>(
      backend_, {*context, *in, *out});
}

}  // namespace budget
