#include "tests/model/table_parse.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace budget {
namespace {

[[noreturn]] void Unreadable(absl::string_view what) {
  std::fprintf(stderr, "cannot read in a table: %s\n",
               std::string(what).c_str());
  std::abort();
}

int64_t ParseNumber(absl::string_view text) {
  int64_t number = 0;
  if (text == "max") return kAmountMax;
  if (!absl::SimpleAtoi(text, &number)) Unreadable(text);
  return number;
}

absl::Duration ParseSpan(absl::string_view text) {
  absl::Duration duration;
  if (!absl::ParseDuration(text, &duration)) Unreadable(text);
  return duration;
}

template <typename Enum>
Enum Choose(absl::string_view text,
            const std::map<absl::string_view, Enum>& names) {
  const auto found = names.find(text);
  if (found == names.end()) Unreadable(text);
  return found->second;
}

OnExpiry ParseOnExpiry(absl::string_view text) {
  return Choose<OnExpiry>(text, {{"release", OnExpiry::kRelease},
                                 {"settle_held", OnExpiry::kSettleHeld},
                                 {"inherit", OnExpiry::kInherit}});
}

Window ParseWindow(absl::string_view text) {
  if (text == "lifetime") return Window::Lifetime();
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(text, absl::MaxSplits('/', 1));
  if (parts.first == "rolling") return Window::Rolling(ParseSpan(parts.second));
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(parts.second, &zone)) Unreadable(text);
  return Window::Calendar(
      Choose<CalendarPeriod>(parts.first,
                             {{"hour", CalendarPeriod::kHour},
                              {"day", CalendarPeriod::kDay},
                              {"week", CalendarPeriod::kWeek},
                              {"month", CalendarPeriod::kMonth},
                              {"quarter", CalendarPeriod::kQuarter},
                              {"year", CalendarPeriod::kYear}}),
      parts.second, zone);
}

LimitSpec ParseLimit(const Clause& event) {
  LimitSpec spec{.name = SplitLimit(event.words.at(1)).second,
                 .unit = ParseUnit(event.words.at(2)),
                 .window = ParseWindow(event.words.at(3))};
  const std::string cap = event.Option("cap").value_or("none");
  if (cap != "none") spec.cap = ParseNumber(cap);
  if (const auto warn = event.Option("warn")) {
    for (absl::string_view percent : absl::StrSplit(*warn, ',')) {
      spec.warn_percent.push_back(static_cast<int>(ParseNumber(percent)));
    }
  }
  return spec;
}

Policies ParsePolicies(const Clause& event) {
  Policies policies;
  if (const auto text = event.Option("on_expiry")) {
    policies.on_expiry = ParseOnExpiry(*text);
  }
  if (const auto text = event.Option("overage")) {
    policies.overage =
        Choose<OveragePolicy>(*text, {{"block", OveragePolicy::kBlock},
                                      {"report", OveragePolicy::kReport}});
  }
  if (const auto text = event.Option("held")) {
    policies.held_denial =
        Choose<HeldDenialPolicy>(*text, {{"final", HeldDenialPolicy::kFinal},
                                         {"retry", HeldDenialPolicy::kRetry}});
  }
  if (const auto text = event.Option("unpriced")) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(*text, absl::MaxSplits(':', 1));
    policies.unpriced =
        Choose<UnpricedPolicy>(parts.first, {{"deny", UnpricedPolicy::kDeny},
                                             {"allow", UnpricedPolicy::kAllow},
                                             {"fixed", UnpricedPolicy::kFixed}});
    if (!parts.second.empty()) {
      policies.unpriced_charge_usd_nanos = ParseNumber(parts.second);
    }
  }
  return policies;
}

std::optional<ModelUsage> ParseUsage(const Clause& event) {
  const auto text = event.Option("usage");
  if (!text) return std::nullopt;
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(*text, absl::MaxSplits(':', 1));
  ModelUsage usage{.model = parts.first};
  for (absl::string_view meter : absl::StrSplit(parts.second, ',')) {
    const std::pair<std::string, std::string> pair =
        absl::StrSplit(meter, absl::MaxSplits('=', 1));
    usage.quantities[pair.first] = ParseNumber(pair.second);
  }
  return usage;
}

