#ifndef BUDGET_RPC_BUDGET_ADMIN_H_
#define BUDGET_RPC_BUDGET_ADMIN_H_

#include "budget/v1/budget_admin.grpc.pb.h"
#include "server/rpc/backend.h"

namespace budget {

// Takes every method as bytes, so that decoding is ours; see wire.h.
template <typename T>
using RawBudgetAdmin = v1::BudgetAdmin::WithRawCallbackMethod_CreateAllocation<
    v1::BudgetAdmin::WithRawCallbackMethod_GetAllocation<
        v1::BudgetAdmin::WithRawCallbackMethod_ListAllocations<
            v1::BudgetAdmin::WithRawCallbackMethod_UpdateAllocation<
                v1::BudgetAdmin::WithRawCallbackMethod_ArchiveAllocation<
                    v1::BudgetAdmin::WithRawCallbackMethod_SetLimit<
                        v1::BudgetAdmin::WithRawCallbackMethod_RemoveLimit<
                            v1::BudgetAdmin::WithRawCallbackMethod_FreezeAllocation<
                                v1::BudgetAdmin::WithRawCallbackMethod_UnfreezeAllocation<
                                    v1::BudgetAdmin::WithRawCallbackMethod_AdjustBalance<
                                        v1::BudgetAdmin::WithRawCallbackMethod_TransferCap<
                                            v1::BudgetAdmin::WithRawCallbackMethod_SetPrices<
                                                v1::BudgetAdmin::
                                                    WithRawCallbackMethod_GetPrices<
                                                        v1::BudgetAdmin::
                                                            WithRawCallbackMethod_Verify<
                                                                v1::BudgetAdmin::
                                                                    WithRawCallbackMethod_GetServerInfo<
                                                                        T>>>>>>>>>>>>>>>;

// What administrators call.
class BudgetAdminImpl final : public RawBudgetAdmin<v1::BudgetAdmin::Service> {
 public:
  // `backend` must outlive the service.
  explicit BudgetAdminImpl(const Backend& backend) : backend_(backend) {}

  using Bytes = grpc::ByteBuffer;
  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  Unary* CreateAllocation(Context* context, const Bytes* in,
                          Bytes* out) override;
  Unary* GetAllocation(Context* context, const Bytes* in, Bytes* out) override;
  Unary* ListAllocations(Context* context, const Bytes* in,
                         Bytes* out) override;
  Unary* UpdateAllocation(Context* context, const Bytes* in,
                          Bytes* out) override;
  Unary* ArchiveAllocation(Context* context, const Bytes* in,
                           Bytes* out) override;
  Unary* SetLimit(Context* context, const Bytes* in, Bytes* out) override;
  Unary* RemoveLimit(Context* context, const Bytes* in, Bytes* out) override;
  Unary* FreezeAllocation(Context* context, const Bytes* in,
                          Bytes* out) override;
  Unary* UnfreezeAllocation(Context* context, const Bytes* in,
                            Bytes* out) override;
  Unary* AdjustBalance(Context* context, const Bytes* in, Bytes* out) override;
  Unary* TransferCap(Context* context, const Bytes* in, Bytes* out) override;
  Unary* SetPrices(Context* context, const Bytes* in, Bytes* out) override;
  Unary* GetPrices(Context* context, const Bytes* in, Bytes* out) override;
  Unary* Verify(Context* context, const Bytes* in, Bytes* out) override;
  Unary* GetServerInfo(Context* context, const Bytes* in, Bytes* out) override;

 private:
  const Backend& backend_;
};

}  // namespace budget

#endif  // BUDGET_RPC_BUDGET_ADMIN_H_
