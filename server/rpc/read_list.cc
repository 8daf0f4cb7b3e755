#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/domain/path.h"
#include "server/domain/refusal.h"
#include "server/domain/shown.h"
#include "server/rpc/convert.h"
#include "server/rpc/error.h"
#include "server/rpc/field_error.h"
#include "server/rpc/page.h"
#include "server/rpc/parse_field.h"
#include "server/rpc/read.h"
#include "server/rpc/time.h"

namespace budget {
namespace {

absl::Status Parse(const v1::ListReservationsRequest& request,
                   ReservationFilter& out) {
  BUDGET_RETURN_IF_ERROR(
      ParsePath("allocation", request.allocation(), out.under));
  if (!v1::ReservationState_IsValid(request.state())) {
    return FieldError("state", absl::StrCat("is ", request.state(),
                                            ", which names no state"));
  }
  if (request.state() != v1::RESERVATION_STATE_UNSPECIFIED) {
    out.state = static_cast<ReservationState>(request.state());
  }
  std::string cursor;
  BUDGET_RETURN_IF_ERROR(ParsePage(request, out.page_size, cursor));
  if (cursor.empty()) return absl::OkStatus();
  const std::vector<absl::string_view> parts = absl::StrSplit(cursor, ' ');
  int64_t micros = 0;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &micros)) {
    return BrokenToken();
  }
  const std::optional<Uuid> id = Uuid::Parse(parts[1]);
  if (!id) return BrokenToken();
  out.after = {.created_at = absl::FromUnixMicros(micros), .id = *id};
  return absl::OkStatus();
}

absl::Status Parse(const v1::ListAllocationsRequest& request,
                   AllocationFilter& out) {
  if (!request.under().empty()) {
    BUDGET_RETURN_IF_ERROR(ParsePath("under", request.under(), out.under));
  }
  out.include_archived = request.include_archived();
  return ParsePage(request, out.page_size, out.after);
}

absl::Status Parse(const v1::ListLedgerEntriesRequest& request,
                   LedgerFilter& out) {
  BUDGET_RETURN_IF_ERROR(ParseRoot("root", request.root(), out.root));
  if (request.after_sequence() < 0) {
    return FieldError("after_sequence",
                      absl::StrCat("is ", request.after_sequence(),
                                   "; give 0 or a sequence number"));
  }
  out.after_sequence = request.after_sequence();
  if (!request.reservation_id().empty()) {
    BUDGET_RETURN_IF_ERROR(ParseUuid("reservation_id", request.reservation_id(),
                                     out.reservation.emplace()));
  }
  std::string cursor;
  BUDGET_RETURN_IF_ERROR(ParsePage(request, out.page_size, cursor));
  if (!cursor.empty() && !absl::SimpleAtoi(cursor, &out.after_sequence)) {
    return BrokenToken();
  }
  return absl::OkStatus();
}

absl::Status Parse(const v1::ListDenialsRequest& request, DenialFilter& out) {
  BUDGET_RETURN_IF_ERROR(
      ParsePath("allocation", request.allocation(), out.under));
  std::string cursor;
  BUDGET_RETURN_IF_ERROR(ParsePage(request, out.page_size, cursor));
  if (!cursor.empty() &&
      (!absl::SimpleAtoi(cursor, &out.offset) || out.offset < 0)) {
    return BrokenToken();
  }
  return absl::OkStatus();
}

// Nothing to list may mean that there is nothing to list it of.
std::optional<Refusal> CheckExists(Store& store, const std::string& path) {
  const absl::StatusOr<Snapshot> snapshot = store.Read(PlanForChain(path));
  if (!snapshot.ok()) return RefusalOf(snapshot.status());
  if (snapshot->set->catalog.FindAllocation(path) != nullptr) {
    return std::nullopt;
  }
  return AllocationNotFound(path);
}

bool Covers(const Pass& pass, const Allocation* allocation) {
  return allocation != nullptr && pass.Covers(allocation->path);
}

bool CoversLimit(const Pass& pass, const Catalog& catalog, LimitId id) {
  const Limit* limit = catalog.FindLimit(id);
  return limit != nullptr &&
         Covers(pass, catalog.FindAllocation(limit->allocation));
}

// Whether every allocation that the entry is about is the caller's.
bool IsShown(const LedgerEntry& entry, const Catalog& catalog,
             const Pass& pass) {
  if (pass.Covers(kEverything)) return true;
  bool about_something = !entry.allocations.empty();
  for (const AllocationId id : entry.allocations) {
    if (!Covers(pass, catalog.FindAllocation(id))) return false;
  }
  for (const auto& [key, value] : entry.detail) {
    if (key != "allocation") continue;
    about_something = true;
    if (!pass.Covers(value)) return false;
  }
  for (const CapChange& cap : entry.caps) {
    if (!CoversLimit(pass, catalog, cap.limit)) return false;
  }
  if (about_something) return true;
  // The part of a refund that one limit could not take in full.
  return !entry.pins.empty() &&
         std::all_of(entry.pins.begin(), entry.pins.end(), [&](const Pin& pin) {
           return CoversLimit(pass, catalog, pin.limit);
         });
}

