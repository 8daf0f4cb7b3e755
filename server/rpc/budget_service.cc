#include "server/rpc/budget_service.h"

#include "server/rpc/batch.h"
#include "server/rpc/call.h"

namespace budget {

grpc::ServerUnaryReactor* BudgetServiceImpl::Reserve(Context* context,
                                                     const Bytes* in,
                                                     Bytes* out) {
  return Submit<v1::ReserveRequest, v1::ReserveResponse>(
      backend_, {*context, *in, *out}, Effect::kHolds);
}

grpc::ServerUnaryReactor* BudgetServiceImpl::AdjustReservation(Context* context,
                                                               const Bytes* in,
                                                               Bytes* out) {
  return Submit<v1::AdjustReservationRequest, v1::AdjustReservationResponse>(
      backend_, {*context, *in, *out}, Effect::kHolds);
}

grpc::ServerUnaryReactor* BudgetServiceImpl::Settle(Context* context,
                                                    const Bytes* in,
                                                    Bytes* out) {
  return Submit<v1::SettleRequest, v1::SettleResponse>(
      backend_, {*context, *in, *out}, Effect::kOnlyFrees);
}

grpc::ServerUnaryReactor* BudgetServiceImpl::Release(Context* context,
                                                     const Bytes* in,
                                                     Bytes* out) {
  return Submit<v1::ReleaseRequest, v1::ReleaseResponse>(
      backend_, {*context, *in, *out}, Effect::kOnlyFrees);
}

grpc::ServerUnaryReactor* BudgetServiceImpl::RecordUsage(Context* context,
                                                         const Bytes* in,
                                                         Bytes* out) {
  return Submit<v1::RecordUsageRequest, v1::RecordUsageResponse>(
      backend_, {*context, *in, *out}, Effect::kOnlyFrees);
}

grpc::ServerUnaryReactor* BudgetServiceImpl::Batch(Context* context,
                                                   const Bytes* in,
                                                   Bytes* out) {
  return RunBatch(backend_, {*context, *in, *out});
}

grpc::ServerUnaryReactor* BudgetServiceImpl::QueryRemaining(Context* context,
                                                            const Bytes* in,
                                                            Bytes* out) {
  return RunRead<v1::QueryRemainingRequest, v1::QueryRemainingResponse>(
      backend_, {*context, *in, *out});
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* BudgetServiceImpl::WatchRemaining(
    Context* context, const Bytes* in) {
  return watcher_.Watch(*context, *in);
}

grpc::ServerUnaryReactor* BudgetServiceImpl::GetReservation(Context* context,
                                                            const Bytes* in,
                                                            Bytes* out) {
  return RunRead<v1::GetReservationRequest, v1::GetReservationResponse>(
      backend_, {*context, *in, *out});
}

grpc::ServerUnaryReactor* BudgetServiceImpl::ListReservations(Context* context,
                                                              const Bytes* in,
                                                              Bytes* out) {
  return RunRead<v1::ListReservationsRequest, v1::ListReservationsResponse>(
      backend_, {*context, *in, *out});
}

}  // namespace budget