ReservePayload ParsePayload(const Clause& event) {
  ReservePayload payload;
  payload.allocations = absl::StrSplit(event.words.at(2), '+');
  payload.amounts = event.Amounts();
  if (event.Amounts("min.") != PartialAmounts{}) {
    payload.minimum = event.Amounts("min.");
  }
  if (const auto ttl = event.Option("ttl")) payload.ttl = ParseSpan(*ttl);
  if (const auto tag = event.Option("tag")) payload.tags["tag"] = *tag;
  if (const auto text = event.Option("on_expiry")) {
    payload.on_expiry = ParseOnExpiry(*text);
  }
  payload.usd_unknown = event.Option("unknown").has_value();
  payload.usage = ParseUsage(event);
  return payload;
}

Operation ParseCall(const Clause& event) {
  const std::string& verb = event.words.at(0);
  if (verb == "sweep") return Sweep{.root = event.words.at(1)};
  const Uuid id = IdOf(event.words.at(1));
  if (verb == "reserve" || verb == "try") {
    return Reserve{.id = id,
                   .payload = ParsePayload(event),
                   .validate_only = verb == "try"};
  }
  if (verb == "record") {
    ReservePayload payload = ParsePayload(event);
    payload.origin = ReservationOrigin::kRecordUsage;
    return RecordUsage{.id = id, .payload = std::move(payload)};
  }
  const std::string root = event.Option("root").value_or("acme");
  if (verb == "release") return Release{.root = root, .id = id};
  if (verb == "settle" || verb == "report") {
    return Settle{.root = root,
                  .id = id,
                  .actual = event.Amounts(),
                  .final = verb == "settle",
                  .usd_unknown = event.Option("unknown").has_value(),
                  .usage = ParseUsage(event)};
  }
  if (verb == "adjust") {
    AdjustReservation op{.root = root, .id = id, .held = event.Amounts()};
    if (const auto ttl = event.Option("ttl")) op.ttl = ParseSpan(*ttl);
    return op;
  }
  Unreadable(verb);
}

AdjustBalance ParseBalance(const Clause& event, const AdminContext& context) {
  AdjustBalance op{.context = context, .path = event.words.at(1)};
  if (absl::StrContains(op.path, '.')) {
    std::tie(op.path, op.limit) = SplitLimit(event.words.at(1));
  }
  const PartialAmounts amounts = event.Amounts();
  for (Unit unit : kUnits) {
    if (!amounts[unit]) continue;
    op.unit = unit;
    op.amount = *amounts[unit];
  }
  op.reason = "because";
  return op;
}

TransferCap ParseTransfer(const Clause& event, const AdminContext& context,
                          int64_t version) {
  TransferCap op{.context = context};
  std::tie(op.from.path, op.from.limit) = SplitLimit(event.words.at(1));
  std::tie(op.to.path, op.to.limit) = SplitLimit(event.words.at(2));
  op.from.version = version;
  op.to.version = event.Number("to_version").value_or(version);
  const PartialAmounts amounts = event.Amounts();
  for (Unit unit : kUnits) {
    if (!amounts[unit]) continue;
    op.unit = unit;
    op.amount = *amounts[unit];
  }
  return op;
}

SetPrices ParsePrices(const Clause& event, const AdminContext& context) {
  SetPrices op{.context = context, .root = "acme"};
  op.replaces_version = event.Number("replaces").value_or(0);
  ModelPrice price{.model = event.words.at(1)};
  for (const auto& [meter, value] : event.options) {
    if (meter == "replaces" || meter == "request") continue;
    price.usd_nanos_per_million[meter] = ParseNumber(value);
  }
  op.prices = {price};
  return op;
}

Statement ParseLine(int line, absl::string_view text) {
  Statement statement{.line = line, .text = std::string(text)};
  Clause* clause = &statement.event;
  std::vector<std::string> words =
      absl::StrSplit(text, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (words[0] == "at" || words[0] == "after") {
    statement.time = words[0];
    statement.time_value = words.at(1);
    words.erase(words.begin(), words.begin() + 2);
  }
  for (const std::string& word : words) {
    const size_t equals = word.find('=');
    if (word == "->") {
      clause = &statement.expected;
    } else if (equals == std::string::npos) {
      clause->words.push_back(word);
    } else {
      clause->options[word.substr(0, equals)] = word.substr(equals + 1);
    }
  }
  if (statement.expected.words.empty()) statement.expected.words = {"ok"};
  return statement;
}

}  // namespace

