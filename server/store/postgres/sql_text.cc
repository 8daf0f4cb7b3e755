#include "server/store/postgres/sql_text.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace budget::sql_text {
namespace {

[[noreturn]] void Malformed(absl::string_view what) {
  throw std::runtime_error(absl::StrCat("malformed ", what, " in a row"));
}

int64_t ToNumber(absl::string_view text) {
  int64_t number = 0;
  if (!absl::SimpleAtoi(text, &number)) Malformed("number");
  return number;
}

nlohmann::json Parse(absl::string_view json) {
  return nlohmann::json::parse(json.begin(), json.end());
}

// "25" of "...25+00" style fields: two digits at `at`.
int TwoDigits(absl::string_view text, size_t at) {
  if (at + 2 > text.size()) Malformed("time");
  return static_cast<int>(ToNumber(text.substr(at, 2)));
}

int64_t FractionMicros(absl::string_view digits) {
  int64_t micros = 0;
  for (size_t i = 0; i < 6; ++i) {
    micros = micros * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  }
  return micros;
}

}  // namespace

void ArrayBuilder::Separate() {
  if (text_.size() > 1) text_ += ',';
}

void ArrayBuilder::Add(int64_t value) {
  Separate();
  absl::StrAppend(&text_, value);
}

void ArrayBuilder::AddBool(bool value) { AddPlain(value ? "t" : "f"); }

void ArrayBuilder::AddText(absl::string_view value) {
  Separate();
  text_ += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') text_ += '\\';
    text_ += c;
  }
  text_ += '"';
}

void ArrayBuilder::AddPlain(absl::string_view value) {
  Separate();
  text_.append(value.data(), value.size());
}

void ArrayBuilder::AddNull() { AddPlain("NULL"); }

std::string ArrayBuilder::Take() {
  text_ += '}';
  return std::exchange(text_, "{");
}

std::string FromTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6S+00", time, absl::UTCTimeZone());
}

// PostgreSQL writes "2026-11-21 23:04:32.1234+00", the fraction without
// trailing zeros.
absl::Time ToTime(absl::string_view text) {
  if (!absl::ConsumeSuffix(&text, "+00") || text.size() < 19) {
    Malformed("time");
  }
  const size_t space = text.find(' ');
  if (space == absl::string_view::npos || space < 10) Malformed("time");
  const absl::CivilSecond civil(
      ToNumber(text.substr(0, space - 6)), TwoDigits(text, space - 5),
      TwoDigits(text, space - 2), TwoDigits(text, space + 1),
      TwoDigits(text, space + 4), TwoDigits(text, space + 7));
  const absl::string_view fraction =
      text.size() > space + 10 ? text.substr(space + 10) : absl::string_view();
  return absl::FromCivil(civil, absl::UTCTimeZone()) +
         absl::Microseconds(FractionMicros(fraction));
}

std::vector<std::optional<int64_t>> ToOptionalNumbers(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "{") || !absl::ConsumeSuffix(&text, "}")) {
    Malformed("array");
  }
  std::vector<std::optional<int64_t>> numbers;
  if (text.empty()) return numbers;
  for (absl::string_view item : absl::StrSplit(text, ',')) {
    if (item == "NULL") {
      numbers.push_back(std::nullopt);
    } else {
      numbers.push_back(ToNumber(item));
    }
  }
  return numbers;
}

std::vector<int64_t> ToNumbers(absl::string_view text) {
  std::vector<int64_t> numbers;
  for (const std::optional<int64_t>& number : ToOptionalNumbers(text)) {
    if (!number) Malformed("array");
    numbers.push_back(*number);
  }
  return numbers;
}

std::string FromMap(const std::map<std::string, std::string>& map) {
  return map.empty() ? "{}" : nlohmann::json(map).dump();
}

std::string FromMap(const std::map<std::string, int64_t>& map) {
  return map.empty() ? "{}" : nlohmann::json(map).dump();
}

std::string FromPairs(
    const std::vector<std::pair<std::string, std::string>>& pairs) {
  return pairs.empty() ? "[]" : nlohmann::json(pairs).dump();
}

std::map<std::string, std::string> ToTextMap(absl::string_view json) {
  if (json == "{}") return {};
  return Parse(json).get<std::map<std::string, std::string>>();
}

std::map<std::string, int64_t> ToNumberMap(absl::string_view json) {
  if (json == "{}") return {};
  return Parse(json).get<std::map<std::string, int64_t>>();
}

std::vector<std::pair<std::string, std::string>> ToPairs(
    absl::string_view json) {
  if (json == "[]") return {};
  return Parse(json).get<std::vector<std::pair<std::string, std::string>>>();
}

std::string FromBytes(absl::string_view bytes) {
  return absl::StrCat("\\x", absl::BytesToHexString(bytes));
}

std::string ToBytes(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "\\x")) Malformed("bytes");
  return absl::HexStringToBytes(text);
}

}  // namespace budget::sql_text
