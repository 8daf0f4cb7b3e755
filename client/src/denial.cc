#include "budget/denial.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "google/rpc/error_details.pb.h"

namespace budget {
namespace {

constexpr char kDomain[] = "budget.v1";
constexpr char kTypePrefix[] = "type.googleapis.com/";

struct ReasonRow {
  absl::string_view name;
  DenialReason reason;
};
constexpr ReasonRow kReasons[] = {
    {"BUDGET_EXHAUSTED", DenialReason::kBudgetExhausted},
    {"OVERAGE_OUTSTANDING", DenialReason::kOverageOutstanding},
    {"WINDOW_EXHAUSTED", DenialReason::kWindowExhausted},
    {"BUDGET_HELD", DenialReason::kBudgetHeld},
    {"ALLOCATION_FROZEN", DenialReason::kAllocationFrozen},
    {"ALLOCATION_ARCHIVED", DenialReason::kAllocationArchived},
    {"UNPRICED", DenialReason::kUnpriced},
};

template <typename Message>
std::optional<Message> DetailOf(const absl::Status& status) {
  const std::string type_url =
      kTypePrefix + Message::descriptor()->full_name();
  const absl::optional<absl::Cord> payload = status.GetPayload(type_url);
  Message message;
  if (!payload.has_value() || !message.ParseFromString(std::string(*payload))) {
    return std::nullopt;
  }
  return message;
}

v1::Unit UnitOf(absl::string_view metric) {
  const std::string name = absl::AsciiStrToLower(metric);
  if (absl::StrContains(name, "usd")) return v1::UNIT_USD_NANOS;
  if (absl::StrContains(name, "tokens")) return v1::UNIT_TOKENS;
  if (absl::StrContains(name, "requests")) return v1::UNIT_REQUESTS;
  return v1::UNIT_UNSPECIFIED;
}

template <typename Figures>
int64_t Figure(const Figures& figures, const std::string& name) {
  const auto it = figures.find(name);
  int64_t value = 0;
  return it != figures.end() && absl::SimpleAtoi(it->second, &value) ? value : 0;
}

template <typename Figures>
void TakeFigures(const Figures& figures, DenialViolation& violation) {
  violation.spent = Figure(figures, "spent");
  violation.reserved = Figure(figures, "reserved");
  violation.overage = Figure(figures, "overage");
  violation.requested = Figure(figures, "requested");
  violation.affordable = Figure(figures, "affordable");
}

DenialViolation ViolationFrom(const google::rpc::QuotaFailure::Violation& v) {
  DenialViolation violation;
  violation.allocation = v.subject();
  violation.limit = v.quota_id();
  violation.unit = UnitOf(v.quota_metric());
  violation.description = v.description();
  violation.cap = v.quota_value();
  TakeFigures(v.quota_dimensions(), violation);
  return violation;
}

}  // namespace

std::optional<Denial> DenialOf(const absl::Status& status) {
  const ErrorReason error = ErrorReasonOf(status);
  const std::string& name = error.reason;
  for (const ReasonRow& row : kReasons) {
    if (row.name != name) continue;
    Denial denial;
    denial.reason = row.reason;
    denial.reason_name = name;
    denial.message = std::string(status.message());
    if (auto quota = DetailOf<google::rpc::QuotaFailure>(status)) {
      for (const auto& violation : quota->violations()) {
        denial.violations.push_back(ViolationFrom(violation));
      }
    }
    // ErrorInfo has the figures of the first one.
    if (!denial.violations.empty()) {
      TakeFigures(error.metadata, denial.violations.front());
    }
    denial.retry_after = RetryAfterOf(status);
    return denial;
  }
  return std::nullopt;
}

ErrorReason ErrorReasonOf(const absl::Status& status) {
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  if (!info.has_value() || info->domain() != kDomain) return {};
  return {info->reason(), {info->metadata().begin(), info->metadata().end()}};
}

std::optional<absl::Duration> RetryAfterOf(const absl::Status& status) {
  const auto info = DetailOf<google::rpc::RetryInfo>(status);
  if (!info.has_value() || !info->has_retry_delay()) return std::nullopt;
  return absl::Seconds(info->retry_delay().seconds()) +
         absl::Nanoseconds(info->retry_delay().nanos());
}

std::vector<FieldViolation> FieldViolationsOf(const absl::Status& status) {
  std::vector<FieldViolation> fields;
  if (auto request = DetailOf<google::rpc::BadRequest>(status)) {
    for (const auto& violation : request->field_violations()) {
      fields.push_back({violation.field(), violation.description()});
    }
  }
  return fields;
}

absl::Status StatusFrom(const google::rpc::Status& status) {
  absl::Status result(static_cast<absl::StatusCode>(status.code()),
                      status.message());
  for (const auto& detail : status.details()) {
    result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return result;
}

}  // namespace budget
