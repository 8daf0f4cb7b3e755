#ifndef BUDGET_RPC_MANAGE_ACCESS_H_
#define BUDGET_RPC_MANAGE_ACCESS_H_

#include <optional>
#include <string>

#include "budget/v1/access_service.pb.h"
#include "server/access/access_store.h"
#include "server/access/directory.h"
#include "server/domain/outcome.h"
#include "server/rpc/guard.h"

namespace budget {

// Who manages access, and with what.
struct Manager {
  AccessStore& store;
  Directory* directory;  // told of changes; may be null
  const Pass& pass;
  std::string actor;  // for the log
};

// The calls of AccessService: each checks its request, asks or changes the
// store, and writes the answer; tokens and grants where the caller has no role
// do not exist. They block on the database. Each returns why it could not
// answer, or nullopt. Thread-safe.

std::optional<Refusal> Answer(const Manager& manager,
                              const v1::CreateTokenRequest& request,
                              v1::CreateTokenResponse& out);
std::optional<Refusal> Answer(const Manager& manager,
                              const v1::ListTokensRequest& request,
                              v1::ListTokensResponse& out);
std::optional<Refusal> Answer(const Manager& manager,
                              const v1::RevokeTokenRequest& request,
                              v1::RevokeTokenResponse& out);
std::optional<Refusal> Answer(const Manager& manager,
                              const v1::AddGrantRequest& request,
                              v1::AddGrantResponse& out);
std::optional<Refusal> Answer(const Manager& manager,
                              const v1::RemoveGrantRequest& request,
                              v1::RemoveGrantResponse& out);
std::optional<Refusal> Answer(const Manager& manager,
                              const v1::ListGrantsRequest& request,
                              v1::ListGrantsResponse& out);
std::optional<Refusal> Answer(const Manager& manager,
                              const v1::ListAccessChangesRequest& request,
                              v1::ListAccessChangesResponse& out);

}  // namespace budget

#endif  // BUDGET_RPC_MANAGE_ACCESS_H_
