#include "server/app/token_command.h"

#include <cstdio>
#include <utility>

#include "server/access/access_store.h"
#include "server/access/token.h"
#include "server/app/log.h"
#include "server/app/storage.h"

namespace budget {
namespace {

constexpr char kActor[] = "budgetd token create";

}  // namespace

absl::Status CreateToken(const Config& config, const TokenOrder& order,
                         StopSignal& stop) {
  absl::StatusOr<Storage> storage = OpenDatabase(config, stop);
  if (!storage.ok()) return storage.status();
  absl::Status status = OpenStore(config, stop, nullptr, *storage);
  if (!status.ok()) return status;
  const MintedToken minted = MintToken();
  status = storage->access->Apply(
      {AddGrant{{order.principal, order.role, order.subtree}},
       AddToken{minted, order.principal, order.subtree, order.ttl}},
      kActor);
  if (!status.ok()) return status;
  std::printf("%s\n", minted.text.c_str());
  LogInfo("token_created", {{"id", minted.id},
                            {"principal", order.principal},
                            {"role", std::string(RoleName(order.role))},
                            {"subtree", order.subtree}});
  return absl::OkStatus();
}

}  // namespace budget
