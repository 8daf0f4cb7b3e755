#include "server/rpc/parse_field.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/domain/path.h"
#include "server/rpc/field_error.h"
#include "server/rpc/utf8.h"

namespace budget {
namespace {

constexpr TextRule kModelRule = {.bytes_min = 1, .bytes_max = 128};
constexpr int kMetersMax = 16;
constexpr int kPageSizeDefault = 50;
constexpr int kPageSizeMax = 1000;

absl::Status UnknownValue(absl::string_view field, int value) {
  return FieldError(field,
                    absl::StrCat("is ", value,
                                 ", which names no value; use one of those "
                                 "that budget/v1 defines"));
}

// What the caller wrote, short and printable.
std::string Quoted(absl::string_view text) {
  constexpr size_t kShown = 80;
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, kShown)),
                      text.size() > kShown ? "..." : "", "\"");
}

absl::Status CheckSize(absl::string_view field, absl::string_view text,
                       const TextRule& rule) {
  if (text.size() < rule.bytes_min) {
    return FieldError(field, absl::StrCat("is empty; give 1 to ",
                                          rule.bytes_max, " bytes of text"));
  }
  if (text.size() > rule.bytes_max) {
    return FieldError(field,
                      absl::StrCat("has ", text.size(), " bytes; at most ",
                                   rule.bytes_max, " are allowed"));
  }
  return absl::OkStatus();
}

absl::Status ParseEntry(absl::string_view key, absl::string_view value,
                        const TextRule& value_rule,
                        std::map<std::string, std::string>& out) {
  std::string name;
  BUDGET_RETURN_IF_ERROR(ParseName("", key, name));
  return ParseText("", value, value_rule, out[name]);
}

}  // namespace

absl::Status ParsePath(absl::string_view field, absl::string_view text,
                       std::string& out) {
  if (const absl::Status status = CheckPath(text); !status.ok()) {
    return FieldError(field, status.message());
  }
  out = std::string(text);
  return absl::OkStatus();
}

absl::Status ParseRoot(absl::string_view field, absl::string_view text,
                       std::string& out) {
  BUDGET_RETURN_IF_ERROR(ParsePath(field, text, out));
  out.resize(RootOf(out).size());
  return absl::OkStatus();
}

absl::Status ParseName(absl::string_view field, absl::string_view text,
                       std::string& out) {
  if (!IsName(text)) {
    return FieldError(
        field, absl::StrCat("is ", Quoted(text), "; names are 1 to ",
                            kSegmentLengthMax,
                            " of a-z, 0-9, '.', '_', '-', beginning with a "
                            "letter or digit"));
  }
  out = std::string(text);
  return absl::OkStatus();
}

absl::Status ParseUuid(absl::string_view field, absl::string_view text,
                       Uuid& out) {
  const std::optional<Uuid> id = Uuid::Parse(text);
  if (!id) {
    return FieldError(field,
                      absl::StrCat("is ", Quoted(text),
                                   "; give a UUID such as "
                                   "\"0190a5f4-7c00-7000-8000-000000000001\""));
  }
  out = *id;
  return absl::OkStatus();
}

absl::Status ParseText(absl::string_view field, absl::string_view text,
                       const TextRule& rule, std::string& out) {
  BUDGET_RETURN_IF_ERROR(CheckSize(field, text, rule));
  if (!IsStorableText(text)) {
    return FieldError(field, "must be valid UTF-8 without NUL bytes");
  }
  out = std::string(text);
  return absl::OkStatus();
}

absl::Status ParseTextMap(
    absl::string_view field,
    const google::protobuf::Map<std::string, std::string>& entries,
    const TextMapRule& rule, std::map<std::string, std::string>& out) {
  if (entries.size() > rule.entries_max) {
    return FieldError(field,
                      absl::StrCat("has ", entries.size(), " entries; at most ",
                                   rule.entries_max, " are allowed"));
  }
  const TextRule value_rule = {.bytes_max = rule.value_bytes_max};
  for (const auto& [key, value] : entries) {
    const absl::Status status = ParseEntry(key, value, value_rule, out);
    if (!status.ok()) {
      return FieldError(absl::StrCat(field, "[", Quoted(key), "]"),
                        status.message());
    }
  }
  return absl::OkStatus();
}

absl::Status CheckAmount(absl::string_view field, int64_t amount) {
  if (amount >= 0 && amount <= kAmountMax) return absl::OkStatus();
  return FieldError(
      field, absl::StrCat("is ", amount, "; amounts are 0 to ", kAmountMax));
}

absl::Status CheckSignedAmount(absl::string_view field, int64_t amount) {
  if (amount != 0 && amount >= -kAmountMax && amount <= kAmountMax) {
    return absl::OkStatus();
  }
  return FieldError(field, absl::StrCat("is ", amount, "; give ", -kAmountMax,
                                        " to ", kAmountMax, ", not 0"));
}

absl::Status ParseAmounts(absl::string_view field, const v1::Amounts& amounts,
                          PartialAmounts& out) {
  out = {};
  if (amounts.has_usd_nanos()) out[Unit::kUsdNanos] = amounts.usd_nanos();
  if (amounts.has_tokens()) out[Unit::kTokens] = amounts.tokens();
  if (amounts.has_requests()) out[Unit::kRequests] = amounts.requests();
  for (Unit unit : kUnits) {
    if (!out[unit]) continue;
    BUDGET_RETURN_IF_ERROR(
        Within(field, CheckAmount(UnitName(unit), *out[unit])));
  }
  return absl::OkStatus();
}

