#include "tests/bench/operations.h"

#include <utility>

namespace budget::bench {

Reserve ReserveOn(const std::string& path, const Uuid& id) {
  ReservePayload payload{.allocations = {path}};
  payload.amounts[Unit::kUsdNanos] = kHeldUsdNanos;
  payload.amounts[Unit::kTokens] = kHeldTokens;
  return {.id = id, .payload = std::move(payload)};
}

Settle SettleOf(const std::string& root, const Uuid& id) {
  Settle settle{.root = root, .id = id};
  settle.actual[Unit::kUsdNanos] = kUsedUsdNanos;
  settle.actual[Unit::kTokens] = kUsedTokens;
  return settle;
}

}  // namespace budget::bench
