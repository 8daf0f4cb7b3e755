#include "tests/bench/requests.h"

#include "tests/bench/operations.h"

#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "server/base/uuid.h"

namespace budget::bench {

v1::ReserveRequest MakeReserve(const std::string& id, const std::string& path) {
  v1::ReserveRequest request;
  request.set_reservation_id(id);
  request.add_allocations(path);
  request.mutable_amounts()->set_usd_nanos(kHeldUsdNanos);
  request.mutable_amounts()->set_tokens(kHeldTokens);
  return request;
}

v1::SettleRequest MakeSettle(const std::string& id, const std::string& path) {
  v1::SettleRequest request;
  request.set_reservation_id(id);
  request.set_root(path);
  request.mutable_actual()->set_usd_nanos(kUsedUsdNanos);
  request.mutable_actual()->set_tokens(kUsedTokens);
  request.set_final(true);
  return request;
}

std::string NewId() {
  thread_local absl::InsecureBitGen random;
  return Uuid::Version7(absl::Now(), {random(), random()}).ToString();
}

}  // namespace budget::bench
