#ifndef BUDGET_TESTS_BENCH_REQUESTS_H_
#define BUDGET_TESTS_BENCH_REQUESTS_H_

#include <string>

#include "budget/v1/budget_service.pb.h"

namespace budget::bench {

// The operations of operations.h, as they travel.
v1::ReserveRequest MakeReserve(const std::string& id, const std::string& path);
v1::SettleRequest MakeSettle(const std::string& id, const std::string& path);

inline const std::string kReserveMethod = "/budget.v1.BudgetService/Reserve";
inline const std::string kSettleMethod = "/budget.v1.BudgetService/Settle";
inline const std::string kBatchMethod = "/budget.v1.BudgetService/Batch";
inline const std::string kCreateMethod =
    "/budget.v1.BudgetAdmin/CreateAllocation";

// A new reservation id, version 7. For any thread.
std::string NewId();

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_REQUESTS_H_
