#include "server/rpc/error.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/rpc/error_details.pb.h"
#include "server/rpc/field_error.h"
#include "server/rpc/time.h"

namespace budget {
namespace {

constexpr int kViolationsMax = 8;
constexpr int kDescriptionsMax = 3;
// Details travel as a header, and headers are limited to 8 KiB: ours stay
// under 4 KiB, with paths of 511 bytes too.
constexpr size_t kMessageBytesMax = 512;
constexpr size_t kDescriptionBytesMax = 512;
constexpr size_t kQuotaBytesMax = 1400;
constexpr absl::Duration kUnavailableRetry = absl::Milliseconds(500);
constexpr char kReservationType[] = "budget.v1.Reservation";
constexpr char kTokenType[] = "budget.v1.Token";
constexpr char kAllocationType[] = "budget.v1.Allocation";

using Metadata = google::protobuf::Map<std::string, std::string>;

// A violation with names instead of numbers.
struct NamedViolation {
  const Violation& violation;
  std::string allocation;
  std::string limit;
  Unit unit = Unit::kUsdNanos;
  std::string window;
};

NamedViolation Name(const Violation& violation, const Catalog* catalog) {
  NamedViolation named{.violation = violation};
  const Limit* limit =
      catalog == nullptr ? nullptr : catalog->FindLimit(violation.limit);
  if (limit == nullptr) return named;
  named.limit = limit->spec.name;
  named.unit = limit->spec.unit;
  named.window = Describe(limit->spec.window);
  const Allocation* owner = catalog->FindAllocation(limit->allocation);
  if (owner != nullptr) named.allocation = owner->path;
  return named;
}

// At most `size` bytes, cut where a character of UTF-8 begins.
std::string Cut(absl::string_view text, size_t size) {
  if (text.size() <= size) return std::string(text);
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) {
    --size;
  }
  return std::string(text.substr(0, size));
}

std::string Describe(const NamedViolation& named) {
  const Violation& violation = named.violation;
  std::string text =
      absl::StrCat("allocation ", named.allocation, " limit ", named.limit,
                   " (", UnitName(named.unit), ", ", named.window, "): ");
  if (!violation.figures_hidden) {
    absl::StrAppend(&text, "cap ", violation.cap, ", spent ",
                    violation.tally.spent, ", reserved ",
                    violation.tally.reserved, ", overage ",
                    violation.tally.overage, ", ");
  }
  absl::StrAppend(&text, "requested ", violation.requested, ", affordable ",
                  violation.affordable);
  return text;
}

template <typename Detail>
void Pack(const Detail& detail, google::rpc::Status& error) {
  error.add_details()->PackFrom(detail);
}

void AddViolationMetadata(const NamedViolation& named, Metadata& metadata) {
  const Violation& violation = named.violation;
  metadata["allocation"] = named.allocation;
  metadata["limit"] = named.limit;
  metadata["unit"] = std::string(UnitName(named.unit));
  metadata["requested"] = absl::StrCat(violation.requested);
  metadata["affordable"] = absl::StrCat(violation.affordable);
  if (violation.figures_hidden) return;
  metadata["cap"] = absl::StrCat(violation.cap);
  metadata["spent"] = absl::StrCat(violation.tally.spent);
  metadata["reserved"] = absl::StrCat(violation.tally.reserved);
  metadata["overage"] = absl::StrCat(violation.tally.overage);
}

void AddAmounts(absl::string_view prefix, const Amounts& amounts,
                Metadata& metadata) {
  for (Unit unit : kUnits) {
    metadata[absl::StrCat(prefix, "_", UnitName(unit))] =
        absl::StrCat(amounts[unit]);
  }
}

absl::string_view StateName(ReservationState state) {
  switch (state) {
    case ReservationState::kOpen:
      return "OPEN";
    case ReservationState::kSettled:
      return "SETTLED";
    case ReservationState::kReleased:
      return "RELEASED";
    case ReservationState::kExpired:
      return "EXPIRED";
  }
  return "";
}

// What was recorded of a reservation that has ended.
void AddRecord(const Reservation& reservation, Metadata& metadata) {
  metadata["reservation_id"] = reservation.id().ToString();
  metadata["state"] = std::string(StateName(reservation.state));
  AddAmounts("spent", reservation.spent, metadata);
  AddAmounts("overage", reservation.overage, metadata);
}

void AddErrorInfo(const Refusal& refusal, const RefusalContext& context,
                  google::rpc::Status& error) {
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(ReasonName(refusal.reason)));
  info.set_domain(kErrorDomain);
  Metadata& metadata = *info.mutable_metadata();
  if (!refusal.field.empty()) metadata["field"] = Cut(refusal.field, 256);
  if (!refusal.subject.empty()) metadata["subject"] = refusal.subject;
  if (!refusal.violations.empty()) {
    AddViolationMetadata(Name(refusal.violations[0], context.catalog),
                         metadata);
  }
  if (refusal.affordable) {
    AddAmounts("affordable", *refusal.affordable, metadata);
  }
  if (context.reservation != nullptr) AddRecord(*context.reservation, metadata);
  Pack(info, error);
}

