#include "tests/model/describe.h"

#include <algorithm>
#include <type_traits>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace budget {
namespace {

// Of version 7 ids only the end differs.
std::string Short(const Uuid& id) { return id.ToString().substr(28); }

std::string Text(const PartialAmounts& amounts) {
  std::string text;
  for (Unit unit : kUnits) {
    if (!amounts[unit]) continue;
    absl::StrAppend(&text, " ", UnitName(unit), "=", *amounts[unit]);
  }
  return text;
}

std::string Text(const Amounts& amounts) {
  return absl::StrJoin(amounts.by_unit, "/");
}

std::string Text(const std::optional<ModelUsage>& usage) {
  if (!usage) return "";
  std::string text = absl::StrCat(" ", usage->model);
  for (const auto& [meter, quantity] : usage->quantities) {
    absl::StrAppend(&text, " ", meter, "x", quantity);
  }
  return text;
}

std::string Text(const LimitSpec& spec) {
  return absl::StrCat(spec.name, "(", UnitName(spec.unit), " ",
                      Describe(spec.window), " cap ",
                      spec.cap ? absl::StrCat(*spec.cap) : "none", ")");
}

std::string Text(const Policies& p) {
  return absl::StrCat("policies(", static_cast<int>(p.on_expiry), " ",
                      static_cast<int>(p.overage), " ",
                      static_cast<int>(p.unpriced), "=",
                      p.unpriced_charge_usd_nanos, " ",
                      static_cast<int>(p.held_denial), ")");
}

struct Describer {
  std::string operator()(const Reserve& op) const {
    return absl::StrCat(
        op.validate_only ? "try " : "reserve ", Short(op.id), " ",
        absl::StrJoin(op.payload->allocations, "+"), Text(op.payload->amounts),
        op.payload->minimum ? " minimum" + Text(*op.payload->minimum) : "",
        " ttl=", absl::FormatDuration(op.payload->ttl),
        op.payload->usd_unknown ? " unknown" : "", Text(op.payload->usage));
  }
  std::string operator()(const RecordUsage& op) const {
    return absl::StrCat("record ", Short(op.id), " ",
                        absl::StrJoin(op.payload->allocations, "+"),
                        Text(op.payload->amounts),
                        op.payload->usd_unknown ? " unknown" : "",
                        Text(op.payload->usage));
  }
  std::string operator()(const AdjustReservation& op) const {
    return absl::StrCat("adjust ", Short(op.id), Text(op.held), " ttl=",
                        op.ttl ? absl::FormatDuration(*op.ttl) : "same");
  }
  std::string operator()(const Settle& op) const {
    return absl::StrCat(op.final ? "settle " : "report ", Short(op.id),
                        Text(op.actual), op.usd_unknown ? " unknown" : "",
                        Text(op.usage));
  }
  std::string operator()(const Release& op) const {
    return absl::StrCat("release ", Short(op.id));
  }
  std::string operator()(const Sweep&) const { return "sweep"; }
  std::string operator()(const CreateAllocation& op) const {
    std::string text = absl::StrCat("create ", op.path, " ", Text(op.policies));
    for (const LimitSpec& spec : op.limits) {
      absl::StrAppend(&text, " ", Text(spec));
    }
    return text;
  }
  std::string operator()(const UpdateAllocation& op) const {
    return absl::StrCat("update ", op.path, " version ", op.version, " ",
                        op.policies ? Text(*op.policies) : "");
  }
  std::string operator()(const ArchiveAllocation& op) const {
    return absl::StrCat("archive ", op.path, " version ", op.version);
  }
  std::string operator()(const SetLimit& op) const {
    return absl::StrCat("set ", op.path, " ", Text(op.limit), " version ",
                        op.version ? absl::StrCat(*op.version) : "none");
  }
  std::string operator()(const RemoveLimit& op) const {
    return absl::StrCat("remove ", op.path, " ", op.limit, " version ",
                        op.version);
  }
  std::string operator()(const Freeze& op) const {
    return absl::StrCat("freeze ", op.path);
  }
  std::string operator()(const Unfreeze& op) const {
    return absl::StrCat("unfreeze ", op.path);
  }
  std::string operator()(const AdjustBalance& op) const {
    return absl::StrCat("balance ", op.path, " ", op.limit, " ",
                        UnitName(op.unit), " ", op.amount);
  }
  std::string operator()(const TransferCap& op) const {
    return absl::StrCat("transfer ", op.from.path, ".", op.from.limit, " to ",
                        op.to.path, ".", op.to.limit, " ", UnitName(op.unit),
                        " ", op.amount);
  }
  std::string operator()(const SetPrices& op) const {
    return absl::StrCat("prices replacing ", op.replaces_version);
  }
};

std::string Text(const LedgerEntry& entry, const Catalog& catalog) {
  std::string pins;
  for (const Pin& pin : entry.pins) {
    const Limit* limit = catalog.FindLimit(pin.limit);
    absl::StrAppend(&pins, " ",
                    catalog.FindAllocation(limit->allocation)->path, ".",
                    limit->spec.name, "@", pin.window);
  }
  return absl::StrCat(
      entry.sequence, " ", absl::FormatTime(entry.at), " kind ",
      static_cast<int>(entry.kind), " ",
      entry.reservation ? Short(*entry.reservation) : "", " spent ",
      Text(entry.spent), " reserved ", Text(entry.reserved), " overage ",
      Text(entry.overage), " unpriced ", entry.unpriced, pins, "\n");
}

std::string Text(const std::optional<int64_t>& number) {
  return number ? absl::StrCat(*number) : "none";
}

std::string Text(const std::optional<absl::Time>& time) {
  return time ? absl::FormatTime(*time) : "none";
}

std::string Text(const std::optional<absl::Duration>& duration) {
  return duration ? absl::FormatDuration(*duration) : "none";
}

std::string Text(const Tally& tally) {
  return absl::StrCat(tally.spent, "/", tally.reserved, "/", tally.overage, "/",
                      tally.unpriced);
}

std::string Text(const Violation& violation) {
  return absl::StrCat(" ", ReasonName(violation.reason), " ", violation.limit,
                      " cap ", violation.cap, " ", Text(violation.tally), " ",
                      violation.requested, " ", violation.affordable, " ",
                      Text(violation.retry_after));
}

std::string Text(const Refusal& refusal) {
  std::string text = absl::StrCat(
      "refused ", ReasonName(refusal.reason), " \"", refusal.message, "\" ",
      refusal.field, " ", refusal.subject, " retry ", Text(refusal.retry_after),
      " affordable ", Text(refusal.affordable.value_or(Amounts{})),
      " requested ", Text(refusal.requested.value_or(Amounts{})));
  for (const Violation& violation : refusal.violations) {
    absl::StrAppend(&text, Text(violation));
  }
  return text;
}

std::string Text(const Reservation& r) {
  std::string text = absl::StrCat(
      "reservation ", r.id().ToString(), " ", static_cast<int>(r.state),
      " requested ", Text(r.terms->requested), " granted ",
      Text(r.terms->granted), " held ", Text(r.held), " spent ", Text(r.spent),
      " overage ", Text(r.overage), " reported ", Text(r.reported), " flags ",
      r.usage_final, r.settled_late, r.unpriced, " on_expiry ",
      static_cast<int>(r.terms->on_expiry), " price ", r.terms->price_version,
      " created ", absl::FormatTime(r.terms->created_at), " expires ",
      absl::FormatTime(r.expires_at), " ended ", Text(r.ended_at), " pins");
  for (const Pin& pin : r.pins) {
    absl::StrAppend(&text, " ", pin.limit, "@", pin.window);
  }
  return text;
}

std::string Text(const LimitReading& reading) {
  return absl::StrCat("\n  limit ", reading.limit, "@", reading.window, " cap ",
                      Text(reading.cap), " ", Text(reading.tally),
                      " remaining ", Text(reading.remaining), " from ",
                      Text(reading.window_start), " to ",
                      Text(reading.reset_time));
}

std::string Text(const Outcome::AllocationView& view) {
  const Allocation& a = view.allocation;
  std::string text = absl::StrCat(
      "\n  ", a.path, " version ", a.version, a.frozen ? " frozen" : "",
      a.archived ? " archived" : "", " ", Text(a.policies));
  for (const Limit& limit : view.limits) {
    absl::StrAppend(&text, " ", limit.id, " ", Text(limit.spec));
  }
  return text;
}

}  // namespace

