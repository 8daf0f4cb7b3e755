#include "tests/store/store_kit.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/store/memory/memory_store.h"
#include "tests/support/scratch_dir.h"
#include "tests/support/postgres_fixture.h"
#include "tests/wire/proxy.h"

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
    // What took effect is known here at once.
    next_ = fault == CommitFault::kLostBefore ? Fault::kLoseBeforeCommit
                                              : Fault::kNone;
  }

 private:
  Fault next_ = Fault::kNone;
  MemoryStore store_;
};

// The part of `uri` after `key`, up to the next parameter.
std::string Parameter(const std::string& uri, const std::string& key) {
  const size_t begin = uri.find(key) + key.size();
  return uri.substr(begin, uri.find('&', begin) - begin);
}

class PostgresKit final : public StoreKit {
 public:
  explicit PostgresKit(std::string uri) {
    const std::string server = Parameter(uri, "host=");
    proxy_ = wire::Proxy::Start(directory_.path(), server + "/.s.PGSQL.5432")
                 .value();
    uri.replace(uri.find(server), server.size(), directory_.path());
    PostgresOptions options;
    options.uri = uri;
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
    proxy_->CutNext(fault == CommitFault::kLostBefore
                        ? wire::Cut::kBeforeCommit
                        : wire::Cut::kAfterCommit);
  }

 private:
  ScratchDir directory_;
  std::unique_ptr<wire::Proxy> proxy_;
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

}  // namespace budget::testing