google::rpc::QuotaFailure::Violation ViolationOf(const NamedViolation& named) {
  google::rpc::QuotaFailure::Violation out;
  out.set_subject(named.allocation);
  out.set_description(Cut(Describe(named), kDescriptionBytesMax));
  out.set_api_service(kErrorDomain);
  out.set_quota_metric(std::string(UnitName(named.unit)));
  out.set_quota_id(named.limit);
  if (!named.violation.figures_hidden) {
    out.set_quota_value(named.violation.cap);
  }
  (*out.mutable_quota_dimensions())["reason"] =
      std::string(ReasonName(named.violation.reason));
  (*out.mutable_quota_dimensions())["window"] = named.window;
  return out;
}

// The first violation, and as many more as a header has room for.
void AddQuotaFailure(const Refusal& refusal, const RefusalContext& context,
                     google::rpc::Status& error) {
  google::rpc::QuotaFailure failure;
  for (const Violation& violation : refusal.violations) {
    if (failure.violations_size() == kViolationsMax) break;
    auto out = ViolationOf(Name(violation, context.catalog));
    if (failure.violations_size() >= kDescriptionsMax) out.clear_description();
    if (failure.violations_size() > 0 &&
        failure.ByteSizeLong() + out.ByteSizeLong() > kQuotaBytesMax) {
      break;
    }
    *failure.add_violations() = std::move(out);
  }
  Pack(failure, error);
}

void AddPreconditionFailure(const Refusal& refusal,
                            google::rpc::Status& error) {
  google::rpc::PreconditionFailure failure;
  google::rpc::PreconditionFailure::Violation& violation =
      *failure.add_violations();
  violation.set_type(std::string(ReasonName(refusal.reason)));
  violation.set_subject(refusal.subject);
  violation.set_description(error.message());
  Pack(failure, error);
}

const char* ResourceType(Reason reason) {
  switch (reason) {
    case Reason::kReservationNotFound:
    case Reason::kIdempotencyMismatch:
      return kReservationType;
    case Reason::kTokenNotFound:
      return kTokenType;
    default:
      return kAllocationType;
  }
}

void AddResourceInfo(const Refusal& refusal, google::rpc::Status& error) {
  google::rpc::ResourceInfo info;
  info.set_resource_type(ResourceType(refusal.reason));
  info.set_resource_name(refusal.subject);
  info.set_description(error.message());
  Pack(info, error);
}

void AddBadRequest(const Refusal& refusal, google::rpc::Status& error) {
  google::rpc::BadRequest request;
  google::rpc::BadRequest::FieldViolation& violation =
      *request.add_field_violations();
  violation.set_field(Cut(refusal.field, 256));
  violation.set_description(error.message());
  violation.set_reason(std::string(ReasonName(refusal.reason)));
  Pack(request, error);
}

void AddRetryInfo(absl::Duration delay, google::rpc::Status& error) {
  google::rpc::RetryInfo info;
  ToProto(delay, *info.mutable_retry_delay());
  Pack(info, error);
}

// What comes with a code beside ErrorInfo.
void AddDetailsOfCode(const Refusal& refusal, const RefusalContext& context,
                      google::rpc::Status& error) {
  switch (CodeOf(refusal.reason)) {
    case absl::StatusCode::kResourceExhausted:
      return AddQuotaFailure(refusal, context, error);
    case absl::StatusCode::kFailedPrecondition:
      return AddPreconditionFailure(refusal, error);
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
      return AddResourceInfo(refusal, error);
    case absl::StatusCode::kInvalidArgument:
      return AddBadRequest(refusal, error);
    case absl::StatusCode::kUnavailable:
      return AddRetryInfo(refusal.retry_after.value_or(kUnavailableRetry),
                          error);
    default:
      return;
  }
}

}  // namespace

google::rpc::Status ErrorOf(const Refusal& refusal,
                            const RefusalContext& context) {
  google::rpc::Status error;
  const absl::StatusCode code = CodeOf(refusal.reason);
  error.set_code(static_cast<int>(code));
  error.set_message(Cut(refusal.message, kMessageBytesMax));
  AddErrorInfo(refusal, context, error);
  AddDetailsOfCode(refusal, context, error);
  if (refusal.retry_after && code != absl::StatusCode::kUnavailable) {
    AddRetryInfo(*refusal.retry_after, error);
  }
  return error;
}

google::rpc::Status ErrorOf(const OperationResult& result) {
  RefusalContext context;
  if (result.set != nullptr) context.catalog = &result.set->catalog;
  if (result.outcome.reservation) {
    context.reservation = &*result.outcome.reservation;
  }
  return ErrorOf(*result.outcome.refusal, context);
}

Refusal RefusalOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return {.reason = Reason::kInvalidField,
              .message = FieldMessage(status),
              .field = FieldOf(status)};
    case absl::StatusCode::kUnavailable:
      return {.reason = Reason::kStorageUnavailable,
              .message = "the storage cannot be reached; try again"};
    case absl::StatusCode::kDeadlineExceeded:
      return {.reason = Reason::kDeadlineExceeded,
              .message = "the deadline passed before the work began"};
    default:
      return {.reason = Reason::kInvariantBroken,
              .message =
                  "the stored data broke a rule of this service; the "
                  "operator must look at its log"};
  }
}

grpc::Status ToGrpc(const google::rpc::Status& error) {
  return grpc::Status(static_cast<grpc::StatusCode>(error.code()),
                      error.message(), error.SerializeAsString());
}

}  // namespace budget
