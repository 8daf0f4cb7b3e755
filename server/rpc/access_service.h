#ifndef BUDGET_RPC_ACCESS_SERVICE_H_
#define BUDGET_RPC_ACCESS_SERVICE_H_

#include "budget/v1/access_service.grpc.pb.h"
#include "server/rpc/backend.h"

namespace budget {

// Takes every method as bytes, so that decoding is ours; see wire.h.
template <typename T>
using RawAccessService = v1::AccessService::WithRawCallbackMethod_CreateToken<
    v1::AccessService::WithRawCallbackMethod_ListTokens<
        v1::AccessService::WithRawCallbackMethod_RevokeToken<
            v1::AccessService::WithRawCallbackMethod_AddGrant<
                v1::AccessService::WithRawCallbackMethod_RemoveGrant<
                    v1::AccessService::WithRawCallbackMethod_ListGrants<
                        v1::AccessService::
                            WithRawCallbackMethod_ListAccessChanges<T>>>>>>>;

// What administrators of access call. A change is in force in this replica when
// it is answered, in the others at their next look.
class AccessServiceImpl final
    : public RawAccessService<v1::AccessService::Service> {
 public:
  // `backend`, with an access store, must outlive the service.
  explicit AccessServiceImpl(const Backend& backend) : backend_(backend) {}

  using Bytes = grpc::ByteBuffer;
  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  Unary* CreateToken(Context* context, const Bytes* in, Bytes* out) override;
  Unary* ListTokens(Context* context, const Bytes* in, Bytes* out) override;
  Unary* RevokeToken(Context* context, const Bytes* in, Bytes* out) override;
  Unary* AddGrant(Context* context, const Bytes* in, Bytes* out) override;
  Unary* RemoveGrant(Context* context, const Bytes* in, Bytes* out) override;
  Unary* ListGrants(Context* context, const Bytes* in, Bytes* out) override;
  Unary* ListAccessChanges(Context* context, const Bytes* in,
                           Bytes* out) override;

 private:
  const Backend& backend_;
};

}  // namespace budget

#endif  // BUDGET_RPC_ACCESS_SERVICE_H_