std::optional<std::string> Clause::Option(const std::string& name) const {
  const auto found = options.find(name);
  if (found == options.end()) return std::nullopt;
  return found->second;
}

std::optional<int64_t> Clause::Number(const std::string& name) const {
  const auto text = Option(name);
  if (!text) return std::nullopt;
  return ParseNumber(*text);
}

PartialAmounts Clause::Amounts(const std::string& prefix) const {
  PartialAmounts amounts;
  amounts[Unit::kUsdNanos] = Number(prefix + "usd");
  amounts[Unit::kTokens] = Number(prefix + "tokens");
  amounts[Unit::kRequests] = Number(prefix + "requests");
  return amounts;
}

std::vector<Statement> ParseTable(absl::string_view text) {
  std::vector<Statement> statements;
  int line = 0;
  for (absl::string_view raw : absl::StrSplit(text, '\n')) {
    ++line;
    raw = absl::StripAsciiWhitespace(raw.substr(0, raw.find('#')));
    if (!raw.empty()) statements.push_back(ParseLine(line, raw));
  }
  return statements;
}

absl::Time ParseClock(absl::string_view text) {
  const std::string whole =
      absl::StrContains(text, 'T')
          ? std::string(text)
          : absl::StrCat("2026-06-15T", text, text.size() == 5 ? ":00" : "",
                         "Z");
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, whole, &time, &error)) {
    Unreadable(text);
  }
  return time;
}

absl::Time ParseTableTime(const Statement& statement, absl::Time now) {
  if (statement.time == "at") return ParseClock(statement.time_value);
  if (statement.time == "after") return now + ParseSpan(statement.time_value);
  return now;
}

Unit ParseUnit(absl::string_view text) {
  return Choose<Unit>(text, {{"usd", Unit::kUsdNanos},
                             {"tokens", Unit::kTokens},
                             {"requests", Unit::kRequests}});
}

std::pair<std::string, std::string> SplitLimit(const std::string& name) {
  const size_t dot = name.rfind('.');
  if (dot == std::string::npos) Unreadable(name);
  return {name.substr(0, dot), name.substr(dot + 1)};
}

Uuid IdOf(const std::string& name) {
  Uuid id;
  for (size_t i = 0; i < name.size(); ++i) {
    id.bytes[i % 16] = static_cast<uint8_t>(id.bytes[i % 16] * 31 + name[i]);
  }
  id.bytes[6] = (id.bytes[6] & 0x0f) | 0x40;  // version 4: no time in it
  return id;
}

Operation ParseOperation(const Clause& event, const AdminContext& context,
                         int64_t version, bool limit_exists) {
  const std::string& verb = event.words.at(0);
  if (verb == "transfer") return ParseTransfer(event, context, version);
  if (verb == "prices") return ParsePrices(event, context);
  if (verb == "balance") return ParseBalance(event, context);
  if (verb == "create") {
    return CreateAllocation{.context = context,
                            .path = event.words.at(1),
                            .policies = ParsePolicies(event)};
  }
  if (verb == "limit") {
    SetLimit op{.context = context,
                .path = SplitLimit(event.words.at(1)).first,
                .limit = ParseLimit(event)};
    if (limit_exists || event.Option("version")) op.version = version;
    if (event.Option("version") == "none") op.version.reset();
    return op;
  }
  if (verb == "remove") {
    const auto [path, limit] = SplitLimit(event.words.at(1));
    return RemoveLimit{
        .context = context, .path = path, .limit = limit, .version = version};
  }
  if (verb == "policy") {
    return UpdateAllocation{.context = context,
                            .path = event.words.at(1),
                            .policies = ParsePolicies(event),
                            .version = version};
  }
  if (verb == "archive") {
    return ArchiveAllocation{
        .context = context, .path = event.words.at(1), .version = version};
  }
  if (verb == "freeze") {
    return Freeze{.context = context,
                  .path = event.words.at(1),
                  .reason = event.Option("reason").value_or("stop")};
  }
  if (verb == "unfreeze") {
    return Unfreeze{.context = context, .path = event.words.at(1)};
  }
  return ParseCall(event);
}

}  // namespace budget