absl::Status ParseDuration(absl::string_view field,
                           const google::protobuf::Duration& duration,
                           const DurationRule& rule, absl::Duration& out) {
  constexpr int kNanosMax = 999'999'999;
  const bool mixed_signs = (duration.seconds() > 0 && duration.nanos() < 0) ||
                           (duration.seconds() < 0 && duration.nanos() > 0);
  if (duration.nanos() < -kNanosMax || duration.nanos() > kNanosMax ||
      mixed_signs) {
    return FieldError(field,
                      "is no valid duration; nanos are 0 to 999999999, with "
                      "the sign of seconds");
  }
  out = absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
  if (out < rule.min || out > rule.max) {
    return FieldError(field,
                      absl::StrCat("is ", absl::FormatDuration(out), "; give ",
                                   absl::FormatDuration(rule.min), " to ",
                                   absl::FormatDuration(rule.max)));
  }
  return absl::OkStatus();
}

absl::Status ParseUsage(absl::string_view field, const v1::ModelUsage& usage,
                        ModelUsage& out) {
  BUDGET_RETURN_IF_ERROR(
      Within(field, ParseText("model", usage.model(), kModelRule, out.model)));
  if (usage.quantities_size() > kMetersMax) {
    return Within(
        field,
        FieldError("quantities", absl::StrCat("has ", usage.quantities_size(),
                                              " items; at most ", kMetersMax,
                                              " are allowed")));
  }
  for (int i = 0; i < usage.quantities_size(); ++i) {
    const v1::MeteredQuantity& item = usage.quantities(i);
    const auto in_item = [&](const absl::Status& status) {
      return Within(field, Within("quantities", i, status));
    };
    std::string meter;
    BUDGET_RETURN_IF_ERROR(in_item(ParseName("meter", item.meter(), meter)));
    BUDGET_RETURN_IF_ERROR(in_item(CheckAmount("quantity", item.quantity())));
    if (!out.quantities.emplace(meter, item.quantity()).second) {
      return in_item(FieldError("meter", absl::StrCat("is \"", meter,
                                                      "\" a second time; give "
                                                      "each meter once")));
    }
  }
  return absl::OkStatus();
}

absl::Status ParseUnit(absl::string_view field, v1::Unit unit, Unit& out) {
  switch (unit) {
    case v1::UNIT_USD_NANOS:
      out = Unit::kUsdNanos;
      return absl::OkStatus();
    case v1::UNIT_TOKENS:
      out = Unit::kTokens;
      return absl::OkStatus();
    case v1::UNIT_REQUESTS:
      out = Unit::kRequests;
      return absl::OkStatus();
    case v1::UNIT_UNSPECIFIED:
      return FieldError(field,
                        "is missing; give UNIT_USD_NANOS, UNIT_TOKENS or "
                        "UNIT_REQUESTS");
    default:
      return UnknownValue(field, unit);
  }
}

absl::Status ParseOnExpiry(absl::string_view field, v1::OnExpiry value,
                           OnExpiry& out) {
  if (!v1::OnExpiry_IsValid(value)) return UnknownValue(field, value);
  out = static_cast<OnExpiry>(value);
  return absl::OkStatus();
}

absl::Status ParsePolicies(absl::string_view field,
                           const v1::Policies& policies, Policies& out) {
  BUDGET_RETURN_IF_ERROR(Within(
      field, ParseOnExpiry("on_expiry", policies.on_expiry(), out.on_expiry)));
  if (!v1::OveragePolicy_IsValid(policies.overage())) {
    return Within(field, UnknownValue("overage", policies.overage()));
  }
  if (!v1::UnpricedPolicy_IsValid(policies.unpriced())) {
    return Within(field, UnknownValue("unpriced", policies.unpriced()));
  }
  if (!v1::HeldDenialPolicy_IsValid(policies.held_denial())) {
    return Within(field, UnknownValue("held_denial", policies.held_denial()));
  }
  out.overage = static_cast<OveragePolicy>(policies.overage());
  out.unpriced = static_cast<UnpricedPolicy>(policies.unpriced());
  out.held_denial = static_cast<HeldDenialPolicy>(policies.held_denial());
  out.unpriced_charge_usd_nanos = policies.unpriced_charge_usd_nanos();
  const bool fixed = out.unpriced == UnpricedPolicy::kFixed;
  if (fixed != policies.has_unpriced_charge_usd_nanos()) {
    return Within(field, FieldError("unpriced_charge_usd_nanos",
                                    fixed ? "is missing; UNPRICED_POLICY_FIXED "
                                            "needs the charge"
                                          : "goes with UNPRICED_POLICY_FIXED "
                                            "only; set that or leave it out"));
  }
  return Within(field, CheckAmount("unpriced_charge_usd_nanos",
                                   out.unpriced_charge_usd_nanos));
}

absl::Status ParseEtag(absl::string_view field, absl::string_view etag,
                       int64_t& out) {
  if (etag.empty()) {
    return FieldError(field,
                      "is missing; give the etag of the allocation as read, so "
                      "that no other change is overwritten");
  }
  if (etag.size() > 19 || !absl::SimpleAtoi(etag, &out) || out < 1 ||
      absl::StrCat(out) != etag) {
    return FieldError(field, absl::StrCat("is ", Quoted(etag),
                                          ", which this service never gave; "
                                          "read the allocation again"));
  }
  return absl::OkStatus();
}

absl::Status ParsePageSize(absl::string_view field, int32_t size, int& out) {
  if (size < 0 || size > kPageSizeMax) {
    return FieldError(
        field, absl::StrCat("is ", size, "; give 0 (means ", kPageSizeDefault,
                            ") to ", kPageSizeMax));
  }
  out = size == 0 ? kPageSizeDefault : size;
  return absl::OkStatus();
}

}  // namespace budget
