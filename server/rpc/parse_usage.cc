#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/path.h"
#include "server/rpc/field_error.h"
#include "server/rpc/parse.h"
#include "server/rpc/parse_field.h"

namespace budget {
namespace {

constexpr DurationRule kTtlRule = {.min = kTtlMin, .max = kTtlMax};
constexpr TextMapRule kTagRule = {.entries_max = kTagsMax,
                                  .value_bytes_max = 128};

absl::Status ParseAllocations(
    const google::protobuf::RepeatedPtrField<std::string>& paths,
    std::vector<std::string>& out) {
  constexpr absl::string_view kField = "allocations";
  if (paths.empty() || paths.size() > kReservationAllocationsMax) {
    return FieldError(kField,
                      absl::StrCat("has ", paths.size(), " items; give 1 to ",
                                   kReservationAllocationsMax));
  }
  for (int i = 0; i < paths.size(); ++i) {
    std::string path;
    BUDGET_RETURN_IF_ERROR(Within(kField, i, ParsePath("", paths[i], path)));
    if (!out.empty() && RootOf(path) != RootOf(out[0])) {
      return Within(
          kField, i,
          FieldError("", absl::StrCat("is of root \"", RootOf(path),
                                      "\"; all must be of the root of the "
                                      "first, \"",
                                      RootOf(out[0]), "\"")));
    }
    if (std::find(out.begin(), out.end(), path) != out.end()) {
      return Within(kField, i,
                    FieldError("",
                               "repeats an earlier one; give "
                               "each allocation once"));
    }
    out.push_back(std::move(path));
  }
  return absl::OkStatus();
}

// The USD cost is given, or priced by the server, or unknown: one of them.
template <typename Request>
absl::Status ParseCost(const Request& request, absl::string_view usd_field,
                       const PartialAmounts& amounts,
                       std::optional<ModelUsage>& usage) {
  const bool usd_given = amounts[Unit::kUsdNanos].has_value();
  if (request.usd_unknown() && (usd_given || request.has_usage())) {
    return FieldError("usd_unknown",
                      absl::StrCat("excludes ", usd_field,
                                   " and usage; leave out what is not known"));
  }
  if (!request.has_usage()) return absl::OkStatus();
  if (usd_given) {
    return FieldError("usage", absl::StrCat("excludes ", usd_field,
                                            "; give the cost or let the "
                                            "server price the call"));
  }
  return ParseUsage("usage", request.usage(), usage.emplace());
}

// In whole microseconds, as stores keep it: a repeat of a call is compared with
// what was kept of the first.
absl::Status ParseTtl(const google::protobuf::Duration& ttl,
                      absl::Duration& out) {
  BUDGET_RETURN_IF_ERROR(ParseDuration("ttl", ttl, kTtlRule, out));
  out = absl::Floor(out, absl::Microseconds(1));
  return absl::OkStatus();
}

absl::Status ParseMinimum(const v1::ReserveRequest& request,
                          ReservePayload& payload) {
  if (!request.has_minimum()) return absl::OkStatus();
  if (!request.has_amounts()) {
    return FieldError("minimum",
                      "needs amounts; give the most that should be held");
  }
  PartialAmounts& minimum = payload.minimum.emplace();
  BUDGET_RETURN_IF_ERROR(ParseAmounts("minimum", request.minimum(), minimum));
  for (Unit unit : kUnits) {
    if (!minimum[unit]) continue;
    // What the server prices is not known yet.
    if (unit == Unit::kUsdNanos && payload.usage) continue;
    const int64_t amount =
        payload.amounts[unit].value_or(unit == Unit::kRequests ? 1 : 0);
    if (*minimum[unit] > amount) {
      return Within(
          "minimum",
          FieldError(UnitName(unit),
                     absl::StrCat("is ", *minimum[unit], ", above amounts.",
                                  UnitName(unit), ", which is ", amount,
                                  "; give no more than that")));
    }
  }
  return absl::OkStatus();
}

absl::Status ParseReserve(const v1::ReserveRequest& request, Reserve& out) {
  ReservePayload payload;
  BUDGET_RETURN_IF_ERROR(
      ParseUuid("reservation_id", request.reservation_id(), out.id));
  BUDGET_RETURN_IF_ERROR(
      ParseAllocations(request.allocations(), payload.allocations));
  BUDGET_RETURN_IF_ERROR(
      ParseAmounts("amounts", request.amounts(), payload.amounts));
  BUDGET_RETURN_IF_ERROR(
      ParseCost(request, "amounts.usd_nanos", payload.amounts, payload.usage));
  BUDGET_RETURN_IF_ERROR(ParseMinimum(request, payload));
  if (request.has_ttl()) {
    BUDGET_RETURN_IF_ERROR(ParseTtl(request.ttl(), payload.ttl));
  }
  BUDGET_RETURN_IF_ERROR(
      ParseTextMap("tags", request.tags(), kTagRule, payload.tags));
  BUDGET_RETURN_IF_ERROR(
      ParseOnExpiry("on_expiry", request.on_expiry(), payload.on_expiry));
  payload.usd_unknown = request.usd_unknown();
  out.payload = std::move(payload);
  out.validate_only = request.validate_only();
  return absl::OkStatus();
}

absl::Status ParseAdjust(const v1::AdjustReservationRequest& request,
                         AdjustReservation& out) {
  BUDGET_RETURN_IF_ERROR(
      ParseUuid("reservation_id", request.reservation_id(), out.id));
  BUDGET_RETURN_IF_ERROR(ParseRoot("root", request.root(), out.root));
  BUDGET_RETURN_IF_ERROR(ParseAmounts("held", request.held(), out.held));
  if (request.has_ttl()) {
    BUDGET_RETURN_IF_ERROR(ParseTtl(request.ttl(), out.ttl.emplace()));
  }
  return absl::OkStatus();
}

absl::Status ParseSettle(const v1::SettleRequest& request, Settle& out) {
  BUDGET_RETURN_IF_ERROR(
      ParseUuid("reservation_id", request.reservation_id(), out.id));
  BUDGET_RETURN_IF_ERROR(ParseRoot("root", request.root(), out.root));
  BUDGET_RETURN_IF_ERROR(ParseAmounts("actual", request.actual(), out.actual));
  BUDGET_RETURN_IF_ERROR(
      ParseCost(request, "actual.usd_nanos", out.actual, out.usage));
  out.final = !request.has_final() || request.final();
  out.usd_unknown = request.usd_unknown();
  return absl::OkStatus();
}

absl::Status ParseRelease(const v1::ReleaseRequest& request, Release& out) {
  BUDGET_RETURN_IF_ERROR(
      ParseUuid("reservation_id", request.reservation_id(), out.id));
  return ParseRoot("root", request.root(), out.root);
}

absl::Status ParseRecordUsage(const v1::RecordUsageRequest& request,
                              RecordUsage& out) {
  ReservePayload payload;
  payload.origin = ReservationOrigin::kRecordUsage;
  BUDGET_RETURN_IF_ERROR(ParseUuid("usage_id", request.usage_id(), out.id));
  BUDGET_RETURN_IF_ERROR(
      ParseAllocations(request.allocations(), payload.allocations));
  BUDGET_RETURN_IF_ERROR(
      ParseAmounts("actual", request.actual(), payload.amounts));
  BUDGET_RETURN_IF_ERROR(
      ParseCost(request, "actual.usd_nanos", payload.amounts, payload.usage));
  BUDGET_RETURN_IF_ERROR(
      ParseTextMap("tags", request.tags(), kTagRule, payload.tags));
  payload.usd_unknown = request.usd_unknown();
  out.payload = std::move(payload);
  return absl::OkStatus();
}

template <typename Op, typename Request>
absl::StatusOr<Operation> Run(absl::Status (*parse)(const Request&, Op&),
                              const Request& request) {
  Operation operation(std::in_place_type<Op>);
  BUDGET_RETURN_IF_ERROR(parse(request, std::get<Op>(operation)));
  return operation;
}

absl::StatusOr<Operation> InBatch(int index, absl::string_view name,
                                  absl::StatusOr<Operation> operation) {
  if (operation.ok()) return operation;
  return Within("operations", index, Within(name, operation.status()));
}

}  // namespace

absl::StatusOr<Operation> Parse(const v1::ReserveRequest& request) {
  return Run(ParseReserve, request);
}

absl::StatusOr<Operation> Parse(const v1::AdjustReservationRequest& request) {
  return Run(ParseAdjust, request);
}

absl::StatusOr<Operation> Parse(const v1::SettleRequest& request) {
  return Run(ParseSettle, request);
}

absl::StatusOr<Operation> Parse(const v1::ReleaseRequest& request) {
  return Run(ParseRelease, request);
}

absl::StatusOr<Operation> Parse(const v1::RecordUsageRequest& request) {
  return Run(ParseRecordUsage, request);
}

absl::StatusOr<Operation> Parse(const v1::BatchOperation& operation,
                                int index) {
  switch (operation.operation_case()) {
    case v1::BatchOperation::kReserve:
      return InBatch(index, "reserve", Parse(operation.reserve()));
    case v1::BatchOperation::kAdjustReservation:
      return InBatch(index, "adjust_reservation",
                     Parse(operation.adjust_reservation()));
    case v1::BatchOperation::kSettle:
      return InBatch(index, "settle", Parse(operation.settle()));
    case v1::BatchOperation::kRelease:
      return InBatch(index, "release", Parse(operation.release()));
    case v1::BatchOperation::kRecordUsage:
      return InBatch(index, "record_usage", Parse(operation.record_usage()));
    case v1::BatchOperation::OPERATION_NOT_SET:
      break;
  }
  return Within("operations", index,
                FieldError("",
                           "is empty; set reserve, adjust_reservation, settle, "
                           "release or record_usage"));
}

absl::Status CheckBatch(const v1::BatchRequest& request) {
  const int size = request.operations_size();
  if (size >= 1 && size <= kBatchOperationsMax) return absl::OkStatus();
  return FieldError("operations",
                    absl::StrCat("has ", size, " items; give 1 to ",
                                 kBatchOperationsMax, " in one batch"));
}

}  // namespace budget
