#include "client/ctl/views.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/ctl/amount_text.h"
#include "client/ctl/limit_text.h"
#include "client/ctl/table.h"

namespace budget {
namespace {

constexpr char kMoment[] = "%Y-%m-%d %H:%M:%S";

// "OPEN" of RESERVATION_STATE_OPEN.
std::string ShortName(absl::string_view name, absl::string_view prefix) {
  absl::ConsumePrefix(&name, prefix);
  return absl::AsciiStrToLower(name);
}

std::string StateOf(const v1::Reservation& reservation) {
  std::string state = ShortName(v1::ReservationState_Name(reservation.state()),
                                "RESERVATION_STATE_");
  if (reservation.settled_late()) state += ", late";
  if (reservation.unpriced()) state += ", unpriced";
  return state;
}

std::string StateOf(const v1::Allocation& allocation) {
  if (allocation.archived()) return "archived";
  return allocation.frozen() ? "frozen" : "";
}

std::string DescribeDeltas(const v1::AmountDeltas& deltas) {
  std::vector<std::string> parts;
  const auto add = [&parts](v1::Unit unit, int64_t value) {
    if (value == 0) return;
    parts.push_back(absl::StrCat(value > 0 ? "+" : "", FormatAmount(unit, value)));
  };
  add(v1::UNIT_USD_NANOS, deltas.usd_nanos());
  add(v1::UNIT_TOKENS, deltas.tokens());
  add(v1::UNIT_REQUESTS, deltas.requests());
  return absl::StrJoin(parts, " ");
}

std::string LimitsText(const v1::Allocation& allocation) {
  return absl::StrJoin(allocation.limits(), "; ",
                       [](std::string* out, const v1::Limit& limit) {
                         absl::StrAppend(out, limit.name(), " ",
                                         DescribeLimit(limit));
                       });
}

}  // namespace

absl::Time TimeOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) +
         absl::Nanoseconds(time.nanos());
}

std::string DescribeMoment(absl::Time moment, absl::Time now,
                           const absl::TimeZone& zone) {
  absl::Duration away = moment - now;
  // To the second, or to the minute where it is days away.
  away = absl::Trunc(away, away < absl::Hours(24) ? absl::Seconds(1)
                                                  : absl::Minutes(1));
  return absl::StrCat("in ", FormatDurationText(away), " (",
                      absl::FormatTime(kMoment, moment, zone), ")");
}

std::string DescribeAmounts(const v1::Amounts& amounts) {
  std::vector<std::string> parts;
  const auto add = [&parts](v1::Unit unit, int64_t value) {
    if (value != 0) parts.push_back(FormatAmount(unit, value));
  };
  add(v1::UNIT_USD_NANOS, amounts.usd_nanos());
  add(v1::UNIT_TOKENS, amounts.tokens());
  add(v1::UNIT_REQUESTS, amounts.requests());
  return parts.empty() ? "nothing" : absl::StrJoin(parts, ", ");
}

std::string RenderLimits(
    const google::protobuf::RepeatedPtrField<v1::LimitStatus>& limits,
    absl::Time read_time, const absl::TimeZone& zone) {
  Table table({"ALLOCATION", "LIMIT", "WINDOW", "SPENT>", "RESERVED>", "OVERAGE>",
               "CAP>", "REMAINING>", "USED", "RESETS"});
  std::vector<v1::LimitStatus> sorted(limits.begin(), limits.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const v1::LimitStatus& a, const v1::LimitStatus& b) {
              return std::tie(a.allocation(), a.limit()) <
                     std::tie(b.allocation(), b.limit());
            });
  for (const v1::LimitStatus& limit : sorted) {
    const auto figure = [&limit](int64_t value) {
      return value == 0 ? std::string("-") : FormatFigure(limit.unit(), value);
    };
    const bool hidden = limit.figures_hidden();
    table.AddRow(
        {limit.allocation(), limit.limit(), FormatWindow(limit.window()),
         hidden ? "hidden" : FormatAmount(limit.unit(), limit.spent()),
         hidden ? "hidden" : figure(limit.reserved()),
         hidden ? "hidden" : figure(limit.overage()),
         hidden            ? "hidden"
         : limit.has_cap() ? FormatFigure(limit.unit(), limit.cap())
                           : "no cap",
         limit.has_remaining() ? FormatFigure(limit.unit(), limit.remaining())
                               : "-",
         limit.has_cap() ? UsageBar(limit.spent() + limit.reserved(), limit.cap())
                         : "-",
         limit.has_reset_time()
             ? DescribeMoment(TimeOf(limit.reset_time()), read_time, zone)
             : (limit.window().has_lifetime() ? "never" : "-")});
  }
  if (table.empty()) return "no limits: nothing is capped or counted here\n";
  return table.ToString();
}

