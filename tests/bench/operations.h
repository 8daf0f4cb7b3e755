#ifndef BUDGET_TESTS_BENCH_OPERATIONS_H_
#define BUDGET_TESTS_BENCH_OPERATIONS_H_

#include <cstdint>
#include <string>

#include "server/domain/operation.h"

namespace budget::bench {

// Every load holds and settles these: a call of a gateway that asks for up to
// 0.04 USD and 4,000 tokens, and uses a third of them.
inline constexpr int64_t kHeldUsdNanos = 40'000'000;
inline constexpr int64_t kHeldTokens = 4'000;
inline constexpr int64_t kUsedUsdNanos = 13'000'000;
inline constexpr int64_t kUsedTokens = 1'300;

// As the server's rooms take them; requests.h has them as they travel.
Reserve ReserveOn(const std::string& path, const Uuid& id);
Settle SettleOf(const std::string& root, const Uuid& id);

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_OPERATIONS_H_
