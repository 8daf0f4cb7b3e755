#include "absl/strings/str_cat.h"
#include "client/ctl/amount_text.h"
#include "client/ctl/session.h"

namespace budget {
namespace {

struct Remedy {
  absl::string_view reason;
  absl::string_view text;
};
constexpr Remedy kRemedies[] = {
    {"BUDGET_EXHAUSTED", "raise the cap (limits set) or credit the balance (adjust)"},
    {"OVERAGE_OUTSTANDING", "credit the overage (adjust) or let it not block (allocations update --overage report)"},
    {"WINDOW_EXHAUSTED", "wait for the time named, or raise the cap (limits set)"},
    {"BUDGET_HELD", "wait for open holds to settle (reservations list --state open)"},
    {"ALLOCATION_FROZEN", "budgetctl unfreeze it once the reason is gone"},
    {"ALLOCATION_ARCHIVED", "use another allocation: archiving is for ever"},
    {"UNPRICED", "price the model (prices set) or change the policy (allocations update --unpriced)"},
    {"ALLOCATION_NOT_FOUND", "look at allocations list, or create it (--parents makes the whole path)"},
    {"ALLOCATION_EXISTS", "change it with allocations update or limits set"},
    {"LIMIT_NOT_FOUND", "look at allocations get for the names"},
    {"RESERVATION_NOT_FOUND", "look at reservations list; the root must be its own"},
    {"UNAUTHENTICATED", "give a token that is good (--token-file), or a client certificate"},
    {"PERMISSION_DENIED", "ask an administrator of the subtree for the role (grants add)"},
    {"TOKEN_NOT_FOUND", "look at token list for the ids"},
    {"ETAG_MISMATCH", "someone else changed it: read it again, then decide"},
    {"IDEMPOTENCY_MISMATCH", "the id is in use for something else: take a new one"},
    {"ALLOCATION_NOT_EMPTY", "archive what is below it first"},
    {"CAP_BELOW_COMMITTED", "move less, or wait until holds have settled"},
    {"CREDIT_EXCEEDS_SPENT", "credit no more than spent + overage"},
};

std::string DescribeViolations(const Denial& denial) {
  std::string text;
  for (const DenialViolation& v : denial.violations) {
    const auto figure = [&v](int64_t value) { return FormatFigure(v.unit, value); };
    absl::StrAppend(&text, "  ", v.allocation, " ", v.limit, ": cap ",
                    FormatAmount(v.unit, v.cap));
    // Later violations may come without the other figures.
    if (v.requested == 0) {
      text += "\n";
      continue;
    }
    absl::StrAppend(&text, ", spent ", figure(v.spent),
                    ", reserved ", figure(v.reserved), ", overage ",
                    figure(v.overage), ", requested ", figure(v.requested),
                    ", affordable ", figure(v.affordable), "\n");
  }
  if (denial.retry_after) {
    absl::StrAppend(&text, "  retry in ", absl::FormatDuration(*denial.retry_after),
                    "\n");
  }
  return text;
}

}  // namespace

int ExitCodeOf(const absl::Status& status) {
  if (status.ok()) return kExitOk;
  if (DenialOf(status)) return kExitDenied;
  if (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) {
    return kExitUnavailable;
  }
  const bool ours = ErrorReasonOf(status).reason.empty();
  return ours && absl::IsInvalidArgument(status) ? kExitUsage : kExitError;
}

std::string DescribeError(const absl::Status& status) {
  const std::string reason = ErrorReasonOf(status).reason;
  std::string text = absl::StrCat("budgetctl: ", status.message());
  if (!reason.empty()) absl::StrAppend(&text, " (", reason, ")");
  text += "\n";
  if (const auto denial = DenialOf(status)) text += DescribeViolations(*denial);
  for (const FieldViolation& field : FieldViolationsOf(status)) {
    absl::StrAppend(&text, "  field ", field.field, "\n");
  }
  for (const Remedy& remedy : kRemedies) {
    if (remedy.reason == reason) absl::StrAppend(&text, "  remedy: ", remedy.text, "\n");
  }
  if (absl::IsUnavailable(status) && reason.empty()) {
    absl::StrAppend(&text, "  remedy: check --endpoint and that budgetd runs "
                           "(budgetctl wait-ready)\n");
  }
  return text;
}

}  // namespace budget
