#ifndef BUDGET_CTL_CHECKPOINT_FILE_H_
#define BUDGET_CTL_CHECKPOINT_FILE_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "budget/v1/types.pb.h"
#include "client/ctl/signing.h"

namespace budget {

// A checkpoint as one line of JSON, signed if there is a key:
//   {"format":"budget.checkpoint.1","hash":"<hex>","readTime":"<RFC 3339>",
//    "root":"acme","sequence":120,"signature":"<base64>"}
// What is signed are the other values, each followed by a newline, in the order
// format, root, sequence, hash, readTime.
std::string CheckpointLine(const v1::LedgerCheckpoint& checkpoint,
                           const std::optional<SigningKey>& key);

// With a key, a line must be signed by its owner. INVALID_ARGUMENT otherwise.
absl::StatusOr<v1::LedgerCheckpoint> ParseCheckpointLine(
    const std::string& line, const std::optional<VerifyingKey>& key);

}  // namespace budget

#endif  // BUDGET_CTL_CHECKPOINT_FILE_H_
