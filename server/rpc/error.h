#ifndef BUDGET_RPC_ERROR_H_
#define BUDGET_RPC_ERROR_H_

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/status.h"
#include "server/domain/catalog.h"
#include "server/domain/outcome.h"
#include "server/lane/dispatcher.h"

namespace budget {

// The one place where errors take the form in which callers see them: a
// status code with google.rpc details. ErrorInfo is always there; what else
// comes with which reason is said in README.md. Pure; thread-safe.

inline constexpr char kErrorDomain[] = "budget.v1";

// What a refusal refers to. Either may be null.
struct RefusalContext {
  const Catalog* catalog = nullptr;
  const Reservation* reservation = nullptr;
};

google::rpc::Status ErrorOf(const Refusal& refusal,
                            const RefusalContext& context);

// Of a result that is not ok().
google::rpc::Status ErrorOf(const OperationResult& result);

// The refusal that a status of the parser or of a store amounts to. Its text
// is the parser's for a FieldError, and for a store our own.
Refusal RefusalOf(const absl::Status& status);

// Packed for the wire, details in grpc-status-details-bin.
grpc::Status ToGrpc(const google::rpc::Status& error);

}  // namespace budget

#endif  // BUDGET_RPC_ERROR_H_
