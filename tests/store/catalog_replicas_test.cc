#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/domain/decide.h"
#include "server/domain/path.h"
#include "server/store/postgres/postgres_store.h"
#include "tests/store/hand_made.h"
#include "tests/support/postgres_fixture.h"

// Replicas remember catalogs without telling each other of changes: whatever
// they decide by must be what the tables say at that moment.
namespace budget::testing {
namespace {

constexpr int kReplicas = 3;
constexpr int kBatches = 60;
constexpr const char* kPaths[] = {"acme", "acme/a", "acme/b", "acme/a/x",
                                  "acme/b/y"};

// What a catalog and the tables say of paths, in the same words.
std::string InWords(const LoadPlan& plan, const Catalog& catalog) {
  std::vector<std::string> lines;
  for (const std::string& path : plan.paths) {
    const Allocation* allocation = catalog.FindAllocation(path);
    if (allocation == nullptr) continue;
    std::vector<std::string> limits;
    for (const Limit* limit : catalog.LimitsOf(*allocation)) {
      limits.push_back(absl::StrCat(limit->id, "=", *limit->spec.cap));
    }
    std::sort(limits.begin(), limits.end());
    lines.push_back(absl::StrCat(
        path, " ", allocation->version, allocation->frozen ? " frozen" : "",
        allocation->archived ? " archived" : "", " ",
        absl::StrJoin(limits, ",")));
  }
  return absl::StrJoin(lines, ";");
}

std::string InWords(const LoadPlan& plan, const std::string& uri) {
  return RunSql(
      uri,
      absl::StrCat(
          "SELECT string_agg(x.path || ' ' || x.version "
          "  || CASE WHEN x.frozen THEN ' frozen' ELSE '' END "
          "  || CASE WHEN x.archived THEN ' archived' ELSE '' END || ' ' "
          "  || coalesce((SELECT string_agg(l.limit_id || '=' || l.cap, ',' "
          "      ORDER BY (l.limit_id || '=' || l.cap) COLLATE \"C\") "
          "    FROM budget.limits l WHERE l.root = x.root "
          "      AND l.allocation_id = x.allocation_id AND NOT l.removed), "
          "    ''), ';' ORDER BY x.path) "
          "FROM budget.allocations x WHERE x.root = 'acme' AND x.path IN ('",
          absl::StrJoin(plan.paths, "','"), "')"));
}

// A store of its own, and random operations on "acme".
class Replica {
 public:
  Replica(const std::string& uri, int number)
      : uri_(uri), number_(number), random_(number) {
    PostgresOptions options{.uri = uri};
    options.log = [](absl::string_view) {};
    store_ = OpenPostgresStore(options).value();
  }

  Store& store() { return *store_; }

  void RunOneBatch() {
    std::vector<Operation> batch(1 + Number(3));
    for (Operation& operation : batch) operation = One();
    Run(batch);
    if (Number(4) == 0) ReadOne();
  }

  void Run(const std::vector<Operation>& batch) {
    std::vector<const Operation*> operations;
    for (const Operation& operation : batch) operations.push_back(&operation);
    const LoadPlan plan = PlanFor(operations);
    const absl::Status status = store_->Transact(
        LaneOf(plan.root, store_->lanes()), {&plan, 1},
        [&](WorkingSets& sets, absl::Time now) {
          // The lane is locked: what is committed is what this must see.
          EXPECT_EQ(InWords(plan, sets[0]->catalog), InWords(plan, uri_));
          Decide(operations, now, DecideOptions(), *sets[0]);
        },
        absl::Now() + absl::Seconds(60));
    EXPECT_EQ(status, absl::OkStatus());
  }

 private:
  int Number(int below) { return static_cast<int>(random_() % below); }
  std::string Path() { return kPaths[Number(5)]; }
  AdminContext Context() {
    return {IdOf((number_ + 1) * 1'000'000 + ++requests_), "test"};
  }
  int64_t VersionOf(const std::string& path) {
    int64_t version = 0;
    (void)absl::SimpleAtoi(
        RunSql(uri_, absl::StrCat("SELECT version FROM budget.allocations "
                                  "WHERE path = '",
                                  path, "'")),
        &version);
    return version;
  }

  void ReadOne() {
    const LoadPlan plan = PlanForChain(Path());
    const absl::StatusOr<Snapshot> read = store_->Read(plan);
    ASSERT_TRUE(read.ok()) << read.status();
  }

  Operation One() {
    const std::string path = Path();
    switch (Number(12)) {
      case 0:
        return CreateAllocation{.context = Context(), .path = path};
      case 1:
        return Freeze{.context = Context(), .path = path};
      case 2:
        return Unfreeze{.context = Context(), .path = path};
      case 3:
      case 4:
        return SetLimit{.context = Context(),
                        .path = path,
                        .limit = LifetimeUsd("cap", Number(1000)),
                        .version = VersionOf(path)};
      case 5:
        return RemoveLimit{.context = Context(),
                           .path = path,
                           .limit = "cap",
                           .version = VersionOf(path)};
      case 6:
        return Settle{.root = "acme",
                      .id = IdOf(number_ * 10'000 + Number(made_ + 1))};
      case 7:
        return Release{"acme", IdOf(number_ * 10'000 + Number(made_ + 1))};
      default: {
        Reserve reserve{.id = IdOf(number_ * 10'000 + ++made_)};
        ReservePayload& payload = reserve.payload.Edit();
        payload.allocations = {path};
        payload.amounts[Unit::kUsdNanos] = Number(20);
        return reserve;
      }
    }
  }

  const std::string uri_;
  const int number_;
  std::mt19937 random_;
  std::unique_ptr<Store> store_;
  int made_ = 0;
  int requests_ = 0;
};

TEST(CatalogReplicasTest, DecideByTheCatalogAsItIs) {
  const std::string uri = FreshDatabase();
  std::vector<std::unique_ptr<Replica>> replicas;
  for (int i = 0; i < kReplicas; ++i) {
    replicas.push_back(std::make_unique<Replica>(uri, i));
  }
  std::vector<std::thread> threads;
  for (const auto& replica : replicas) {
    threads.emplace_back([&replica] {
      for (int i = 0; i < kBatches; ++i) replica->RunOneBatch();
    });
  }
  for (std::thread& thread : threads) thread.join();
  const absl::StatusOr<VerifyReport> report =
      replicas[0]->store().Verify("acme", {});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->discrepancies_total, 0)
      << report->discrepancies[0].subject;
}

}  // namespace
}  // namespace budget::testing
