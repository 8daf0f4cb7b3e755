#ifndef BUDGET_TESTS_STORE_STORE_KIT_H_
#define BUDGET_TESTS_STORE_STORE_KIT_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/domain/store.h"
#include "server/store/postgres/postgres_store.h"

namespace budget::testing {

// What befalls the next commit.
enum class CommitFault { kLostBefore, kLostAfter };

// A store under test, empty and with a database of its own.
class StoreKit {
 public:
  virtual ~StoreKit() = default;
  virtual Store& store() = 0;

  // Lets the next commit of changes fail so; the store is to recover. In memory
  // none is lost after it took effect.
  virtual void FailNextCommit(CommitFault fault) = 0;
};

// Due reservations per transaction in these stores: few, so that tests can
// pass it.
inline constexpr int kDueMax = 10;

std::unique_ptr<StoreKit> NewMemoryKit();
std::unique_ptr<StoreKit> NewPostgresKit();
// As a member of budget_service, who may do little else.
std::unique_ptr<StoreKit> NewPostgresServiceKit();

// A replica's store on the database at `uri`, with its defaults and no log.
std::unique_ptr<Store> OpenReplica(const std::string& uri);

// What one case of the suite runs on.
struct KitFactory {
  const char* name;
  std::unique_ptr<StoreKit> (*make)();
};

}  // namespace budget::testing

#endif  // BUDGET_TESTS_STORE_STORE_KIT_H_
