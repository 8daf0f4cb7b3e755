#include "server/rpc/access_service.h"

#include "server/rpc/call.h"
#include "server/rpc/manage_access.h"

namespace budget {
namespace {

// Runs one call on the access store.
template <typename Request, typename Response>
grpc::ServerUnaryReactor* Manage(const Backend& backend, const Call& call) {
  // The context lives until the call is answered.
  return RunBlocking<Request, Response>(
      backend, call,
      [&backend, context = &call.context](
          const Pass& pass, const Request& request, Response& response) {
        const Manager manager = {.store = *backend.access,
                                 .directory = backend.directory,
                                 .pass = pass,
                                 .actor = ActorOf(pass, *context)};
        return Answer(manager, request, response);
      });
}

}  // namespace

grpc::ServerUnaryReactor* AccessServiceImpl::CreateToken(Context* context,
                                                         const Bytes* in,
                                                         Bytes* out) {
  return Manage<v1::CreateTokenRequest, v1::CreateTokenResponse>(
      backend_, {*context, *in, *out});
}

grpc::ServerUnaryReactor* AccessServiceImpl::ListTokens(Context* context,
                                                        const Bytes* in,
                                                        Bytes* out) {
  return Manage<v1::ListTokensRequest, v1::ListTokensResponse>(
      backend_, {*context, *in, *out});
}

grpc::ServerUnaryReactor* AccessServiceImpl::RevokeToken(Context* context,
                                                         const Bytes* in,
                                                         Bytes* out) {
  return Manage<v1::RevokeTokenRequest, v1::RevokeTokenResponse>(
      backend_, {*context, *in, *out});
}

grpc::ServerUnaryReactor* AccessServiceImpl::AddGrant(Context* context,
                                                      const Bytes* in,
                                                      Bytes* out) {
  return Manage<v1::AddGrantRequest, v1::AddGrantResponse>(
      backend_, {*context, *in, *out});
}

grpc::ServerUnaryReactor* AccessServiceImpl::RemoveGrant(Context* context,
                                                         const Bytes* in,
                                                         Bytes* out) {
  return Manage<v1::RemoveGrantRequest, v1::RemoveGrantResponse>(
      backend_, {*context, *in, *out});
}

grpc::ServerUnaryReactor* AccessServiceImpl::ListGrants(Context* context,
                                                        const Bytes* in,
                                                        Bytes* out) {
  return Manage<v1::ListGrantsRequest, v1::ListGrantsResponse>(
      backend_, {*context, *in, *out});
}

grpc::ServerUnaryReactor* AccessServiceImpl::ListAccessChanges(Context* context,
                                                               const Bytes* in,
                                                               Bytes* out) {
  return Manage<v1::ListAccessChangesRequest, v1::ListAccessChangesResponse>(
      backend_, {*context, *in, *out});
}

}  // namespace budget
