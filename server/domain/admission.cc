#include "server/domain/admission.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/path.h"
#include "server/domain/policy.h"
#include "server/domain/refusal.h"

namespace budget {
namespace {

// How far ahead of the database clock the clock of a caller may be.
constexpr absl::Duration kIdAheadMax = absl::Hours(24);

// How long to wait where only holds stand in the way: they may settle for
// less at any moment.
constexpr absl::Duration kHeldRetry = absl::Seconds(1);

// A limit as admission sees it.
struct View {
  const Limit& limit;
  const Pin& pin;
  const Counter& counter;
  int64_t blocking_overage;

  const Tally& tally() const { return counter.tally; }
  int64_t Affordable() const {
    return std::max<int64_t>(
        0, limit.Ceiling() - tally().Usage() - blocking_overage);
  }
};

View ViewOf(const Pin& pin, Books& books) {
  const Limit& limit = *books.catalog().FindLimit(pin.limit);
  const Counter& counter = books.CounterOf(limit, pin.window);
  const int64_t overage = counter.tally.overage;
  const bool blocks = overage > 0 && OverageBlocks(books.catalog(), limit);
  return {limit, pin, counter, blocks ? overage : 0};
}

// When enough of a rolling window has aged out for `requested` to fit, if
// every open hold settles in full.
absl::Duration RollingRetry(const View& view, int64_t requested,
                            absl::Time now) {
  int64_t missing = view.tally().Usage() + view.blocking_overage + requested -
                    view.limit.Ceiling();
  for (const Bucket& bucket : view.counter.buckets) {
    missing -= bucket.spent + bucket.reserved;
    if (view.blocking_overage > 0) missing -= bucket.overage;
    if (missing > 0) continue;
    const absl::Time at = BucketAgesOut(view.limit.spec.window, bucket.number);
    return at > now ? at - now : kHeldRetry;
  }
  return kHeldRetry;
}

HeldDenialPolicy HeldPolicyOf(const View& view, const Catalog& catalog) {
  const Allocation* owner = catalog.FindAllocation(view.limit.allocation);
  return EffectivePolicies(catalog, owner->path).held_denial;
}

struct Verdict {
  Reason reason;
  std::optional<absl::Duration> retry_after;
};

Verdict LifetimeVerdict(const View& view, int64_t requested, Books& books) {
  if (view.blocking_overage > 0) return {Reason::kOverageOutstanding, {}};
  const bool only_holds = view.tally().spent + requested <= view.limit.Ceiling();
  if (only_holds &&
      HeldPolicyOf(view, books.catalog()) == HeldDenialPolicy::kRetry) {
    return {Reason::kBudgetHeld, kHeldRetry};
  }
  return {Reason::kBudgetExhausted, {}};
}

Verdict CalendarVerdict(const View& view, int64_t requested, Books& books) {
  if (view.blocking_overage > 0) return {Reason::kOverageOutstanding, {}};
  const absl::Duration left =
      CalendarEnd(view.limit.spec.window, view.pin.window) - books.now();
  const bool over = left <= absl::ZeroDuration();
  if (view.tally().spent + requested <= view.limit.Ceiling()) {
    return {Reason::kBudgetHeld, over ? kHeldRetry : std::min(kHeldRetry, left)};
  }
  // A hold pinned to a window that is over cannot move to the next one.
  if (over) return {Reason::kBudgetExhausted, {}};
  return {Reason::kWindowExhausted, left};
}

// Why `requested` does not fit; reason.h orders the reasons. A request that
// is larger than the cap never fits, whatever the window.
Verdict VerdictOf(const View& view, int64_t requested, Books& books) {
  if (requested > view.limit.Ceiling()) return {Reason::kBudgetExhausted, {}};
  switch (view.limit.spec.window.kind) {
    case WindowKind::kLifetime:
      return LifetimeVerdict(view, requested, books);
    case WindowKind::kCalendar:
      return CalendarVerdict(view, requested, books);
    case WindowKind::kRolling:
      return {Reason::kWindowExhausted,
              RollingRetry(view, requested, books.now())};
  }
  return {Reason::kBudgetExhausted, {}};
}

Violation ViolationOf(const View& view, int64_t requested, Books& books) {
  const Verdict verdict = VerdictOf(view, requested, books);
  return {.reason = verdict.reason,
          .limit = view.limit.id,
          .cap = view.limit.Ceiling(),
          .tally = view.tally(),
          .requested = requested,
          .affordable = view.Affordable(),
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

std::optional<Targets> Resolve(const std::vector<std::string>& paths,
                               Books& books, std::optional<Refusal>& refusal) {
  std::vector<AllocationId> allocations;
  std::vector<Pin> pins;
  for (const std::string& path : paths) {
    for (absl::string_view prefix : ChainOf(path)) {
      const Allocation* allocation = books.catalog().FindAllocation(prefix);
      if (allocation == nullptr) {
        refusal = AllocationNotFound(prefix);
        return std::nullopt;
      }
      if (prefix.size() == path.size()) {
        allocations.push_back(allocation->id);
      }
      for (const Limit* limit : books.catalog().LimitsOf(*allocation)) {
        pins.push_back(
            {.limit = limit->id, .window = books.CurrentWindow(*limit)});
      }
    }
  }
  std::sort(pins.begin(), pins.end());
  pins.erase(std::unique(pins.begin(), pins.end()), pins.end());
  return Targets{.allocations = std::move(allocations),
                 .pins = std::move(pins)};
}

std::optional<Refusal> CheckOpen(const std::vector<std::string>& paths,
                                 const Catalog& catalog) {
  for (const std::string& path : paths) {
    if (const Allocation* at = ArchivedAt(catalog, path)) return Archived(*at);
  }
  for (const std::string& path : paths) {
    if (const Allocation* at = FrozenAt(catalog, path)) return Frozen(*at);
  }
  return std::nullopt;
}

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

std::optional<Refusal> Admit(absl::Span<const Pin> pins, const Want& want,
                             Books& books, Amounts& granted) {
  Amounts affordable = want.wanted;
  std::vector<Violation> violations;
  for (const Pin& pin : pins) {
    const View view = ViewOf(pin, books);
    const Unit unit = view.limit.spec.unit;
    affordable[unit] = std::min(affordable[unit], view.Affordable());
    const int64_t least = want.least[unit];
    if (least > 0 && least > view.Affordable()) {
      violations.push_back(ViolationOf(view, least, books));
    }
  }
  if (violations.empty()) {
    granted = affordable;
    return std::nullopt;
  }
  return Denied(std::move(violations), want, affordable, books.catalog());
}

}  // namespace budget
