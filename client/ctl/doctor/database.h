#ifndef BUDGET_CTL_DOCTOR_DATABASE_H_
#define BUDGET_CTL_DOCTOR_DATABASE_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/ctl/doctor/diagnosis.h"

namespace budget {

// What PostgreSQL says of itself: settings by their names, and figures by the
// names in database.cc and lockdown.cc. What the role may not see is absent.
using DatabaseFacts = std::map<std::string, std::string>;

// Asks the database at `url`, which changes nothing. UNAVAILABLE, without any
// password, if it cannot be asked within `timeout`.
absl::StatusOr<DatabaseFacts> AskDatabase(const std::string& url,
                                          absl::Duration timeout);

// Says what is wrong with it for a ledger of money. `known_schema` is the
// newest migration that the replicas know; 0 if they did not say.
void JudgeDatabase(const DatabaseFacts& facts, int known_schema,
                   Diagnosis& diagnosis);

}  // namespace budget

#endif  // BUDGET_CTL_DOCTOR_DATABASE_H_
