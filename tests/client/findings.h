#ifndef BUDGET_TESTS_CLIENT_FINDINGS_H_
#define BUDGET_TESTS_CLIENT_FINDINGS_H_

#include <string>
#include <vector>

#include "client/ctl/doctor/diagnosis.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace budget {

// What was found by `check`; a Finding without text if there is none.
inline Finding FindingOf(const Diagnosis& diagnosis, const std::string& check) {
  for (const Finding& finding : diagnosis.findings()) {
    if (finding.check == check) return finding;
  }
  return {};
}

// Checks that found something wrong or coming.
inline std::vector<std::string> Complaints(
    const Diagnosis& diagnosis) {
  std::vector<std::string> complaints;
  for (const Finding& finding : diagnosis.findings()) {
    if (finding.health == Health::kWarning ||
        finding.health == Health::kProblem) {
      complaints.push_back(finding.check);
      EXPECT_THAT(finding.remedy, ::testing::Not(::testing::IsEmpty()))
          << finding.check;
    }
  }
  return complaints;
}

}  // namespace budget

#endif  // BUDGET_TESTS_CLIENT_FINDINGS_H_
