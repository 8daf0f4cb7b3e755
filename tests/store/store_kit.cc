#include "tests/store/store_kit.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "server/store/memory/memory_store.h"
#include "tests/store/wired_database.h"
#include "tests/support/postgres_fixture.h"

namespace budget::testing {
namespace {

absl::Time NowToTheMicrosecond() {
  return absl::FromUnixMicros(absl::ToUnixMicros(absl::Now()));
}

class MemoryKit final : public StoreKit {
 public:
  MemoryKit()
      : store_({.clock = NowToTheMicrosecond,
                .fault = [this] { return std::exchange(next_, Fault::kNone); },
                .due_per_transaction_max = kDueMax}) {}
  Store& store() override { return store_; }
  void FailNextCommit(CommitFault fault) override {
    ASSERT_EQ(fault, CommitFault::kLostBefore);
    next_ = Fault::kLoseBeforeCommit;
  }

 private:
  Fault next_ = Fault::kNone;
  MemoryStore store_;
};

class PostgresKit final : public StoreKit {
 public:
  explicit PostgresKit(std::string uri) : database_(std::move(uri)) {
    PostgresOptions options;
    options.uri = database_.uri();
    options.due_per_transaction_max = kDueMax;
    options.log = [](absl::string_view) {};
    absl::StatusOr<std::unique_ptr<Store>> store = OpenPostgresStore(options);
    if (!store.ok()) {
      const std::string why(store.status().message());
      std::fprintf(stderr, "%s\n", why.c_str());
      std::abort();
    }
    store_ = *std::move(store);
  }
  Store& store() override { return *store_; }
  void FailNextCommit(CommitFault fault) override {
    database_.proxy().CutNext(fault == CommitFault::kLostBefore
                                  ? wire::Cut::kBeforeCommit
                                  : wire::Cut::kAfterCommit);
  }

 private:
  WiredDatabase database_;
  std::unique_ptr<Store> store_;
};

}  // namespace

std::unique_ptr<StoreKit> NewMemoryKit() {
  return std::make_unique<MemoryKit>();
}

std::unique_ptr<StoreKit> NewPostgresKit() {
  return std::make_unique<PostgresKit>(FreshDatabase());
}

std::unique_ptr<StoreKit> NewPostgresServiceKit() {
  return std::make_unique<PostgresKit>(
      AsMemberOf("budget_service", FreshDatabaseWithRoles()));
}

std::unique_ptr<Store> OpenReplica(const std::string& uri) {
  PostgresOptions options;
  options.uri = uri;
  options.log = [](absl::string_view) {};
  absl::StatusOr<std::unique_ptr<Store>> store = OpenPostgresStore(options);
  EXPECT_TRUE(store.ok()) << store.status();
  return *std::move(store);
}

}  // namespace budget::testing
