#ifndef BUDGET_APP_DOOR_H_
#define BUDGET_APP_DOOR_H_

#include <optional>

#include "absl/status/status.h"
#include "server/access/access_store.h"
#include "server/access/authenticator.h"
#include "server/access/directory.h"
#include "server/app/config.h"
#include "server/app/jwt_authority.h"
#include "server/base/clock.h"
#include "server/lane/periodic.h"
#include "server/rpc/server.h"

namespace budget {

// Who may call. Where callers must say who they are, it looks for changes of
// tokens and grants as long as it lives. Thread-safe once it is open.
class Door {
 public:
  // `jwt` may be null; all others must outlive it.
  Door(const Config& config, AccessStore& store, JwtAuthority* jwt,
       Clock& clock);

  // Reads who there is. Once.
  absl::Status Open();

  // For a server that ends before this does.
  RpcAccess access();

 private:
  const bool required_;
  AccessStore& store_;
  Directory directory_;
  const Authenticator authenticator_;
  std::optional<Periodic> refresher_;
};

}  // namespace budget

#endif  // BUDGET_APP_DOOR_H_
