#ifndef BUDGET_STORE_POSTGRES_PARAMETER_H_
#define BUDGET_STORE_POSTGRES_PARAMETER_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace budget {

// One parameter of a statement, as it travels. Implicit from what a scalar in
// text form is: a string, or nullopt for NULL.
struct Parameter {
  enum class Format : int { kText = 0, kBinary = 1 };

  // NOLINTBEGIN(google-explicit-constructor)
  Parameter(std::string text) : value(std::move(text)) {}
  Parameter(const char* text) : value(text) {}
  Parameter(std::optional<std::string> text) : value(std::move(text)) {}
  Parameter(std::nullopt_t) {}
  // NOLINTEND(google-explicit-constructor)
  Parameter(Format given, std::string bytes)
      : value(std::move(bytes)), format(given) {}

  std::optional<std::string> value;
  Format format = Format::kText;
};

using Parameters = std::vector<Parameter>;

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_PARAMETER_H_
