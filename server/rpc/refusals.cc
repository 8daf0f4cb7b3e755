#include "server/rpc/refusals.h"

#include <algorithm>

namespace budget {
namespace {

using std::chrono::seconds;

constexpr seconds kShortest(3);
// Connections that are cut within it are one attack, however many there are.
constexpr seconds kAtOnce(1);

}  // namespace

void Refusals::Add(const std::string& address, Time now) {
  const auto [at, is_new] = refusals_.try_emplace(
      address, Refusal{now, std::min(kShortest, longest_)});
  Refusal& refusal = at->second;
  if (is_new || now - refusal.since < kAtOnce) return;
  refusal = {now, std::min(2 * refusal.length, longest_)};
}

bool Refusals::Has(const std::string& address, Time now) const {
  const auto at = refusals_.find(address);
  return at != refusals_.end() && now < at->second.end();
}

void Refusals::Forget(Time now) {
  absl::erase_if(refusals_, [now](const auto& entry) {
    const Refusal& refusal = entry.second;
    return now >= refusal.end() + refusal.length;
  });
}

}  // namespace budget
