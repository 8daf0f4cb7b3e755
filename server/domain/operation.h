#ifndef BUDGET_DOMAIN_OPERATION_H_
#define BUDGET_DOMAIN_OPERATION_H_

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "server/base/shared.h"
#include "server/base/uuid.h"
#include "server/domain/allocation.h"
#include "server/domain/amounts.h"
#include "server/domain/caller.h"
#include "server/domain/limit.h"
#include "server/domain/prices.h"
#include "server/domain/reservation.h"

namespace budget {

// What callers ask for, well-formed: syntax has been checked, the state of
// things has not. proto/budget/v1 says what each means. All of one operation
// concerns one root. The caller of a change of reservations is checked where
// they are decided; what else somebody may do has been checked before.

struct Reserve {
  Uuid id;
  Shared<ReservePayload> payload;  // origin kReserve
  bool validate_only = false;
  CallerRef caller;
};

struct AdjustReservation {
  std::string root;
  Uuid id;
  PartialAmounts held;
  std::optional<absl::Duration> ttl;
  CallerRef caller;
};

struct Settle {
  std::string root;
  Uuid id;
  PartialAmounts actual;  // cumulative
  bool final = true;
  bool usd_unknown = false;
  std::optional<ModelUsage> usage;
  CallerRef caller;
};

struct Release {
  std::string root;
  Uuid id;
  CallerRef caller;
};

struct RecordUsage {
  Uuid id;
  // Origin kRecordUsage; amounts are the actual ones.
  Shared<ReservePayload> payload;
  CallerRef caller;
};

// Expires what is due in a root, and nothing else.
struct Sweep {
  std::string root;
};

// Who makes an administrative change, and under which id.
struct AdminContext {
  Uuid request_id;
  std::string actor;
};

struct CreateAllocation {
  AdminContext context;
  std::string path;
  std::string display_name;
  std::map<std::string, std::string> labels;
  Policies policies;
  std::vector<LimitSpec> limits;  // names differ
};

// Fields that are set replace what is there.
struct UpdateAllocation {
  AdminContext context;
  std::string path;
  std::optional<std::string> display_name;
  std::optional<std::map<std::string, std::string>> labels;
  std::optional<Policies> policies;
  int64_t version = 0;  // the etag it is based on
};

struct ArchiveAllocation {
  AdminContext context;
  std::string path;
  int64_t version = 0;
};

struct SetLimit {
  AdminContext context;
  std::string path;
  LimitSpec limit;
  std::optional<int64_t> version;  // required where the name is in use
};

struct RemoveLimit {
  AdminContext context;
  std::string path;
  std::string limit;
  int64_t version = 0;
};

struct Freeze {
  AdminContext context;
  std::string path;
  std::string reason;
};

struct Unfreeze {
  AdminContext context;
  std::string path;
};

struct AdjustBalance {
  AdminContext context;
  std::string path;
  std::string limit;  // empty: the whole chain
  Unit unit = Unit::kUsdNanos;
  int64_t amount = 0;  // positive debits, negative credits
  std::string reason;
};

struct TransferCap {
  struct Side {
    std::string path;
    std::string limit;
    int64_t version = 0;
  };
  AdminContext context;
  Side from;
  Side to;
  Unit unit = Unit::kUsdNanos;
  int64_t amount = 0;
  std::string reason;
};

struct SetPrices {
  AdminContext context;
  std::string root;
  std::vector<ModelPrice> prices;
  int64_t replaces_version = 0;
};

using Operation =
    std::variant<Reserve, AdjustReservation, Settle, Release, RecordUsage,
                 Sweep, CreateAllocation, UpdateAllocation, ArchiveAllocation,
                 SetLimit, RemoveLimit, Freeze, Unfreeze, AdjustBalance,
                 TransferCap, SetPrices>;

// The root that the operation concerns.
absl::string_view RootOf(const Operation& operation);

// Whether the operation can only free or record, so that it goes before those
// that hold: Settle, Release, RecordUsage and Sweep.
bool FreesCapacity(const Operation& operation);

// Says who asks for the operation; nothing for administrative changes, which
// have an AdminContext.
void SetCaller(const CallerRef& caller, Operation& operation);

// The context of an administrative change; null for the others.
const AdminContext* AdminContextOf(const Operation& operation);

}  // namespace budget

#endif  // BUDGET_DOMAIN_OPERATION_H_
