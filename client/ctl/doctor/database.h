#ifndef BUDGET_CTL_DOCTOR_DATABASE_H_
#define BUDGET_CTL_DOCTOR_DATABASE_H_

#include "client/ctl/database/facts.h"
#include "client/ctl/doctor/diagnosis.h"

namespace budget {

// Says what is wrong with a database for a ledger of money. `known_schema` is
// the newest migration that the replicas know; 0 if they did not say.
void JudgeDatabase(const DatabaseFacts& facts, int known_schema,
                   Diagnosis& diagnosis);

}  // namespace budget

#endif  // BUDGET_CTL_DOCTOR_DATABASE_H_
