#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/path.h"
#include "server/rpc/field_error.h"
#include "server/rpc/parse.h"
#include "server/rpc/parse_field.h"

namespace budget {
namespace {

constexpr TextRule kDisplayNameRule = {.bytes_max = 200};
constexpr TextMapRule kLabelRule = {.entries_max = 32, .value_bytes_max = 256};
constexpr TextRule kReasonRule = {.bytes_min = 1, .bytes_max = 500};
constexpr TextRule kOptionalReasonRule = {.bytes_max = 500};
constexpr TextRule kModelRule = {.bytes_min = 1, .bytes_max = 128};
constexpr int kMetersMax = 16;
constexpr int kModelsMax = 2000;

// Limits of one allocation; far beyond what a budget needs.
constexpr int kLimitsMax = 64;

absl::Status TooMany(absl::string_view field, int size, int max) {
  return FieldError(field, absl::StrCat("has ", size, " items; at most ", max,
                                        " are allowed"));
}

absl::Status ParseLimits(const v1::Allocation& allocation,
                         std::vector<LimitSpec>& out) {
  if (allocation.limits_size() > kLimitsMax) {
    return TooMany("limits", allocation.limits_size(), kLimitsMax);
  }
  std::set<std::string> names;
  for (int i = 0; i < allocation.limits_size(); ++i) {
    BUDGET_RETURN_IF_ERROR(Within(
        "limits", i, ParseLimit("", allocation.limits(i), out.emplace_back())));
    if (!names.insert(out.back().name).second) {
      return Within(
          "limits", i,
          FieldError("name", absl::StrCat("is \"", out.back().name,
                                          "\" a second time; names of limits "
                                          "differ within an allocation")));
    }
  }
  return absl::OkStatus();
}

absl::Status ParseAllocation(const v1::Allocation& allocation,
                             CreateAllocation& out) {
  BUDGET_RETURN_IF_ERROR(ParsePath("path", allocation.path(), out.path));
  BUDGET_RETURN_IF_ERROR(ParseText("display_name", allocation.display_name(),
                                   kDisplayNameRule, out.display_name));
  BUDGET_RETURN_IF_ERROR(
      ParseTextMap("labels", allocation.labels(), kLabelRule, out.labels));
  BUDGET_RETURN_IF_ERROR(
      ParsePolicies("policies", allocation.policies(), out.policies));
  return ParseLimits(allocation, out.limits);
}

absl::Status ParseFields(const v1::CreateAllocationRequest& request,
                         CreateAllocation& out) {
  return Within("allocation", ParseAllocation(request.allocation(), out));
}

absl::Status ApplyMaskPath(absl::string_view path,
                           const v1::Allocation& allocation,
                           UpdateAllocation& out) {
  const bool all = path == "*";
  if (!all && path != "display_name" && path != "labels" &&
      path != "policies") {
    return FieldError("", absl::StrCat("is \"", path,
                                       "\"; give display_name, labels, "
                                       "policies or \"*\""));
  }
  if (all || path == "display_name") {
    BUDGET_RETURN_IF_ERROR(ParseText("display_name", allocation.display_name(),
                                     kDisplayNameRule,
                                     out.display_name.emplace()));
  }
  if (all || path == "labels") {
    BUDGET_RETURN_IF_ERROR(ParseTextMap("labels", allocation.labels(),
                                        kLabelRule, out.labels.emplace()));
  }
  if (all || path == "policies") {
    BUDGET_RETURN_IF_ERROR(ParsePolicies("policies", allocation.policies(),
                                         out.policies.emplace()));
  }
  return absl::OkStatus();
}

absl::Status ParseFields(const v1::UpdateAllocationRequest& request,
                         UpdateAllocation& out) {
  BUDGET_RETURN_IF_ERROR(Within(
      "allocation", ParsePath("path", request.allocation().path(), out.path)));
  if (request.update_mask().paths().empty()) {
    return FieldError("update_mask",
                      "is empty; give display_name, labels, policies or \"*\"");
  }
  for (int i = 0; i < request.update_mask().paths_size(); ++i) {
    const absl::Status status = ApplyMaskPath(request.update_mask().paths(i),
                                              request.allocation(), out);
    if (status.ok()) continue;
    return FieldOf(status).empty()
               ? Within("update_mask", Within("paths", i, status))
               : Within("allocation", status);
  }
  return ParseEtag("etag", request.etag(), out.version);
}

absl::Status ParseFields(const v1::ArchiveAllocationRequest& request,
                         ArchiveAllocation& out) {
  BUDGET_RETURN_IF_ERROR(ParsePath("path", request.path(), out.path));
  return ParseEtag("etag", request.etag(), out.version);
}

absl::Status ParseFields(const v1::SetLimitRequest& request, SetLimit& out) {
  BUDGET_RETURN_IF_ERROR(ParsePath("path", request.path(), out.path));
  BUDGET_RETURN_IF_ERROR(ParseLimit("limit", request.limit(), out.limit));
  // Whether the name is in use, so that it is required, is not known yet.
  if (request.etag().empty()) return absl::OkStatus();
  return ParseEtag("etag", request.etag(), out.version.emplace());
}

absl::Status ParseFields(const v1::RemoveLimitRequest& request,
                         RemoveLimit& out) {
  BUDGET_RETURN_IF_ERROR(ParsePath("path", request.path(), out.path));
  BUDGET_RETURN_IF_ERROR(ParseName("limit", request.limit(), out.limit));
  return ParseEtag("etag", request.etag(), out.version);
}

absl::Status ParseFields(const v1::FreezeAllocationRequest& request,
                         Freeze& out) {
  BUDGET_RETURN_IF_ERROR(ParsePath("path", request.path(), out.path));
  return ParseText("reason", request.reason(), kReasonRule, out.reason);
}

absl::Status ParseFields(const v1::UnfreezeAllocationRequest& request,
                         Unfreeze& out) {
  return ParsePath("path", request.path(), out.path);
}

absl::Status ParseFields(const v1::AdjustBalanceRequest& request,
                         AdjustBalance& out) {
  BUDGET_RETURN_IF_ERROR(ParsePath("path", request.path(), out.path));
  if (!request.limit().empty()) {
    BUDGET_RETURN_IF_ERROR(ParseName("limit", request.limit(), out.limit));
  }
  BUDGET_RETURN_IF_ERROR(ParseUnit("unit", request.unit(), out.unit));
  BUDGET_RETURN_IF_ERROR(CheckSignedAmount("amount", request.amount()));
  out.amount = request.amount();
  return ParseText("reason", request.reason(), kReasonRule, out.reason);
}

absl::Status ParseSide(const v1::CapRef& side, TransferCap::Side& out) {
  BUDGET_RETURN_IF_ERROR(ParsePath("path", side.path(), out.path));
  BUDGET_RETURN_IF_ERROR(ParseName("limit", side.limit(), out.limit));
  return ParseEtag("etag", side.etag(), out.version);
}

absl::Status ParseFields(const v1::TransferCapRequest& request,
                         TransferCap& out) {
  BUDGET_RETURN_IF_ERROR(Within("from", ParseSide(request.from(), out.from)));
  BUDGET_RETURN_IF_ERROR(Within("to", ParseSide(request.to(), out.to)));
  if (out.from.path == out.to.path ||
      ParentOf(out.from.path) != ParentOf(out.to.path) ||
      ParentOf(out.from.path).empty()) {
    return FieldError("to.path", absl::StrCat("is \"", out.to.path,
                                              "\", no sibling of from.path, \"",
                                              out.from.path,
                                              "\"; cap moves between "
                                              "allocations of one parent"));
  }
  BUDGET_RETURN_IF_ERROR(ParseUnit("unit", request.unit(), out.unit));
  if (request.amount() < 1 || request.amount() > kAmountMax) {
    return FieldError("amount", absl::StrCat("is ", request.amount(),
                                             "; give 1 to ", kAmountMax));
  }
  out.amount = request.amount();
  return ParseText("reason", request.reason(), kOptionalReasonRule, out.reason);
}

absl::Status ParsePrice(const v1::ModelPrice& price, ModelPrice& out) {
  BUDGET_RETURN_IF_ERROR(
      ParseText("model", price.model(), kModelRule, out.model));
  if (price.meters_size() > kMetersMax) {
    return TooMany("meters", price.meters_size(), kMetersMax);
  }
  for (int i = 0; i < price.meters_size(); ++i) {
    const v1::MeterPrice& item = price.meters(i);
    std::string meter;
    BUDGET_RETURN_IF_ERROR(
        Within("meters", i, ParseName("meter", item.meter(), meter)));
    BUDGET_RETURN_IF_ERROR(Within(
        "meters", i,
        CheckAmount("usd_nanos_per_million", item.usd_nanos_per_million())));
    if (!out.usd_nanos_per_million
             .emplace(std::move(meter), item.usd_nanos_per_million())
             .second) {
      return Within("meters", i,
                    FieldError("meter",
                               "is there a second time; give each "
                               "meter of a model once"));
    }
  }
  return absl::OkStatus();
}

absl::Status ParseFields(const v1::SetPricesRequest& request, SetPrices& out) {
  BUDGET_RETURN_IF_ERROR(ParsePath("root", request.root(), out.root));
  if (!ParentOf(out.root).empty()) {
    return FieldError("root", absl::StrCat("is \"", out.root,
                                           "\"; prices belong to a root: give "
                                           "the first segment only"));
  }
  if (request.prices_size() > kModelsMax) {
    return TooMany("prices", request.prices_size(), kModelsMax);
  }
  std::set<std::string> models;
  for (int i = 0; i < request.prices_size(); ++i) {
    ModelPrice& price = out.prices.emplace_back();
    BUDGET_RETURN_IF_ERROR(
        Within("prices", i, ParsePrice(request.prices(i), price)));
    if (!models.insert(price.model).second) {
      return Within("prices", i,
                    FieldError("model",
                               "is there a second time; give each "
                               "model once"));
    }
  }
  if (request.replaces_version() < 0) {
    return FieldError("replaces_version",
                      absl::StrCat("is ", request.replaces_version(),
                                   "; give the version in force, 0 if there "
                                   "is none"));
  }
  out.replaces_version = request.replaces_version();
  return absl::OkStatus();
}

template <typename Op, typename Request>
absl::StatusOr<Operation> Run(const Request& request, absl::string_view actor) {
  Operation operation(std::in_place_type<Op>);
  Op& op = std::get<Op>(operation);
  BUDGET_RETURN_IF_ERROR(ParseFields(request, op));
  BUDGET_RETURN_IF_ERROR(
      ParseUuid("request_id", request.request_id(), op.context.request_id));
  op.context.actor = std::string(actor);
  return operation;
}

}  // namespace

absl::StatusOr<Operation> Parse(const v1::CreateAllocationRequest& request,
                                absl::string_view actor) {
  return Run<CreateAllocation>(request, actor);
}

absl::StatusOr<Operation> Parse(const v1::UpdateAllocationRequest& request,
                                absl::string_view actor) {
  return Run<UpdateAllocation>(request, actor);
}

absl::StatusOr<Operation> Parse(const v1::ArchiveAllocationRequest& request,
                                absl::string_view actor) {
  return Run<ArchiveAllocation>(request, actor);
}

absl::StatusOr<Operation> Parse(const v1::SetLimitRequest& request,
                                absl::string_view actor) {
  return Run<SetLimit>(request, actor);
}

absl::StatusOr<Operation> Parse(const v1::RemoveLimitRequest& request,
                                absl::string_view actor) {
  return Run<RemoveLimit>(request, actor);
}

absl::StatusOr<Operation> Parse(const v1::FreezeAllocationRequest& request,
                                absl::string_view actor) {
  return Run<Freeze>(request, actor);
}

absl::StatusOr<Operation> Parse(const v1::UnfreezeAllocationRequest& request,
                                absl::string_view actor) {
  return Run<Unfreeze>(request, actor);
}

absl::StatusOr<Operation> Parse(const v1::AdjustBalanceRequest& request,
                                absl::string_view actor) {
  return Run<AdjustBalance>(request, actor);
}

absl::StatusOr<Operation> Parse(const v1::TransferCapRequest& request,
                                absl::string_view actor) {
  return Run<TransferCap>(request, actor);
}

absl::StatusOr<Operation> Parse(const v1::SetPricesRequest& request,
                                absl::string_view actor) {
  return Run<SetPrices>(request, actor);
}

}  // namespace budget
