#ifndef BUDGET_RPC_BACKEND_H_
#define BUDGET_RPC_BACKEND_H_

#include <string>

#include "absl/time/time.h"
#include "server/access/access_store.h"
#include "server/access/directory.h"
#include "server/base/clock.h"
#include "server/domain/store.h"
#include "server/lane/dispatcher.h"
#include "server/lane/retry_spread.h"
#include "server/rpc/call_log.h"
#include "server/rpc/guard.h"
#include "server/rpc/meters.h"
#include "server/rpc/read_pool.h"

namespace budget {

// What a replica says of itself.
struct ReplicaInfo {
  std::string version;     // the release
  int schema_version = 0;  // the newest migration that it knows
  absl::Time start_time;   // by its clock
};

// What the services work with. All of it is thread-safe and outlives them.
struct Backend {
  Store& store;
  Dispatcher& dispatcher;
  ReadPool& reads;
  RetrySpread& retries;  // of reads and streams for which there is no room
  Clock& clock;
  const Guard& guard;
  AccessStore* access;   // null: AccessService is not served
  Directory* directory;  // null: nobody is asked who they are
  absl::Duration default_deadline;  // of calls that bring none
  ReplicaInfo replica;
  RpcMeters& meters;
  CallLog* log;  // null: none
};

}  // namespace budget

#endif  // BUDGET_RPC_BACKEND_H_
