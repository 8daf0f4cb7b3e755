#include "server/rpc/budget_admin.h"

#include "server/rpc/call.h"
#include "server/rpc/time.h"

namespace budget {
namespace {

// Runs an administrative change.
template <typename Request, typename Response>
grpc::ServerUnaryReactor* Change(const Backend& backend, const Call& call) {
  return Submit<Request, Response>(backend, call, Effect::kHolds);
}

}  // namespace

grpc::ServerUnaryReactor* BudgetAdminImpl::CreateAllocation(Context* context,
                                                            const Bytes* in,
                                                            Bytes* out) {
  return Change<v1::CreateAllocationRequest, v1::CreateAllocationResponse>(
      backend_, {*context, *in, *out});
}

grpc::ServerUnaryReactor* BudgetAdminImpl::GetAllocation(Context* context,
                                                         const Bytes* in,
                                                         Bytes* out) {
  return RunRead<v1::GetAllocationRequest, v1::GetAllocationResponse>(
      backend_, {*context, *in, *out});
}

grpc::ServerUnaryReactor* BudgetAdminImpl::ListAllocations(Context* context,
                                                           const Bytes* in,
                                                           Bytes* out) {
  return RunRead<v1::ListAllocationsRequest, v1::ListAllocationsResponse>(
      backend_, {*context, *in, *out});
}

grpc::ServerUnaryReactor* BudgetAdminImpl::UpdateAllocation(Context* context,
                                                            const Bytes* in,
                                                            Bytes* out) {
  return Change<v1::UpdateAllocationRequest, v1::UpdateAllocationResponse>(
      backend_, {*context, *in, *out});
}

grpc::ServerUnaryReactor* BudgetAdminImpl::ArchiveAllocation(Context* context,
                                                             const Bytes* in,
                                                             Bytes* out) {
  return Change<v1::ArchiveAllocationRequest, v1::ArchiveAllocationResponse>(
      backend_, {*context, *in, *out});
}

grpc::ServerUnaryReactor* BudgetAdminImpl::SetLimit(Context* context,
                                                    const Bytes* in,
                                                    Bytes* out) {
  return Change<v1::SetLimitRequest, v1::SetLimitResponse>(
      backend_, {*context, *in, *out});
}

grpc::ServerUnaryReactor* BudgetAdminImpl::RemoveLimit(Context* context,
                                                       const Bytes* in,
                                                       Bytes* out) {
  return Change<v1::RemoveLimitRequest, v1::RemoveLimitResponse>(
      backend_, {*context, *in, *out});
}

grpc::ServerUnaryReactor* BudgetAdminImpl::FreezeAllocation(Context* context,
                                                            const Bytes* in,
                                                            Bytes* out) {
  return Change<v1::FreezeAllocationRequest, v1::FreezeAllocationResponse>(
      backend_, {*context, *in, *out});
}

grpc::ServerUnaryReactor* BudgetAdminImpl::UnfreezeAllocation(Context* context,
                                                              const Bytes* in,
                                                              Bytes* out) {
  return Change<v1::UnfreezeAllocationRequest, v1::UnfreezeAllocationResponse>(
      backend_, {*context, *in, *out});
}

grpc::ServerUnaryReactor* BudgetAdminImpl::AdjustBalance(Context* context,
                                                         const Bytes* in,
                                                         Bytes* out) {
  return Change<v1::AdjustBalanceRequest, v1::AdjustBalanceResponse>(
      backend_, {*context, *in, *out});
}

grpc::ServerUnaryReactor* BudgetAdminImpl::TransferCap(Context* context,
                                                       const Bytes* in,
                                                       Bytes* out) {
  return Change<v1::TransferCapRequest, v1::TransferCapResponse>(
      backend_, {*context, *in, *out});
}

grpc::ServerUnaryReactor* BudgetAdminImpl::SetPrices(Context* context,
                                                     const Bytes* in,
                                                     Bytes* out) {
  return Change<v1::SetPricesRequest, v1::SetPricesResponse>(
      backend_, {*context, *in, *out});
}

grpc::ServerUnaryReactor* BudgetAdminImpl::GetPrices(Context* context,
                                                     const Bytes* in,
                                                     Bytes* out) {
  return RunRead<v1::GetPricesRequest, v1::GetPricesResponse>(
      backend_, {*context, *in, *out});
}

grpc::ServerUnaryReactor* BudgetAdminImpl::Verify(Context* context,
                                                  const Bytes* in, Bytes* out) {
  return RunRead<v1::VerifyRequest, v1::VerifyResponse>(backend_,
                                                        {*context, *in, *out});
}

grpc::ServerUnaryReactor* BudgetAdminImpl::GetServerInfo(Context* context,
                                                         const Bytes* in,
                                                         Bytes* out) {
  return RunBlocking<v1::GetServerInfoRequest, v1::GetServerInfoResponse>(
      backend_, {*context, *in, *out},
      [this](const Pass& pass, const v1::GetServerInfoRequest& request,
             v1::GetServerInfoResponse& response) {
        response.set_version(backend_.replica.version);
        response.set_schema_version(backend_.replica.schema_version);
        ToProto(backend_.replica.start_time, *response.mutable_start_time());
        auto refusal = Read(backend_.store, pass, request, response);
        ToProto(backend_.clock.Now(), *response.mutable_replica_time());
        return refusal;
      });
}

}  // namespace budget