std::string RenderRemaining(const v1::QueryRemainingResponse& remaining,
                            const absl::TimeZone& zone) {
  const absl::Time now = TimeOf(remaining.read_time());
  std::string text = RenderLimits(remaining.limits(), now, zone);
  if (remaining.frozen()) text += "FROZEN: new holds are refused\n";
  absl::StrAppend(&text, "as of ", absl::FormatTime(kMoment, now, zone),
                  ", ledger entry ", remaining.ledger_sequence(), "\n");
  return text;
}

std::string RenderTree(const std::vector<v1::Allocation>& allocations) {
  Table table({"ALLOCATION", "NAME", "LIMITS", "STATE"});
  for (const v1::Allocation& allocation : allocations) {
    const std::vector<std::string> segments =
        absl::StrSplit(allocation.path(), '/');
    table.AddRow({absl::StrCat(std::string(2 * (segments.size() - 1), ' '),
                               segments.back()),
                  allocation.display_name(), LimitsText(allocation),
                  StateOf(allocation)});
  }
  return table.empty() ? "no allocations\n" : table.ToString();
}

std::string RenderAllocation(const v1::Allocation& allocation,
                             const absl::TimeZone& zone) {
  std::string text = absl::StrCat(allocation.path());
  if (!allocation.display_name().empty()) {
    absl::StrAppend(&text, "  ", allocation.display_name());
  }
  const std::string state = StateOf(allocation);
  if (!state.empty()) absl::StrAppend(&text, "  [", state, "]");
  absl::StrAppend(&text, "\n  etag     ", allocation.etag(), "\n  changed  ",
                  absl::FormatTime(kMoment, TimeOf(allocation.update_time()), zone),
                  "\n");
  if (allocation.frozen()) {
    absl::StrAppend(&text, "  frozen   ", allocation.freeze_reason(), "\n");
  }
  for (const v1::Limit& limit : allocation.limits()) {
    absl::StrAppend(&text, "  limit    ", limit.name(), ": ",
                    DescribeLimit(limit), "\n");
  }
  for (const auto& [key, value] : allocation.labels()) {
    absl::StrAppend(&text, "  label    ", key, "=", value, "\n");
  }
  const std::string policies = allocation.policies().ShortDebugString();
  if (!policies.empty()) absl::StrAppend(&text, "  policies ", policies, "\n");
  return text;
}

std::string RenderReservation(const v1::Reservation& r,
                              const absl::TimeZone& zone) {
  std::string text = absl::StrCat(
      r.reservation_id(), "  ", StateOf(r), "\n  allocations  ",
      absl::StrJoin(r.allocations(), " "), "\n  requested    ",
      DescribeAmounts(r.requested()), "\n  granted      ",
      DescribeAmounts(r.granted()), "\n  held         ",
      DescribeAmounts(r.held()), "\n  spent        ",
      DescribeAmounts(r.spent()), "\n  overage      ",
      DescribeAmounts(r.overage()), "\n  expires      ",
      absl::FormatTime(kMoment, TimeOf(r.expire_time()), zone), "\n");
  for (const auto& [key, value] : r.tags()) {
    absl::StrAppend(&text, "  tag          ", key, "=", value, "\n");
  }
  return text;
}

