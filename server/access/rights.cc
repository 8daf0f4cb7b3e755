#include "server/access/rights.h"

#include <iterator>

namespace budget {
namespace {

constexpr RoleSet kCallers = {Role::kGateway, Role::kAdmin};
constexpr RoleSet kAdmins = {Role::kAdmin};
constexpr RoleSet kAudits = {Role::kAdmin, Role::kAuditor};

// A gateway touches only reservations of its own: the rules of the domain see
// to that, and to the subtree of a reservation that a request names by its id.
constexpr Rights kTable[] = {
    {Method::kReserve, "budget.v1.BudgetService/Reserve", kCallers, Scope::kAt,
     "allocations"},
    {Method::kAdjustReservation, "budget.v1.BudgetService/AdjustReservation",
     kCallers, Scope::kInRoot, "root"},
    {Method::kSettle, "budget.v1.BudgetService/Settle", kCallers,
     Scope::kInRoot, "root"},
    {Method::kRelease, "budget.v1.BudgetService/Release", kCallers,
     Scope::kInRoot, "root"},
    {Method::kRecordUsage, "budget.v1.BudgetService/RecordUsage", kCallers,
     Scope::kAt, "allocations"},
    {Method::kBatch, "budget.v1.BudgetService/Batch", kCallers, Scope::kParts,
     ""},
    {Method::kQueryRemaining, "budget.v1.BudgetService/QueryRemaining",
     kAnyRole, Scope::kAt, "allocation"},
    {Method::kWatchRemaining, "budget.v1.BudgetService/WatchRemaining",
     kAnyRole, Scope::kAt, "allocation"},
    {Method::kGetReservation, "budget.v1.BudgetService/GetReservation",
     kAnyRole, Scope::kInRoot, "root"},
    {Method::kListReservations, "budget.v1.BudgetService/ListReservations",
     kReaders, Scope::kAt, "allocation"},

    {Method::kCreateAllocation, "budget.v1.BudgetAdmin/CreateAllocation",
     kAdmins, Scope::kDeniedElsewhere, "allocation.path"},
    {Method::kGetAllocation, "budget.v1.BudgetAdmin/GetAllocation", kReaders,
     Scope::kAt, "path"},
    {Method::kListAllocations, "budget.v1.BudgetAdmin/ListAllocations",
     kReaders, Scope::kEachItem, "under"},
    {Method::kUpdateAllocation, "budget.v1.BudgetAdmin/UpdateAllocation",
     kAdmins, Scope::kAt, "allocation.path"},
    {Method::kArchiveAllocation, "budget.v1.BudgetAdmin/ArchiveAllocation",
     kAdmins, Scope::kAt, "path"},
    {Method::kSetLimit, "budget.v1.BudgetAdmin/SetLimit", kAdmins, Scope::kAt,
     "path"},
    {Method::kRemoveLimit, "budget.v1.BudgetAdmin/RemoveLimit", kAdmins,
     Scope::kAt, "path"},
    {Method::kFreezeAllocation, "budget.v1.BudgetAdmin/FreezeAllocation",
     kAdmins, Scope::kAt, "path"},
    {Method::kUnfreezeAllocation, "budget.v1.BudgetAdmin/UnfreezeAllocation",
     kAdmins, Scope::kAt, "path"},
    // Without a limit it moves those of the ancestors too: then the role is
    // needed at the root.
    {Method::kAdjustBalance, "budget.v1.BudgetAdmin/AdjustBalance", kAdmins,
     Scope::kAt, "path"},
    {Method::kTransferCap, "budget.v1.BudgetAdmin/TransferCap", kAdmins,
     Scope::kAt, "from.path,to.path"},
    {Method::kSetPrices, "budget.v1.BudgetAdmin/SetPrices", kAdmins, Scope::kAt,
     "root"},
    // Prices hold for every call of the root.
    {Method::kGetPrices, "budget.v1.BudgetAdmin/GetPrices", kAnyRole,
     Scope::kInRoot, "root"},
    {Method::kVerify, "budget.v1.BudgetAdmin/Verify", kAudits, Scope::kAt,
     "root"},
    // Nothing of the tree is in it.
    {Method::kGetServerInfo, "budget.v1.BudgetAdmin/GetServerInfo", kAnyRole,
     Scope::kEachItem, ""},

    {Method::kListLedgerEntries, "budget.v1.LedgerService/ListLedgerEntries",
     kAudits, Scope::kInRoot, "root"},
    {Method::kListDenials, "budget.v1.LedgerService/ListDenials", kReaders,
     Scope::kAt, "allocation"},

    {Method::kGetCheckpoint, "budget.v1.LedgerService/GetCheckpoint", kAudits,
     Scope::kAt, "root"},

    // Who makes a token or a grant gives away no more than it has.
    {Method::kCreateToken, "budget.v1.AccessService/CreateToken", kAdmins,
     Scope::kDeniedElsewhere, "subtree"},
    {Method::kListTokens, "budget.v1.AccessService/ListTokens", kAudits,
     Scope::kEachItem, ""},
    {Method::kRevokeToken, "budget.v1.AccessService/RevokeToken", kAdmins,
     Scope::kEachItem, ""},
    {Method::kAddGrant, "budget.v1.AccessService/AddGrant", kAdmins,
     Scope::kDeniedElsewhere, "grant.subtree"},
    {Method::kRemoveGrant, "budget.v1.AccessService/RemoveGrant", kAdmins,
     Scope::kDeniedElsewhere, "grant.subtree"},
    {Method::kListGrants, "budget.v1.AccessService/ListGrants", kAudits,
     Scope::kEachItem, ""},
    {Method::kListAccessChanges, "budget.v1.AccessService/ListAccessChanges",
     kAudits, Scope::kEachItem, ""},
};

constexpr bool RowsFollowTheEnum() {
  for (size_t i = 0; i < std::size(kTable); ++i) {
    if (kTable[i].method != static_cast<Method>(i)) return false;
  }
  return std::size(kTable) ==
         static_cast<size_t>(Method::kListAccessChanges) + 1;
}
static_assert(RowsFollowTheEnum(), "one row for each method, in order");

}  // namespace

const Rights& RightsOf(Method method) {
  return kTable[static_cast<size_t>(method)];
}

absl::Span<const Rights> AllRights() { return kTable; }

}  // namespace budget
