#include "client/ctl/amount_text.h"

#include <cmath>

#include "absl/numeric/int128.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

namespace budget {
namespace {

// A duration is no longer than that: more than anything here lasts.
constexpr int64_t kDaysMax = 100'000;

constexpr int64_t kNanosPerDollar = 1'000'000'000;
constexpr absl::string_view kForms =
    "; write it like $12.50, 12.5usd, 1.5M tokens, 20 requests or 500000";

absl::Status Refuse(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("the amount \"", text, "\" ", why, kForms));
}

// The sign and the unit, taken off both ends; what is left is the number.
struct Parts {
  bool negative = false;
  bool nanos = false;
  v1::Unit unit = v1::UNIT_UNSPECIFIED;
  absl::string_view number;
};

bool ConsumeWord(absl::string_view& text,
                 std::initializer_list<absl::string_view> words) {
  for (const absl::string_view word : words) {
    if (absl::EndsWithIgnoreCase(text, word)) {
      text.remove_suffix(word.size());
      text = absl::StripTrailingAsciiWhitespace(text);
      return true;
    }
  }
  return false;
}

Parts Split(absl::string_view text) {
  Parts parts;
  text = absl::StripAsciiWhitespace(text);
  parts.negative = absl::ConsumePrefix(&text, "-");
  if (absl::ConsumePrefix(&text, "$")) parts.unit = v1::UNIT_USD_NANOS;
  if (!parts.negative) parts.negative = absl::ConsumePrefix(&text, "-");
  if (ConsumeWord(text, {"nanos"})) {
    parts.nanos = true;
    parts.unit = v1::UNIT_USD_NANOS;
  } else if (ConsumeWord(text, {"usd", "dollars", "dollar"})) {
    parts.unit = v1::UNIT_USD_NANOS;
  } else if (parts.unit != v1::UNIT_UNSPECIFIED) {
    // "$5 tokens" is left as it is: the digits will refuse it.
  } else if (ConsumeWord(text, {"tokens", "token"})) {
    parts.unit = v1::UNIT_TOKENS;
  } else if (ConsumeWord(text, {"requests", "request"})) {
    parts.unit = v1::UNIT_REQUESTS;
  }
  parts.number = absl::StripAsciiWhitespace(text);
  return parts;
}

int64_t ConsumeMultiplier(absl::string_view& number) {
  if (number.empty()) return 1;
  int64_t multiplier = 1;
  switch (absl::ascii_tolower(number.back())) {
    case 'k':
      multiplier = 1'000;
      break;
    case 'm':
      multiplier = 1'000'000;
      break;
    case 'g':
    case 'b':
      multiplier = 1'000'000'000;
      break;
    default:
      return 1;
  }
  number.remove_suffix(1);
  number = absl::StripTrailingAsciiWhitespace(number);
  return multiplier;
}

// digits / 10^decimals, exactly.
struct Decimal {
  absl::int128 digits = 0;
  int decimals = 0;
};

absl::StatusOr<Decimal> ParseDecimal(absl::string_view text,
                                     absl::string_view number) {
  Decimal decimal;
  bool point = false;
  bool any = false;
  for (size_t i = 0; i < number.size(); ++i) {
    const char c = number[i];
    const bool between_digits = any && !point && i + 1 < number.size() &&
                                absl::ascii_isdigit(number[i + 1]);
    if ((c == ',' || c == '_') && between_digits) continue;
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (!absl::ascii_isdigit(c)) return Refuse(text, "is not a number");
    any = true;
    decimal.digits = decimal.digits * 10 + (c - '0');
    if (point) ++decimal.decimals;
    if (decimal.digits > absl::int128{kAmountMax} * kNanosPerDollar) {
      return Refuse(text, "is too large (or has too many decimals)");
    }
  }
  if (!any) return Refuse(text, "is not a number");
  return decimal;
}

std::string WithCommas(uint64_t value) {
  std::string digits = absl::StrCat(value);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(at, ",");
  }
  return digits;
}

}  // namespace

