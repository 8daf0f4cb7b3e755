#include "server/rpc/field_error.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"

namespace budget {
namespace {

constexpr absl::string_view kFieldPayload = "budget.v1/field";

// An index continues the name before it; a field is joined with a dot.
std::string Join(absl::string_view outer, absl::string_view inner) {
  const bool joined = outer.empty() || inner.empty() || inner[0] == '[';
  return absl::StrCat(outer, joined ? "" : ".", inner);
}

}  // namespace

absl::Status FieldError(absl::string_view field, absl::string_view problem) {
  absl::Status status = absl::InvalidArgumentError(problem);
  status.SetPayload(kFieldPayload, absl::Cord(field));
  return status;
}

absl::Status Within(absl::string_view outer, const absl::Status& error) {
  if (error.ok()) return error;
  return FieldError(Join(outer, FieldOf(error)), error.message());
}

absl::Status Within(absl::string_view outer, int index,
                    const absl::Status& error) {
  if (error.ok()) return error;
  return Within(absl::StrCat(outer, "[", index, "]"), error);
}

std::string FieldOf(const absl::Status& error) {
  const absl::optional<absl::Cord> field = error.GetPayload(kFieldPayload);
  return field ? std::string(*field) : std::string();
}

std::string FieldMessage(const absl::Status& error) {
  return absl::StrCat(FieldOf(error), " ", error.message());
}

}  // namespace budget