std::string Describe(const Operation& operation) {
  return std::visit(Describer{}, operation);
}

std::string Describe(const Outcome& outcome) {
  std::string text = outcome.ok() ? "ok" : Text(*outcome.refusal);
  if (outcome.reservation) {
    absl::StrAppend(&text, " ", Text(*outcome.reservation));
  }
  absl::StrAppend(&text, outcome.replayed ? " replayed" : "", " sequence ",
                  outcome.ledger_sequence, " price ", outcome.price_version);
  for (const LimitReading& reading : outcome.limits) {
    absl::StrAppend(&text, Text(reading));
  }
  for (const Crossing& crossing : outcome.crossed) {
    absl::StrAppend(&text, "\n  crossed ", crossing.limit, " at ",
                    crossing.warn_percent);
  }
  for (const Outcome::AllocationView& view : outcome.allocations) {
    absl::StrAppend(&text, Text(view));
  }
  return text;
}

std::vector<std::string> Describe(World& world, int max) {
  const std::vector<LedgerEntry>& ledger = world.LedgerOf("acme");
  std::vector<std::string> lines;
  const size_t shown = std::min<size_t>(max, ledger.size());
  for (size_t i = ledger.size() - shown; i < ledger.size(); ++i) {
    lines.push_back(Text(ledger[i], world.SetOf("acme").catalog));
  }
  return lines;
}

}  // namespace budget