std::string RenderReservations(const std::vector<v1::Reservation>& reservations,
                               const absl::TimeZone& zone) {
  Table table({"RESERVATION", "STATE", "ALLOCATIONS", "HELD", "SPENT", "EXPIRES"});
  for (const v1::Reservation& r : reservations) {
    table.AddRow({r.reservation_id(), StateOf(r),
                  absl::StrJoin(r.allocations(), " "), DescribeAmounts(r.held()),
                  DescribeAmounts(r.spent()),
                  absl::FormatTime(kMoment, TimeOf(r.expire_time()), zone)});
  }
  return table.empty() ? "no reservations\n" : table.ToString();
}

std::string RenderLedger(const std::vector<v1::LedgerEntry>& entries,
                         const absl::TimeZone& zone) {
  Table table({"#>", "TIME", "KIND", "SUBJECT", "SPENT", "RESERVED", "OVERAGE",
               "BY"});
  for (const v1::LedgerEntry& entry : entries) {
    table.AddRow({absl::StrCat(entry.sequence()),
                  absl::FormatTime(kMoment, TimeOf(entry.time()), zone),
                  ShortName(v1::LedgerEntryKind_Name(entry.kind()),
                            "LEDGER_ENTRY_KIND_"),
                  entry.reservation_id().empty()
                      ? absl::StrJoin(entry.allocations(), " ")
                      : entry.reservation_id(),
                  DescribeDeltas(entry.spent()), DescribeDeltas(entry.reserved()),
                  DescribeDeltas(entry.overage()), entry.actor()});
  }
  return table.empty() ? "no entries\n" : table.ToString();
}

std::string RenderDenials(const std::vector<v1::DenialCount>& denials,
                          const absl::TimeZone& zone) {
  Table table({"DAY", "ALLOCATION", "LIMIT", "REASON", "DENIALS>", "REQUESTED",
               "LAST"});
  for (const v1::DenialCount& denial : denials) {
    table.AddRow({denial.day(), denial.allocation(), denial.limit(),
                  denial.reason(),
                  FormatFigure(v1::UNIT_REQUESTS, denial.denials()),
                  DescribeAmounts(denial.requested()),
                  absl::FormatTime(kMoment, TimeOf(denial.last_time()), zone)});
  }
  return table.empty() ? "nothing was denied\n" : table.ToString();
}

std::string RenderPrices(const v1::GetPricesResponse& prices) {
  Table table({"MODEL", "METER", "PER MILLION>"});
  for (const v1::ModelPrice& model : prices.prices()) {
    for (const v1::MeterPrice& meter : model.meters()) {
      table.AddRow({model.model(), meter.meter(),
                    FormatFigure(v1::UNIT_USD_NANOS,
                                 meter.usd_nanos_per_million())});
    }
  }
  if (prices.version() == 0) return "no prices\n";
  return absl::StrCat(table.ToString(), "version ", prices.version(), "\n");
}

std::string RenderDiscrepancies(const v1::VerifyResponse& answer) {
  std::string text;
  for (const v1::Discrepancy& d : answer.discrepancies()) {
    if (d.kind() == v1::DISCREPANCY_KIND_UNSPECIFIED) {
      absl::StrAppend(&text, "  ", d.subject(), ": ledger: ", d.ledger(),
                      "; against it: ", d.stored(), "\n");
    } else {
      absl::StrAppend(&text, "  ", d.subject(), ": ", d.stored(), "\n");
    }
  }
  if (answer.discrepancies_total() > answer.discrepancies_size()) {
    absl::StrAppend(&text, "  ... of ", answer.discrepancies_total(),
                    " in all\n");
  }
  return text;
}

std::string RenderVerify(const std::string& root,
                         const v1::VerifyResponse& answer) {
  return absl::StrCat(
      root, ": ", answer.ok() ? "OK" : "DISCREPANCIES", ", ", answer.entries(),
      " entries up to ", answer.ledger_sequence(), ", ", answer.counters(),
      " counters, ", answer.reservations(),
      " reservations, sealed up to entry ", answer.sealed_sequence(), "\n",
      RenderDiscrepancies(answer));
}

}  // namespace budget