// Numbers of limits are unique within a root only, so a page that spans
// several roots has them read root by root.
absl::Status AddAllocations(Store& store, const Page<Allocation>& page,
                            v1::ListAllocationsResponse& out) {
  std::map<std::string, LoadPlan> plans;
  for (const Allocation& allocation : page.items) {
    const std::string root(RootOf(allocation.path));
    LoadPlan& plan = plans[root];
    plan.root = root;
    plan.paths.insert(allocation.path);
  }
  std::map<std::string, Snapshot> snapshots;
  if (plans.size() > 1) {
    for (const auto& [root, plan] : plans) {
      absl::StatusOr<Snapshot> snapshot = store.Read(plan);
      BUDGET_RETURN_IF_ERROR(snapshot.status());
      snapshots.emplace(root, *std::move(snapshot));
    }
  }
  for (const Allocation& allocation : page.items) {
    const auto it = snapshots.find(std::string(RootOf(allocation.path)));
    const Catalog& catalog =
        it == snapshots.end() ? page.catalog : it->second.set->catalog;
    ToProto(allocation, catalog.LimitsOf(allocation), *out.add_allocations());
  }
  return absl::OkStatus();
}

}  // namespace

std::optional<Refusal> Read(Store& store, const Pass& pass,
                            const v1::ListReservationsRequest& request,
                            v1::ListReservationsResponse& out) {
  ReservationFilter filter;
  const absl::Status parsed = Parse(request, filter);
  if (!parsed.ok()) return RefusalOf(parsed);
  filter.within = pass.Subtrees();
  absl::StatusOr<Page<Reservation>> page = store.ListReservations(filter);
  if (!page.ok()) return RefusalOf(page.status());
  if (page->items.empty()) {
    if (auto refusal = CheckExists(store, filter.under)) return refusal;
  }
  for (Reservation& reservation : page->items) {
    ShowExpired(page->read_time, reservation);
    // Stored as open, but due: it is no longer what was asked for.
    if (filter.state && reservation.state != *filter.state) continue;
    ToProto(reservation, page->catalog, *out.add_reservations());
  }
  if (page->more && !page->items.empty()) {
    const Reservation& last = page->items.back();
    out.set_next_page_token(MakePageToken(
        ArgumentsOf(request),
        absl::StrCat(absl::ToUnixMicros(last.terms->created_at), " ",
                     last.id().ToString())));
  }
  ToProto(page->read_time, *out.mutable_read_time());
  return std::nullopt;
}

std::optional<Refusal> Read(Store& store, const Pass& pass,
                            const v1::ListAllocationsRequest& request,
                            v1::ListAllocationsResponse& out) {
  AllocationFilter filter;
  const absl::Status parsed = Parse(request, filter);
  if (!parsed.ok()) return RefusalOf(parsed);
  if (!filter.under.empty() && !pass.Covers(filter.under)) {
    return AllocationNotFound(filter.under);
  }
  filter.within = pass.Subtrees();
  const absl::StatusOr<Page<Allocation>> page = store.ListAllocations(filter);
  if (!page.ok()) return RefusalOf(page.status());
  if (page->items.empty() && !filter.under.empty()) {
    if (auto refusal = CheckExists(store, filter.under)) return refusal;
  }
  if (const absl::Status status = AddAllocations(store, *page, out);
      !status.ok()) {
    return RefusalOf(status);
  }
  if (page->more && !page->items.empty()) {
    out.set_next_page_token(
        MakePageToken(ArgumentsOf(request), page->items.back().path));
  }
  return std::nullopt;
}

std::optional<Refusal> Read(Store& store, const Pass& pass,
                            const v1::ListLedgerEntriesRequest& request,
                            v1::ListLedgerEntriesResponse& out) {
  LedgerFilter filter;
  const absl::Status parsed = Parse(request, filter);
  if (!parsed.ok()) return RefusalOf(parsed);
  if (!pass.SharesRoot(filter.root)) return AllocationNotFound(filter.root);
  absl::StatusOr<Page<LedgerEntry>> page = store.ListLedger(filter);
  if (!page.ok()) return RefusalOf(page.status());
  if (page->items.empty()) {
    if (auto refusal = CheckExists(store, filter.root)) return refusal;
  }
  const auto sees = [&](absl::string_view path) { return pass.Sees(path); };
  for (LedgerEntry& entry : page->items) {
    if (!IsShown(entry, page->catalog, pass)) continue;
    HideForeign(sees, page->catalog, entry);
    ToProto(entry, filter.root, page->catalog, *out.add_entries());
  }
  // Of a reservation, all or nothing is shown: that there is more of it must
  // not show either.
  if (filter.reservation && out.entries().empty()) return std::nullopt;
  if (page->more && !page->items.empty()) {
    out.set_next_page_token(MakePageToken(
        ArgumentsOf(request), absl::StrCat(page->items.back().sequence)));
  }
  return std::nullopt;
}

std::optional<Refusal> Read(Store& store, const Pass&,
                            const v1::ListDenialsRequest& request,
                            v1::ListDenialsResponse& out) {
  DenialFilter filter;
  const absl::Status parsed = Parse(request, filter);
  if (!parsed.ok()) return RefusalOf(parsed);
  const absl::StatusOr<Page<DenialCount>> page = store.ListDenials(filter);
  if (!page.ok()) return RefusalOf(page.status());
  if (page->items.empty()) {
    if (auto refusal = CheckExists(store, filter.under)) return refusal;
  }
  for (const DenialCount& count : page->items) {
    ToProto(count, *out.add_denials());
  }
  if (page->more) {
    const int64_t next =
        filter.offset + static_cast<int64_t>(page->items.size());
    out.set_next_page_token(
        MakePageToken(ArgumentsOf(request), absl::StrCat(next)));
  }
  return std::nullopt;
}

}  // namespace budget
