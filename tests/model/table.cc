#include "tests/model/table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/model/paths.h"
#include "tests/model/table_parse.h"
#include "tests/model/world.h"

namespace budget {
namespace {

absl::string_view StateName(ReservationState state) {
  switch (state) {
    case ReservationState::kOpen:
      return "open";
    case ReservationState::kSettled:
      return "settled";
    case ReservationState::kReleased:
      return "released";
    case ReservationState::kExpired:
      return "expired";
  }
  return "unknown";
}

std::string Wait(const std::optional<absl::Duration>& wait) {
  return wait ? absl::FormatDuration(*wait) : "none";
}

// Runs the lines of one table.
class Table {
 public:
  std::string Run(absl::string_view text) {
    for (const Statement& statement : ParseTable(text)) {
      statement_ = &statement;
      now_ = ParseTableTime(statement, now_);
      if (statement.event.words.empty()) continue;
      if (statement.event.words[0] == "check") {
        Check(statement.event);
      } else {
        Execute(statement);
      }
      world_.Verify();
      for (size_t i = problems_; i < world_.problems().size(); ++i) {
        Fail(world_.problems()[i]);
      }
      problems_ = world_.problems().size();
    }
    return std::move(failures_);
  }

 private:
  void Fail(absl::string_view what) {
    absl::StrAppend(&failures_, "line ", statement_->line, ": ",
                    statement_->text, "\n    ", what, "\n");
  }
  void Equal(absl::string_view what, const std::string& expected,
             const std::string& actual) {
    if (expected == actual) return;
    Fail(absl::StrCat(what, ": expected ", expected, ", got ", actual));
  }

  Catalog& CatalogOf(absl::string_view path) {
    return world_.SetOf(model::LineDownTo(path).front()).catalog;
  }

  // The allocation that an administrative event is about.
  std::string PathOf(const Clause& event) {
    const std::string& name = event.words.at(1);
    return absl::StrContains(name, '.') ? SplitLimit(name).first : name;
  }

  int64_t VersionOf(const std::string& path) {
    const Allocation* found = CatalogOf(path).FindAllocation(path);
    return found == nullptr ? 1 : found->version;
  }

  bool LimitExists(const std::string& name) {
    if (!absl::StrContains(name, '.')) return false;
    const auto [path, limit] = SplitLimit(name);
    const Allocation* owner = CatalogOf(path).FindAllocation(path);
    return owner != nullptr &&
           CatalogOf(path).FindLimit(*owner, limit) != nullptr;
  }

  std::string NameOf(LimitId id) {
    const Catalog& catalog = CatalogOf("acme");
    const Limit* limit = catalog.FindLimit(id);
    return absl::StrCat(catalog.FindAllocation(limit->allocation)->path, ".",
                        limit->spec.name);
  }

  Operation OperationOf(Clause event) {
    const AdminContext context{
        .request_id = IdOf(event.Option("request").value_or(
            absl::StrCat("request ", statement_->line))),
        .actor = "tester"};
    const std::string& verb = event.words.at(0);
    if (verb == "prices") {
      event.options.try_emplace(
          "replaces",
          absl::StrCat(world_.SetOf("acme").root.price_version));
      return ParseOperation(event, context, 0, false);
    }
    if (verb == "transfer") {
      event.options.try_emplace(
          "to_version",
          absl::StrCat(VersionOf(SplitLimit(event.words.at(2)).first)));
    }
    const std::string given = event.Option("version").value_or("");
    const int64_t version = given.empty() || given == "none"
                                ? VersionOf(PathOf(event))
                                : *event.Number("version");
    return ParseOperation(event, context, version,
                          LimitExists(event.words.at(1)));
  }

  void Execute(const Statement& statement) {
    const Operation operation = OperationOf(statement.event);
    const size_t before = world_.LedgerOf("acme").size();
    const Outcome outcome = world_.Run(operation, now_);
    const std::string expected = statement.expected.words.front();
    const std::string actual =
        outcome.ok() ? "ok" : std::string(ReasonName(outcome.refusal->reason));
    Equal("outcome", expected,
          actual == expected || outcome.ok()
              ? actual
              : absl::StrCat(actual, " (", outcome.refusal->message, ")"));
    if (actual != expected) return;
    if (const auto entries = statement.expected.Option("entries")) {
      Equal("entries", *entries,
            absl::StrCat(world_.LedgerOf("acme").size() - before));
    }
    if (outcome.ok()) {
      CheckAnswer(statement.expected, outcome);
    } else {
      CheckRefusal(statement.expected, *outcome.refusal);
    }
    if (outcome.reservation) {
      CheckReservation(statement.expected, *outcome.reservation);
    }
  }

