#ifndef BUDGET_STORE_POSTGRES_SQL_TEXT_H_
#define BUDGET_STORE_POSTGRES_SQL_TEXT_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/uuid.h"

// Values in PostgreSQL's text form, for parameters that are few, and JSON. Pure;
// reading throws std::exception on what is not of the form.
namespace budget::sql_text {

// Builds one array literal, "{1,NULL,\"a b\"}".
class ArrayBuilder {
 public:
  void Add(int64_t value);
  void AddBool(bool value);
  void AddText(absl::string_view value);
  // Text known to need no quotes: numbers, ids, times.
  void AddPlain(absl::string_view value);
  void AddNull();

  // The literal; the builder is empty afterwards.
  std::string Take();

 private:
  void Separate();

  std::string text_ = "{";
};

std::string FromTime(absl::Time time);

// The array literal of some numbers.
template <typename Numbers>
std::string FromNumbers(const Numbers& numbers) {
  ArrayBuilder builder;
  for (const auto& number : numbers) builder.Add(number);
  return builder.Take();
}

// JSON objects of strings or numbers, and arrays of pairs of strings.
std::string FromMap(const std::map<std::string, std::string>& map);
std::string FromMap(const std::map<std::string, int64_t>& map);
std::string FromPairs(
    const std::vector<std::pair<std::string, std::string>>& pairs);
std::map<std::string, std::string> ToTextMap(absl::string_view json);
std::map<std::string, int64_t> ToNumberMap(absl::string_view json);
std::vector<std::pair<std::string, std::string>> ToPairs(
    absl::string_view json);

}  // namespace budget::sql_text

#endif  // BUDGET_STORE_POSTGRES_SQL_TEXT_H_
