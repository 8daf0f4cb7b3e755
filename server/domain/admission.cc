#include "server/domain/admission.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/domain/policy.h"
#include "server/domain/refusal.h"

namespace budget {
namespace {

// How far ahead of the database clock the clock of a caller may be.
constexpr absl::Duration kIdAheadMax = absl::Hours(24);

// How long to wait where only holds stand in the way: they may settle for
// less at any moment.
constexpr absl::Duration kHeldRetry = absl::Seconds(1);

// When enough of a rolling window has aged out for `requested` to fit, if
// every open hold settles in full.
absl::Duration RollingRetry(const Line& line, int64_t requested,
                            absl::Time now) {
  int64_t missing = line.tally().Usage() + line.BlockingOverage() + requested -
                    line.limit->Ceiling();
  for (const Bucket& bucket : line.counter().buckets) {
    missing -= bucket.spent + bucket.reserved;
    if (line.BlockingOverage() > 0) missing -= bucket.overage;
    if (missing > 0) continue;
    const absl::Time at = BucketAgesOut(line.limit->spec.window, bucket.number);
    return at > now ? at - now : kHeldRetry;
  }
  return kHeldRetry;
}

HeldDenialPolicy HeldPolicyOf(const Line& line, const Catalog& catalog) {
  const Allocation* owner = catalog.FindAllocation(line.limit->allocation);
  return EffectivePolicies(catalog, owner->path).held_denial;
}

struct Verdict {
  Reason reason;
  std::optional<absl::Duration> retry_after;
};

Verdict LifetimeVerdict(const Line& line, int64_t requested, Books& books) {
  if (line.BlockingOverage() > 0) return {Reason::kOverageOutstanding, {}};
  const bool only_holds =
      line.tally().spent + requested <= line.limit->Ceiling();
  if (only_holds &&
      HeldPolicyOf(line, books.catalog()) == HeldDenialPolicy::kRetry) {
    return {Reason::kBudgetHeld, kHeldRetry};
  }
  return {Reason::kBudgetExhausted, {}};
}

Verdict CalendarVerdict(const Line& line, int64_t requested, Books& books) {
  if (line.BlockingOverage() > 0) return {Reason::kOverageOutstanding, {}};
  const absl::Duration left =
      CalendarEnd(line.limit->spec.window, line.pin.window) - books.now();
  const bool over = left <= absl::ZeroDuration();
  if (line.tally().spent + requested <= line.limit->Ceiling()) {
    return {Reason::kBudgetHeld, over ? kHeldRetry : std::min(kHeldRetry, left)};
  }
  // A hold pinned to a window that is over cannot move to the next one.
  if (over) return {Reason::kBudgetExhausted, {}};
  return {Reason::kWindowExhausted, left};
}

// Why `requested` does not fit; reason.h orders the reasons. A request that
// is larger than the cap never fits, whatever the window.
Verdict VerdictOf(const Line& line, int64_t requested, Books& books) {
  if (requested > line.limit->Ceiling()) return {Reason::kBudgetExhausted, {}};
  switch (line.limit->spec.window.kind) {
    case WindowKind::kLifetime:
      return LifetimeVerdict(line, requested, books);
    case WindowKind::kCalendar:
      return CalendarVerdict(line, requested, books);
    case WindowKind::kRolling:
      return {Reason::kWindowExhausted,
              RollingRetry(line, requested, books.now())};
  }
  return {Reason::kBudgetExhausted, {}};
}

// The time that a rolling window needs depends on all that is held in it.
bool IsHeldUp(const Line& line, int64_t requested) {
  const int64_t ceiling = line.limit->Ceiling();
  if (requested > ceiling || line.tally().reserved == 0) return false;
  return line.limit->IsRolling() ||
         line.tally().spent + line.BlockingOverage() + requested <= ceiling;
}

Violation ViolationOf(const Line& line, int64_t requested, Books& books) {
  const Verdict verdict = VerdictOf(line, requested, books);
  return {.reason = verdict.reason,
          .limit = line.limit->id,
          .cap = line.limit->Ceiling(),
          .tally = line.tally(),
          .requested = requested,
          .affordable = line.Affordable(),
          .held_up = IsHeldUp(line, requested),
          .retry_after = verdict.retry_after};
}

std::string Message(const Violation& violation, const Catalog& catalog) {
  const Limit& limit = *catalog.FindLimit(violation.limit);
  const absl::string_view unit = UnitName(limit.spec.unit);
  return absl::StrCat(
      "limit ", limit.spec.name, " (", Describe(limit.spec.window), ") of ",
      catalog.FindAllocation(limit.allocation)->path, " has room for ",
      violation.affordable, " ", unit, ", ", violation.requested,
      " requested: cap ", violation.cap, ", spent ", violation.tally.spent,
      ", reserved ", violation.tally.reserved, ", overage ",
      violation.tally.overage);
}

Refusal Denied(std::vector<Violation> violations, const Want& want,
               const Amounts& affordable, const Catalog& catalog) {
  std::stable_sort(
      violations.begin(), violations.end(),
      [](const Violation& a, const Violation& b) { return a.reason < b.reason; });
  const Limit& first = *catalog.FindLimit(violations.front().limit);
  Refusal refusal{.reason = violations.front().reason,
                  .message = Message(violations.front(), catalog),
                  .subject = catalog.FindAllocation(first.allocation)->path,
                  .affordable = affordable,
                  .requested = want.wanted};
  absl::Duration longest = absl::ZeroDuration();
  const bool waiting_helps = std::all_of(
      violations.begin(), violations.end(), [&](const Violation& violation) {
        longest = std::max(longest, violation.retry_after.value_or(longest));
        return violation.retry_after.has_value();
      });
  if (waiting_helps) refusal.retry_after = longest;
  refusal.violations = std::move(violations);
  return refusal;
}

}  // namespace

std::optional<Refusal> CheckIdAge(const Uuid& id, const Books& books) {
  const std::optional<absl::Time> made = id.Time();
  if (!made) return std::nullopt;
  if (*made > books.now() + kIdAheadMax) {
    return InvalidField("reservation_id",
                        "carries a time more than 24 hours ahead of the "
                        "database clock; check the caller's clock");
  }
  if (*made >= books.now() - books.options().retention) return std::nullopt;
  return Refusal{
      .reason = Reason::kReservationIdTooOld,
      .message = absl::StrCat(
          "id ", id.ToString(), " is older than the ",
          absl::FormatDuration(books.options().retention),
          " that ended reservations are kept; choose a new id"),
      .subject = id.ToString()};
}

std::optional<Refusal> Admit(const SharedList<Pin>& pins, const Want& want,
                             Books& books, Amounts& granted) {
  Amounts affordable = want.wanted;
  std::vector<Violation> violations;
  for (const Line* line : books.LinesOf(pins)) {
    const Unit unit = line->unit();
    const int64_t fits = line->Affordable();
    affordable[unit] = std::min(affordable[unit], fits);
    const int64_t least = want.least[unit];
    if (least > 0 && least > fits) {
      violations.push_back(ViolationOf(*line, least, books));
    }
  }
  if (violations.empty()) {
    granted = affordable;
    return std::nullopt;
  }
  return Denied(std::move(violations), want, affordable, books.catalog());
}

}  // namespace budget
