#ifndef BUDGET_CTL_DOCTOR_LOCKDOWN_H_
#define BUDGET_CTL_DOCTOR_LOCKDOWN_H_

#include "client/ctl/database/facts.h"
#include "client/ctl/doctor/diagnosis.h"

namespace budget {

// Says what of a ledger of money is not locked. Nothing where `facts` has no
// answers to these questions.
void JudgeLockdown(const DatabaseFacts& facts, Diagnosis& diagnosis);

}  // namespace budget

#endif  // BUDGET_CTL_DOCTOR_LOCKDOWN_H_
