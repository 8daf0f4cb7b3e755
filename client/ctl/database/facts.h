#ifndef BUDGET_CTL_DATABASE_FACTS_H_
#define BUDGET_CTL_DATABASE_FACTS_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace budget {

// What PostgreSQL says of itself: settings by their names, and figures by the
// names in questions.cc. What the role may not see is absent.
using DatabaseFacts = std::map<std::string, std::string>;

// The fact of that name; empty or 0 where there is none.
std::string TextOf(const DatabaseFacts& facts, const std::string& name);
int64_t NumberOf(const DatabaseFacts& facts, const std::string& name);

// The name of what is "on" where the role may see tokens.
inline constexpr char kSeesTokens[] = "sees_tokens";

// Asks the database at `url`, which changes nothing. INVALID_ARGUMENT if the
// URL cannot be read, UNAVAILABLE if the database cannot be asked within
// `timeout`; neither quotes a password. Blocks; may be called by any thread.
absl::StatusOr<DatabaseFacts> AskDatabase(const std::string& url,
                                          absl::Duration timeout);

}  // namespace budget

#endif  // BUDGET_CTL_DATABASE_FACTS_H_
