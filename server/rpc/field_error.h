#ifndef BUDGET_RPC_FIELD_ERROR_H_
#define BUDGET_RPC_FIELD_ERROR_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace budget {

// INVALID_ARGUMENT about one field. `problem` goes on from the field's name:
// "is -5; amounts are 0 to 2305843009213693952".
absl::Status FieldError(absl::string_view field, absl::string_view problem);

// The same error seen from the message that holds the field: "amounts" makes
// "amounts.usd_nanos" of "usd_nanos". An OK status stays OK.
absl::Status Within(absl::string_view outer, const absl::Status& error);

// The same for an item of a repeated field: "limits[1].name".
absl::Status Within(absl::string_view outer, int index,
                    const absl::Status& error);

// The field of a FieldError; empty for any other status.
std::string FieldOf(const absl::Status& error);

// "amounts.usd_nanos is -5; amounts are ...".
std::string FieldMessage(const absl::Status& error);

}  // namespace budget

// Leaves the calling function with the status unless it is OK.
#define BUDGET_RETURN_IF_ERROR(expression)                                \
  do {                                                                    \
    if (absl::Status budget_status = (expression); !budget_status.ok()) { \
      return budget_status;                                               \
    }                                                                     \
  } while (false)

#endif  // BUDGET_RPC_FIELD_ERROR_H_
