#include "server/domain/refusal.h"

#include "absl/strings/str_cat.h"

namespace budget {

Refusal AllocationNotFound(absl::string_view path) {
  return {.reason = Reason::kAllocationNotFound,
          .message = absl::StrCat("allocation ", path,
                                  " does not exist; create it first"),
          .subject = std::string(path)};
}

Refusal ReservationNotFound(const Uuid& id) {
  return {.reason = Reason::kReservationNotFound,
          .message = absl::StrCat(
              "reservation ", id.ToString(),
              " does not exist in this root; check the id and the root, and "
              "use RecordUsage for usage that was never reserved"),
          .subject = id.ToString()};
}

Refusal LimitNotFound(absl::string_view path, absl::string_view limit) {
  return {.reason = Reason::kLimitNotFound,
          .message = absl::StrCat("allocation ", path, " has no limit named ",
                                  limit),
          .subject = absl::StrCat(path, ".", limit)};
}

Refusal InvalidField(absl::string_view field, absl::string_view problem) {
  return {.reason = Reason::kInvalidField,
          .message = absl::StrCat(field, " ", problem),
          .field = std::string(field)};
}

Refusal Mismatch(const Uuid& id, absl::string_view field) {
  return {.reason = Reason::kIdempotencyMismatch,
          .message = absl::StrCat(
              "id ", id.ToString(), " was used before with another ", field,
              "; repeat the call unchanged or choose a new id"),
          .field = std::string(field),
          .subject = id.ToString()};
}

Refusal IdTaken(const Uuid& id) {
  return {.reason = Reason::kIdempotencyMismatch,
          .message = absl::StrCat("id ", id.ToString(),
                                  " is taken; choose a new id"),
          .field = "reservation_id",
          .subject = id.ToString()};
}

Refusal Archived(const Allocation& allocation) {
  return {.reason = Reason::kAllocationArchived,
          .message = absl::StrCat("allocation ", allocation.path,
                                  " is archived and takes no new holds"),
          .subject = allocation.path};
}

Refusal Frozen(const Allocation& allocation) {
  return {.reason = Reason::kAllocationFrozen,
          .message = absl::StrCat("allocation ", allocation.path,
                                  " is frozen: ", allocation.freeze_reason),
          .subject = allocation.path};
}

Refusal CounterOverflow(Unit unit) {
  return {.reason = Reason::kCounterOverflow,
          .message = absl::StrCat("what is counted in ", UnitName(unit),
                                  " would pass ", kAmountMax,
                                  ", the largest amount that can be kept"),
          .subject = std::string(UnitName(unit))};
}

std::string NoRoomText(const Violation& violation, const Catalog& catalog) {
  const Limit& limit = *catalog.FindLimit(violation.limit);
  std::string text = absl::StrCat(
      "limit ", limit.spec.name, " (", Describe(limit.spec.window), ") of ",
      catalog.FindAllocation(limit.allocation)->path, " has room for ",
      violation.affordable, " ", UnitName(limit.spec.unit), ", ",
      violation.requested, " requested");
  if (violation.figures_hidden) return text;
  absl::StrAppend(&text, ": cap ", violation.cap, ", spent ",
                  violation.tally.spent, ", reserved ",
                  violation.tally.reserved, ", overage ",
                  violation.tally.overage);
  return text;
}

}  // namespace budget
