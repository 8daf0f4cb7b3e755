#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/admin.h"
#include "server/domain/handlers.h"
#include "server/domain/path.h"
#include "server/domain/refusal.h"

namespace budget {
namespace {

std::optional<Refusal> CheckSame(const Limit& limit, const LimitSpec& spec) {
  constexpr absl::string_view kRemedy =
      "cannot change; remove the limit and set another, or choose a new name";
  if (limit.spec.unit != spec.unit) return InvalidField("limit.unit", kRemedy);
  if (!(limit.spec.window == spec.window)) {
    return InvalidField("limit.window", kRemedy);
  }
  return std::nullopt;
}

// What a new limit starts from in one window.
struct Opening {
  CounterDelta delta;
};

// The ids of the allocations at and under `path` that were loaded.
std::set<AllocationId> IdsUnder(absl::string_view path,
                                const Catalog& catalog) {
  std::set<AllocationId> ids;
  for (const auto& [id, allocation] : catalog.allocations()) {
    if (IsAtOrUnder(allocation.path, path)) ids.insert(id);
  }
  return ids;
}

bool Concerns(const std::vector<AllocationId>& allocations,
              const std::set<AllocationId>& ids) {
  for (AllocationId id : allocations) {
    if (ids.contains(id)) return true;
  }
  return false;
}

// Adds usage of which the ledger knows: what was loaded, and what this batch
// has added since.
void AddUsage(const SetLimit& op, const Limit& limit,
              const std::set<AllocationId>& ids, Books& books,
              std::map<WindowKey, Opening>& openings) {
  const auto history = books.set().histories.find({op.path, op.limit.name});
  if (history != books.set().histories.end()) {
    for (const UsageHistory::Item& item : history->second.items) {
      CounterDelta& delta = openings[item.window].delta;
      delta.spent += item.spent;
      delta.overage += item.overage;
      delta.unpriced += item.unpriced;
    }
  }
  const WindowKey current = books.CurrentWindow(limit);
  for (const LedgerEntry& entry : books.set().entries) {
    if (!Concerns(entry.allocations, ids)) continue;
    const WindowKey window =
        KeyAt(limit.spec.window, entry.admitted_at.value_or(entry.at));
    if (!limit.IsRolling() && window != current) continue;
    const CounterDelta moved = DeltaOf(entry, limit.spec.unit);
    CounterDelta& delta = openings[window].delta;
    delta.spent += moved.spent;
    delta.overage += moved.overage;
    delta.unpriced += moved.unpriced;
  }
}

// Pins every open hold at and under the allocation to the new limit, in the
// window of its admission, as if the limit had been there.
void AdoptHolds(const Limit& limit, const std::set<AllocationId>& ids,
                Books& books, std::map<WindowKey, Opening>& openings) {
  for (auto& [id, slot] : books.set().reservations) {
    Reservation& reservation = slot.reservation;
    if (!reservation.IsOpen()) continue;
    if (!Concerns(reservation.allocation_ids, ids)) continue;
    const WindowKey window = KeyAt(limit.spec.window, reservation.created_at);
    reservation.pins.push_back({.limit = limit.id, .window = window});
    slot.changed = true;
    openings[window].delta.reserved += reservation.held[limit.spec.unit];
  }
}

LedgerEntry OpeningEntry(const SetLimit& op, const Limit& limit,
                         const Allocation& owner, WindowKey window,
                         const CounterDelta& delta) {
  LedgerEntry entry = AdminEntry(EntryKind::kSetLimit, op.context, owner);
  entry.pins = {{.limit = limit.id, .window = window}};
  entry.spent[limit.spec.unit] = std::max<int64_t>(0, delta.spent);
  entry.reserved[limit.spec.unit] = delta.reserved;
  entry.overage[limit.spec.unit] = std::max<int64_t>(0, delta.overage);
  entry.unpriced = std::max<int64_t>(0, delta.unpriced);
  entry.detail.emplace_back("limit", limit.spec.name);
  entry.detail.emplace_back("opening", "true");
  return entry;
}

void AddLimit(const SetLimit& op, const Allocation& owner, Books& books) {
  const Limit& limit =
      books.catalog().Put(Limit{.id = ++books.set().root.last_limit,
                                .allocation = owner.id,
                                .spec = op.limit});
  books.set().changed_limits.insert(limit.id);
  const std::set<AllocationId> ids = IdsUnder(op.path, books.catalog());
  std::map<WindowKey, Opening> openings;
  AddUsage(op, limit, ids, books, openings);
  AdoptHolds(limit, ids, books, openings);

  LedgerEntry first = AdminEntry(EntryKind::kSetLimit, op.context, owner);
  first.caps = {{.limit = limit.id, .cap = op.limit.cap}};
  first.detail.emplace_back("limit", op.limit.name);
  first.detail.emplace_back("cap_to", CapText(op.limit.cap));
  books.Post(std::move(first));
  for (const auto& [window, opening] : openings) {
    books.Post(OpeningEntry(op, limit, owner, window, opening.delta));
  }
}

void ChangeLimit(const SetLimit& op, const Allocation& owner, Limit& limit,
                 Books& books) {
  LedgerEntry entry = AdminEntry(EntryKind::kSetLimit, op.context, owner);
  entry.caps = {{.limit = limit.id, .cap = op.limit.cap}};
  entry.detail.emplace_back("limit", op.limit.name);
  entry.detail.emplace_back("cap_from", CapText(limit.spec.cap));
  entry.detail.emplace_back("cap_to", CapText(op.limit.cap));
  limit.spec = op.limit;
  books.set().changed_limits.insert(limit.id);
  books.Post(std::move(entry));
}

}  // namespace

Outcome Run(const SetLimit& op, Books& books) {
  Allocation* owner = books.catalog().FindAllocation(op.path);
  if (owner == nullptr) return {.refusal = AllocationNotFound(op.path)};
  const Limit* known = books.catalog().FindLimit(*owner, op.limit.name);
  if (known != nullptr && !op.version) {
    return {.refusal = InvalidField(
                "etag", absl::StrCat("is required: the limit ", op.limit.name,
                                     " exists; read the allocation and base "
                                     "the change on its etag"))};
  }
  if (op.version) {
    if (auto refusal = CheckEtag(*owner, *op.version)) {
      return {.refusal = refusal};
    }
  }
  if (owner->archived) return {.refusal = Archived(*owner)};
  if (known != nullptr) {
    if (auto refusal = CheckSame(*known, op.limit)) return {.refusal = refusal};
    ChangeLimit(op, *owner, *books.catalog().FindLimit(known->id), books);
  } else {
    AddLimit(op, *owner, books);
  }
  Touch(*owner, books);
  Outcome outcome = ShowAllocation(op.path, books);
  const Limit& limit = *books.catalog().FindLimit(*owner, op.limit.name);
  outcome.limits = {books.Read(limit, books.CurrentWindow(limit))};
  return outcome;
}

Outcome Run(const RemoveLimit& op, Books& books) {
  Allocation* owner = books.catalog().FindAllocation(op.path);
  if (owner == nullptr) return {.refusal = AllocationNotFound(op.path)};
  const Limit* known = books.catalog().FindLimit(*owner, op.limit);
  if (known == nullptr) return {.refusal = LimitNotFound(op.path, op.limit)};
  if (auto refusal = CheckEtag(*owner, op.version)) {
    return {.refusal = refusal};
  }
  Limit& limit = *books.catalog().FindLimit(known->id);
  limit.removed = true;
  books.set().changed_limits.insert(limit.id);
  Touch(*owner, books);
  LedgerEntry entry = AdminEntry(EntryKind::kRemoveLimit, op.context, *owner);
  entry.caps = {{.limit = limit.id, .cap = std::nullopt}};
  entry.detail.emplace_back("limit", op.limit);
  entry.detail.emplace_back("cap_from", CapText(limit.spec.cap));
  books.Post(std::move(entry));
  return ShowAllocation(op.path, books);
}

}  // namespace budget
