#ifndef BUDGET_RPC_PARSE_FIELD_H_
#define BUDGET_RPC_PARSE_FIELD_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "budget/v1/types.pb.h"
#include "google/protobuf/duration.pb.h"
#include "server/base/uuid.h"
#include "server/domain/allocation.h"
#include "server/domain/amounts.h"
#include "server/domain/limit.h"
#include "server/domain/prices.h"
#include "server/domain/window.h"

namespace budget {

// The syntax of single fields. Each function takes the field's name, checks
// its value and writes it to `out`; on a FieldError `out` is unspecified.
// Pure; thread-safe.

absl::Status ParsePath(absl::string_view field, absl::string_view text,
                       std::string& out);

// Takes any path and gives its root.
absl::Status ParseRoot(absl::string_view field, absl::string_view text,
                       std::string& out);

absl::Status ParseName(absl::string_view field, absl::string_view text,
                       std::string& out);

absl::Status ParseUuid(absl::string_view field, absl::string_view text,
                       Uuid& out);

// UTF-8 of a length in bytes.
struct TextRule {
  size_t bytes_min = 0;
  size_t bytes_max = 0;
};
absl::Status ParseText(absl::string_view field, absl::string_view text,
                       const TextRule& rule, std::string& out);

// A map of names to texts: tags and labels.
struct TextMapRule {
  size_t entries_max = 0;
  size_t value_bytes_max = 0;
};
absl::Status ParseTextMap(
    absl::string_view field,
    const google::protobuf::Map<std::string, std::string>& entries,
    const TextMapRule& rule, std::map<std::string, std::string>& out);

// 0 to kAmountMax.
absl::Status CheckAmount(absl::string_view field, int64_t amount);

// -kAmountMax to kAmountMax, not 0.
absl::Status CheckSignedAmount(absl::string_view field, int64_t amount);

absl::Status ParseAmounts(absl::string_view field, const v1::Amounts& amounts,
                          PartialAmounts& out);

struct DurationRule {
  absl::Duration min;
  absl::Duration max;
};
absl::Status ParseDuration(absl::string_view field,
                           const google::protobuf::Duration& duration,
                           const DurationRule& rule, absl::Duration& out);

absl::Status ParseUsage(absl::string_view field, const v1::ModelUsage& usage,
                        ModelUsage& out);

absl::Status ParseUnit(absl::string_view field, v1::Unit unit, Unit& out);

absl::Status ParseOnExpiry(absl::string_view field, v1::OnExpiry value,
                           OnExpiry& out);

absl::Status ParsePolicies(absl::string_view field,
                           const v1::Policies& policies, Policies& out);

absl::Status ParseWindow(absl::string_view field, const v1::Window& window,
                         Window& out);

absl::Status ParseLimit(absl::string_view field, const v1::Limit& limit,
                        LimitSpec& out);

// The etag as the server gave it: the version of the allocation.
absl::Status ParseEtag(absl::string_view field, absl::string_view etag,
                       int64_t& out);

// 0 means 50; at most 1,000.
absl::Status ParsePageSize(absl::string_view field, int32_t size, int& out);

}  // namespace budget

#endif  // BUDGET_RPC_PARSE_FIELD_H_
