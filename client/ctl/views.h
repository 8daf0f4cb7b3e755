#ifndef BUDGET_CTL_VIEWS_H_
#define BUDGET_CTL_VIEWS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "budget/v1/budget_admin.pb.h"
#include "budget/v1/budget_service.pb.h"
#include "budget/v1/ledger_service.pb.h"

namespace budget {

// Tables and texts for people, in the time zone given.

// Where limits stand, by allocation and name: figures, a bar, and when each
// begins anew.
std::string RenderLimits(
    const google::protobuf::RepeatedPtrField<v1::LimitStatus>& limits,
    absl::Time read_time, const absl::TimeZone& zone);
std::string RenderRemaining(const v1::QueryRemainingResponse& remaining,
                            const absl::TimeZone& zone);
// Paths indented by depth, with their limits.
std::string RenderTree(const std::vector<v1::Allocation>& allocations);
std::string RenderAllocation(const v1::Allocation& allocation,
                             const absl::TimeZone& zone);
std::string RenderReservation(const v1::Reservation& reservation,
                              const absl::TimeZone& zone);
std::string RenderReservations(const std::vector<v1::Reservation>& reservations,
                               const absl::TimeZone& zone);
std::string RenderLedger(const std::vector<v1::LedgerEntry>& entries,
                         const absl::TimeZone& zone);
std::string RenderDenials(const std::vector<v1::DenialCount>& denials,
                          const absl::TimeZone& zone);
std::string RenderPrices(const v1::GetPricesResponse& prices);
// One line each.
std::string RenderDiscrepancies(const v1::VerifyResponse& answer);
std::string RenderVerify(const std::string& root,
                         const v1::VerifyResponse& answer);

// "$1.20, 300 tokens, 1 request"; units that are 0 or unset are left out.
std::string DescribeAmounts(const v1::Amounts& amounts);
absl::Time TimeOf(const google::protobuf::Timestamp& time);
// "in 3d4h (2026-12-01 00:00:00)".
std::string DescribeMoment(absl::Time moment, absl::Time now,
                           const absl::TimeZone& zone);

}  // namespace budget

#endif  // BUDGET_CTL_VIEWS_H_