  void CheckAnswer(const Clause& expected, const Outcome& outcome) {
    const bool replayed = std::count(expected.words.begin(),
                                     expected.words.end(), "replayed") > 0;
    if (replayed && !outcome.replayed) Fail("not replayed");
    if (const auto text = expected.Option("crossed")) {
      std::vector<std::string> crossed;
      for (const Crossing& crossing : outcome.crossed) {
        crossed.push_back(absl::StrCat(NameOf(crossing.limit), "@",
                                       crossing.warn_percent));
      }
      Equal("crossed", *text,
            crossed.empty() ? "none" : absl::StrJoin(crossed, ","));
    }
    if (const auto text = expected.Option("version")) {
      Equal("version", *text,
            absl::StrCat(outcome.allocations.at(0).allocation.version));
    }
    if (const auto text = expected.Option("price_version")) {
      Equal("price_version", *text, absl::StrCat(outcome.price_version));
    }
  }

  void CheckRefusal(const Clause& expected, const Refusal& refusal) {
    std::vector<std::string> limits;
    for (const Violation& violation : refusal.violations) {
      limits.push_back(NameOf(violation.limit));
    }
    for (size_t i = 1; i < expected.words.size(); ++i) {
      if (std::count(limits.begin(), limits.end(), expected.words[i]) == 0) {
        Equal("limits", expected.words[i], absl::StrJoin(limits, ","));
      }
    }
    if (expected.words.size() > 1 &&
        limits.size() != expected.words.size() - 1) {
      Fail(absl::StrCat("violations: ", absl::StrJoin(limits, ",")));
    }
    if (const auto text = expected.Option("affordable")) {
      Equal("affordable", *text,
            refusal.violations.empty()
                ? "none"
                : absl::StrCat(refusal.violations[0].affordable));
    }
    for (Unit unit : kUnits) {
      const std::string name = absl::StrCat("affordable.", ShortName(unit));
      if (const auto text = expected.Option(name)) {
        Equal(name, *text, absl::StrCat(refusal.affordable.value()[unit]));
      }
    }
    if (const auto text = expected.Option("retry")) {
      Equal("retry", *text, Wait(refusal.retry_after));
    }
    if (const auto text = expected.Option("field")) {
      Equal("field", *text, refusal.field);
    }
  }

  static absl::string_view ShortName(Unit unit) {
    return unit == Unit::kUsdNanos ? "usd" : UnitName(unit);
  }

  void CheckReservation(const Clause& expected, const Reservation& r) {
    const std::pair<const char*, const Amounts*> figures[] = {
        {"held", &r.held},           {"spent", &r.spent},
        {"overage", &r.overage},     {"requested", &r.terms->requested},
        {"granted", &r.terms->granted},     {"reported", &r.reported},
    };
    for (const auto& [figure, amounts] : figures) {
      for (Unit unit : kUnits) {
        const std::string name = absl::StrCat(figure, ".", ShortName(unit));
        if (const auto text = expected.Number(name)) {
          Equal(name, absl::StrCat(*text), absl::StrCat((*amounts)[unit]));
        }
      }
    }
    const std::pair<const char*, std::string> facts[] = {
        {"state", std::string(StateName(r.state))},
        {"late", r.settled_late ? "true" : "false"},
        {"unpriced", r.unpriced ? "true" : "false"},
        {"price", absl::StrCat(r.terms->price_version)},
        {"pins", absl::StrCat(r.pins.size())},
        {"ttl", absl::FormatDuration(r.expires_at - now_)},
    };
    for (const auto& [name, actual] : facts) {
      if (const auto text = expected.Option(name)) Equal(name, *text, actual);
    }
  }

  void Check(const Clause& event) {
    const std::string& name = event.words.at(1);
    if (!absl::StrContains(name, '.')) {
      world_.Run(Sweep{.root = "acme"}, now_);
      CheckReservation(
          event, world_.SetOf("acme").reservations.at(IdOf(name)).reservation);
      return;
    }
    for (const LimitReading& reading :
         world_.Read(SplitLimit(name).first, now_)) {
      if (NameOf(reading.limit) != name) continue;
      CheckReading(event, reading);
      return;
    }
    Fail("no such limit");
  }

  void CheckReading(const Clause& event, const LimitReading& reading) {
    const auto text = [](const std::optional<int64_t>& value) {
      return value ? absl::StrCat(*value) : "none";
    };
    const std::pair<const char*, std::string> figures[] = {
        {"spent", absl::StrCat(reading.tally.spent)},
        {"reserved", absl::StrCat(reading.tally.reserved)},
        {"overage", absl::StrCat(reading.tally.overage)},
        {"unpriced", absl::StrCat(reading.tally.unpriced)},
        {"cap", text(reading.cap)},
        {"remaining", text(reading.remaining)},
    };
    for (const auto& [name, actual] : figures) {
      const auto expected = event.Option(name);
      if (expected == "max") {
        Equal(name, absl::StrCat(kAmountMax), actual);
      } else if (expected) {
        Equal(name, *expected, actual);
      }
    }
    if (const auto expected = event.Option("reset")) {
      Equal("reset",
            *expected == "none" ? "none"
                                : absl::FormatTime(ParseClock(*expected)),
            reading.reset_time ? absl::FormatTime(*reading.reset_time)
                               : "none");
    }
  }

  World world_;
  absl::Time now_ = ParseClock("10:00");
  const Statement* statement_ = nullptr;
  size_t problems_ = 0;
  std::string failures_;
};

}  // namespace

std::string RunTable(absl::string_view text) { return Table().Run(text); }

}  // namespace budget
