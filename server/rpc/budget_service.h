#ifndef BUDGET_RPC_BUDGET_SERVICE_H_
#define BUDGET_RPC_BUDGET_SERVICE_H_

#include "budget/v1/budget_service.grpc.pb.h"
#include "server/rpc/backend.h"
#include "server/rpc/watch.h"

namespace budget {

// Takes every method as bytes, so that decoding is ours; see wire.h.
template <typename T>
using RawBudgetService = v1::BudgetService::WithRawCallbackMethod_Reserve<
    v1::BudgetService::WithRawCallbackMethod_AdjustReservation<
        v1::BudgetService::WithRawCallbackMethod_Settle<
            v1::BudgetService::WithRawCallbackMethod_Release<
                v1::BudgetService::WithRawCallbackMethod_RecordUsage<
                    v1::BudgetService::WithRawCallbackMethod_Batch<
                        v1::BudgetService::WithRawCallbackMethod_QueryRemaining<
                            v1::BudgetService::WithRawCallbackMethod_WatchRemaining<
                                v1::BudgetService::
                                    WithRawCallbackMethod_GetReservation<
                                        v1::BudgetService::
                                            WithRawCallbackMethod_ListReservations<
                                                T>>>>>>>>>>;

// What gateways and dashboards call: decode, parse, delegate, answer.
class BudgetServiceImpl final
    : public RawBudgetService<v1::BudgetService::Service> {
 public:
  // Both must outlive the service.
  BudgetServiceImpl(const Backend& backend, Watcher& watcher)
      : backend_(backend), watcher_(watcher) {}

  using Bytes = grpc::ByteBuffer;
  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  Unary* Reserve(Context* context, const Bytes* in, Bytes* out) override;
  Unary* AdjustReservation(Context* context, const Bytes* in,
                           Bytes* out) override;
  Unary* Settle(Context* context, const Bytes* in, Bytes* out) override;
  Unary* Release(Context* context, const Bytes* in, Bytes* out) override;
  Unary* RecordUsage(Context* context, const Bytes* in, Bytes* out) override;
  Unary* Batch(Context* context, const Bytes* in, Bytes* out) override;
  Unary* QueryRemaining(Context* context, const Bytes* in, Bytes* out) override;
  grpc::ServerWriteReactor<Bytes>* WatchRemaining(Context* context,
                                                  const Bytes* in) override;
  Unary* GetReservation(Context* context, const Bytes* in, Bytes* out) override;
  Unary* ListReservations(Context* context, const Bytes* in,
                          Bytes* out) override;

 private:
  const Backend& backend_;
  Watcher& watcher_;
};

}  // namespace budget

#endif  // BUDGET_RPC_BUDGET_SERVICE_H_
