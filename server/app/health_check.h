#ifndef BUDGET_APP_HEALTH_CHECK_H_
#define BUDGET_APP_HEALTH_CHECK_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/app/readiness.h"
#include "server/base/clock.h"
#include "server/base/meter.h"
#include "server/domain/store.h"
#include "server/rpc/server.h"

namespace budget {

// Says that the service is served while the database answers, with a schema
// that this binary knows: to gRPC health and to /readyz alike. Not thread-safe.
class HealthCheck {
 public:
  // How often the schema is looked at, which takes a connection of its own.
  static constexpr absl::Duration kSchemaPause = absl::Seconds(15);

  struct Sources {
    Store& store;
    Clock& clock;
    // FAILED_PRECONDITION where the schema is not one that this binary knows.
    std::function<absl::Status()> check_schema;
  };
  struct Shown {
    RpcServer& server;
    Readiness& readiness;
    Gauge& database_up;
  };

  // All that they refer to must outlive this.
  HealthCheck(const Sources& sources, const Shown& shown)
      : sources_(sources), shown_(shown) {}

  // Call it twice a second. Blocks on the database.
  void Look();

 private:
  std::string WhyNot();
  void LookAtSchema();

  const Sources sources_;
  const Shown shown_;
  bool reached_ = true;
  std::string schema_problem_;
  absl::Time next_schema_ = absl::InfinitePast();
};

}  // namespace budget

#endif  // BUDGET_APP_HEALTH_CHECK_H_
