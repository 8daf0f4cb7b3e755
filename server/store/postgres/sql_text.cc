#include "server/store/postgres/sql_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "absl/strings/str_cat.h"

namespace budget::sql_text {
namespace {

nlohmann::json Parse(absl::string_view json) {
  return nlohmann::json::parse(json.begin(), json.end());
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
  const nlohmann::json pairs = Parse(json);
  // A pair would be read from more than two items, too.
  const auto is_pair = [](const nlohmann::json& item) {
    return item.is_array() && item.size() == 2;
  };
  if (!pairs.is_array() || !std::all_of(pairs.begin(), pairs.end(), is_pair)) {
    throw std::runtime_error("a list of pairs has something else in it");
  }
  return pairs.get<std::vector<std::pair<std::string, std::string>>>();
}

}  // namespace budget::sql_text
