#ifndef BUDGET_RPC_LEDGER_SERVICE_H_
#define BUDGET_RPC_LEDGER_SERVICE_H_

#include "budget/v1/ledger_service.grpc.pb.h"
#include "server/rpc/backend.h"

namespace budget {

// Takes every method as bytes, so that decoding is ours; see wire.h.
template <typename T>
using RawLedgerService =
    v1::LedgerService::WithRawCallbackMethod_ListLedgerEntries<
        v1::LedgerService::WithRawCallbackMethod_ListDenials<
            v1::LedgerService::WithRawCallbackMethod_GetCheckpoint<T>>>;

// What finance and auditors read.
class LedgerServiceImpl final
    : public RawLedgerService<v1::LedgerService::Service> {
 public:
  // `backend` must outlive the service.
  explicit LedgerServiceImpl(const Backend& backend) : backend_(backend) {}

  using Bytes = grpc::ByteBuffer;
  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  Unary* ListLedgerEntries(Context* context, const Bytes* in,
                           Bytes* out) override;
  Unary* ListDenials(Context* context, const Bytes* in, Bytes* out) override;
  Unary* GetCheckpoint(Context* context, const Bytes* in, Bytes* out) override;

 private:
  const Backend& backend_;
};

}  // namespace budget

#endif  // BUDGET_RPC_LEDGER_SERVICE_H_