absl::StatusOr<TextAmount> ParseAmount(absl::string_view text, v1::Unit unit) {
  Parts parts = Split(text);
  if (parts.unit == v1::UNIT_UNSPECIFIED) parts.unit = unit;
  if (parts.unit == v1::UNIT_UNSPECIFIED) return Refuse(text, "names no unit");
  const bool dollars = parts.unit == v1::UNIT_USD_NANOS && !parts.nanos;
  const int64_t scale = dollars ? kNanosPerDollar : 1;
  if (unit != v1::UNIT_UNSPECIFIED && parts.unit != unit) {
    return Refuse(text, absl::StrCat("is not in ", UnitWord(unit)));
  }
  const int64_t multiplier = ConsumeMultiplier(parts.number);
  const auto decimal = ParseDecimal(text, parts.number);
  if (!decimal.ok()) return decimal.status();
  absl::int128 value = decimal->digits * multiplier;
  if (value > absl::int128{kAmountMax} * kNanosPerDollar * 10) {
    return Refuse(text, "is above 2^61");
  }
  value *= scale;
  for (int i = 0; i < decimal->decimals; ++i) {
    if (value % 10 != 0) {
      return Refuse(text, scale > 1 ? "has more than nine decimals"
                                    : "is not a whole number");
    }
    value /= 10;
  }
  if (value > kAmountMax) return Refuse(text, "is above 2^61");
  const int64_t result = static_cast<int64_t>(value);
  return TextAmount{parts.unit, parts.negative ? -result : result};
}

absl::string_view UnitWord(v1::Unit unit) {
  switch (unit) {
    case v1::UNIT_USD_NANOS:
      return "usd";
    case v1::UNIT_TOKENS:
      return "tokens";
    case v1::UNIT_REQUESTS:
      return "requests";
    default:
      return "unknown";
  }
}

absl::StatusOr<v1::Unit> ParseUnit(absl::string_view text) {
  for (const v1::Unit unit :
       {v1::UNIT_USD_NANOS, v1::UNIT_TOKENS, v1::UNIT_REQUESTS}) {
    if (absl::EqualsIgnoreCase(text, UnitWord(unit)) ||
        absl::EqualsIgnoreCase(text, v1::Unit_Name(unit)) ||
        absl::EqualsIgnoreCase(text, v1::Unit_Name(unit).substr(5))) {
      return unit;
    }
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "the unit \"", text, "\" is unknown; write usd, tokens or requests"));
}

std::string FormatFigure(v1::Unit unit, int64_t value) {
  const char* sign = value < 0 ? "-" : "";
  const uint64_t size = value < 0 ? -static_cast<uint64_t>(value) : value;
  if (unit != v1::UNIT_USD_NANOS) return absl::StrCat(sign, WithCommas(size));
  std::string decimals = absl::StrFormat("%09d", size % kNanosPerDollar);
  while (decimals.size() > 2 && decimals.back() == '0') decimals.pop_back();
  return absl::StrCat(sign, "$", WithCommas(size / kNanosPerDollar), ".",
                      decimals);
}

std::string FormatAmount(v1::Unit unit, int64_t value) {
  if (unit == v1::UNIT_USD_NANOS) return FormatFigure(unit, value);
  absl::string_view word = UnitWord(unit);
  if (value == 1 || value == -1) absl::ConsumeSuffix(&word, "s");
  return absl::StrCat(FormatFigure(unit, value), " ", word);
}

std::string ShortAmount(v1::Unit unit, int64_t value) {
  const bool usd = unit == v1::UNIT_USD_NANOS;
  double shown = static_cast<double>(value);
  if (usd) shown /= static_cast<double>(kNanosPerDollar);
  const char* suffix = "";
  for (const char* next : {"k", "M", "G", "T", "P"}) {
    if (std::abs(shown) < 1'000) break;
    shown /= 1'000;
    suffix = next;
  }
  return absl::StrFormat("%s%.4g%s", usd ? "$" : "", shown, suffix);
}

absl::StatusOr<absl::Duration> ParseDurationText(absl::string_view text) {
  absl::Duration days;
  absl::string_view rest = absl::StripAsciiWhitespace(text);
  const size_t d = rest.find('d');
  int64_t count = 0;
  if (d != absl::string_view::npos &&
      absl::SimpleAtoi(rest.substr(0, d), &count) && count >= 0 &&
      count <= kDaysMax) {
    days = absl::Hours(24) * count;
    rest.remove_prefix(d + 1);
    if (rest.empty()) return days;
  }
  absl::Duration duration;
  if (!absl::ParseDuration(rest, &duration) || duration < absl::ZeroDuration() ||
      days + duration >= absl::Hours(24) * (kDaysMax + 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the duration \"", text,
                     "\" is not one; write it like 90s, 10m, 5h or 7d"));
  }
  return days + duration;
}

std::string FormatDurationText(absl::Duration duration) {
  const int64_t days = duration / absl::Hours(24);
  const absl::Duration rest = duration - absl::Hours(24) * days;
  std::string text = days > 0 ? absl::StrCat(days, "d") : "";
  if (rest == absl::ZeroDuration() && days > 0) return text;
  std::string clock = absl::FormatDuration(rest);
  // "5h0m0s" says no more than "5h".
  if (absl::EndsWith(clock, "m0s")) clock.resize(clock.size() - 2);
  if (absl::EndsWith(clock, "h0m")) clock.resize(clock.size() - 2);
  return text + clock;
}

}  // namespace budget
