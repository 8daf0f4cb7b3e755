#include <string>

#include "nlohmann/json.hpp"
#include "server/rpc/convert.h"
#include "server/rpc/time.h"

namespace budget {
namespace {

std::string DetailJson(const LedgerEntry& entry) {
  if (entry.detail.empty()) return "";
  nlohmann::json detail = nlohmann::json::object();
  for (const auto& [key, value] : entry.detail) detail[key] = value;
  // Text was checked on its way in; replacing keeps this free of exceptions.
  return detail.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// Changes that are nobody's usage name what they concern in the detail.
void AddAllocations(const LedgerEntry& entry, const Catalog& catalog,
                    v1::LedgerEntry& out) {
  for (AllocationId id : entry.allocations) {
    const Allocation* allocation = catalog.FindAllocation(id);
    out.add_allocations(allocation == nullptr ? "" : allocation->path);
  }
  if (!entry.allocations.empty()) return;
  for (const auto& [key, value] : entry.detail) {
    if (key == "allocation") out.add_allocations(value);
  }
}

// What the hash chain covers and is not in other fields as it is stored.
void AddSealed(const LedgerEntry& entry, v1::LedgerEntry& out) {
  for (AllocationId id : entry.allocations) out.add_allocation_ids(id);
  for (const CapChange& change : entry.caps) {
    v1::CapChange& item = *out.add_cap_changes();
    item.set_limit_id(change.limit);
    if (change.cap) item.set_cap(*change.cap);
  }
  for (const auto& [key, value] : entry.detail) {
    v1::LedgerDetail& item = *out.add_details();
    item.set_key(key);
    item.set_value(value);
  }
}

}  // namespace

void ToProto(const LedgerEntry& entry, absl::string_view root,
                        const Catalog& catalog, v1::LedgerEntry& out) {
  out.set_root(std::string(root));
  out.set_sequence(entry.sequence);
  ToProto(entry.at, *out.mutable_time());
  out.set_kind(static_cast<v1::LedgerEntryKind>(entry.kind));
  if (entry.reservation) out.set_reservation_id(entry.reservation->ToString());
  AddAllocations(entry, catalog, out);
  for (const Pin& pin : entry.pins) {
    ToProto(pin, catalog, *out.add_limit_windows());
  }
  ToProto(entry.spent, *out.mutable_spent());
  ToProto(entry.reserved, *out.mutable_reserved());
  ToProto(entry.overage, *out.mutable_overage());
  out.set_unpriced_requests(entry.unpriced);
  out.set_actor(entry.actor);
  if (entry.request) out.set_request_id(entry.request->ToString());
  out.set_detail_json(DetailJson(entry));
  if (entry.admitted_at) {
    ToProto(*entry.admitted_at, *out.mutable_admit_time());
  }
  AddSealed(entry, out);
}

}  // namespace budget
