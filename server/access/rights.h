#ifndef BUDGET_ACCESS_RIGHTS_H_
#define BUDGET_ACCESS_RIGHTS_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/access/role.h"

namespace budget {

// Every RPC of budget.v1. Who may call it, and for which part of the tree, is
// said in THE table, in rights.cc. An RPC without a row does not compile, for
// server/rpc/guard.h maps requests to methods, and fails a test that walks the
// contract.
enum class Method {
  // BudgetService
  kReserve,
  kAdjustReservation,
  kSettle,
  kRelease,
  kRecordUsage,
  kBatch,
  kQueryRemaining,
  kWatchRemaining,
  kGetReservation,
  kListReservations,
  // BudgetAdmin
  kCreateAllocation,
  kGetAllocation,
  kListAllocations,
  kUpdateAllocation,
  kArchiveAllocation,
  kSetLimit,
  kRemoveLimit,
  kFreezeAllocation,
  kUnfreezeAllocation,
  kAdjustBalance,
  kTransferCap,
  kSetPrices,
  kGetPrices,
  kVerify,
  kGetServerInfo,
  // LedgerService
  kListLedgerEntries,
  kListDenials,
  kGetCheckpoint,
  // AccessService
  kCreateToken,
  kListTokens,
  kRevokeToken,
  kAddGrant,
  kRemoveGrant,
  kListGrants,
  kListAccessChanges,
};

inline constexpr RoleSet kAnyRole = {Role::kGateway, Role::kViewer,
                                     Role::kAdmin, Role::kAuditor};

// Those who may read all reservations of their subtree.
inline constexpr RoleSet kReaders = {Role::kViewer, Role::kAdmin,
                                     Role::kAuditor};

// How a call's part of the tree is found, and what is answered to those who
// have the role elsewhere.
enum class Scope {
  // The caller must have the role at every path in `fields`; to others it does
  // not exist.
  kAt,
  // The same, where it need not exist: others are denied, whether it does or
  // not.
  kDeniedElsewhere,
  // The caller must have the role somewhere in the root that the field names;
  // what it may see or touch there is looked at one by one, and the rest does
  // not exist.
  kInRoot,
  // Items of which the caller may see each or not; the field, if it is set,
  // says where to look.
  kEachItem,
  // Each part of the call is a call of its own.
  kParts,
};

struct Rights {
  Method method;
  absl::string_view name;  // "budget.v1.BudgetService/Reserve"
  RoleSet roles;
  Scope scope;
  // The fields of the request, with commas between, as "from.path,to.path".
  absl::string_view fields;
};

const Rights& RightsOf(Method method);

// All rows, in the order of Method.
absl::Span<const Rights> AllRights();

}  // namespace budget

#endif  // BUDGET_ACCESS_RIGHTS_H_
