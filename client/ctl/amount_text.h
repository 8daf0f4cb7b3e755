#ifndef BUDGET_CTL_AMOUNT_TEXT_H_
#define BUDGET_CTL_AMOUNT_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "budget/v1/types.pb.h"

namespace budget {

// The largest amount that the service takes.
inline constexpr int64_t kAmountMax = int64_t{1} << 61;

// An amount with the unit that its text names; unspecified if it names none.
struct TextAmount {
  v1::Unit unit = v1::UNIT_UNSPECIFIED;
  int64_t value = 0;  // nanos for USD
};

// Reads "$12.50", "12.5usd", "1.5M tokens", "20 requests", "500000",
// "500 nanos", "-$3" exactly: no rounding, at most nine decimals of a dollar. k, M, G (or
// B) are powers of a thousand. Blanks, commas and underscores between digits
// are allowed. A bare number takes `unit`; USD are dollars unless the text says
// "nanos". INVALID_ARGUMENT says what is wrong, also where text and `unit`
// disagree or no unit is known.
absl::StatusOr<TextAmount> ParseAmount(absl::string_view text,
                                       v1::Unit unit = v1::UNIT_UNSPECIFIED);

// "usd", "tokens", "requests".
absl::string_view UnitWord(v1::Unit unit);
// The unit of that name; "usd_nanos" and "UNIT_USD_NANOS" are taken too.
absl::StatusOr<v1::Unit> ParseUnit(absl::string_view text);

// "$12.34" (at least two decimals, all that are not zero), "1,234,567 tokens",
// "1 request".
std::string FormatAmount(v1::Unit unit, int64_t value);
// The same without the unit's word: for tables.
std::string FormatFigure(v1::Unit unit, int64_t value);
// "$1.2k", "35.5M": three figures or so, for the axes of charts.
std::string ShortAmount(v1::Unit unit, int64_t value);

// Reads "90s", "10m", "5h", "7d", "1h30m". INVALID_ARGUMENT for anything else.
absl::StatusOr<absl::Duration> ParseDurationText(absl::string_view text);
// "10m", "5h", "7d": the largest units that say it exactly.
std::string FormatDurationText(absl::Duration duration);

}  // namespace budget

#endif  // BUDGET_CTL_AMOUNT_TEXT_H_
