#ifndef BUDGET_CTL_DOCTOR_LOCKDOWN_H_
#define BUDGET_CTL_DOCTOR_LOCKDOWN_H_

#include "client/ctl/doctor/database.h"
#include "client/ctl/doctor/diagnosis.h"

namespace budget {

// Questions about who could change what is written: rows of a name and what is
// so. For schemas from kLockdownSchemaMin on.
inline constexpr int kLockdownSchemaMin = 5;
extern const char kLockdownFacts[];
// The same of tokens, which not every role may see: where kSeesTokens is "on".
extern const char kTokenFacts[];
inline constexpr char kSeesTokens[] = "sees_tokens";

// Says what of a ledger of money is not locked. Nothing where `facts` has no
// answers to these questions.
void JudgeLockdown(const DatabaseFacts& facts, Diagnosis& diagnosis);

}  // namespace budget

#endif  // BUDGET_CTL_DOCTOR_LOCKDOWN_H_
