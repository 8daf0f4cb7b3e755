#ifndef BUDGET_TESTS_E2E_CLUSTER_FIXTURE_H_
#define BUDGET_TESTS_E2E_CLUSTER_FIXTURE_H_

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <optional>
#include <string>

#include "budget/client.h"
#include "deploy/replay/audit.h"
#include "deploy/replay/cluster.h"

namespace budget {

inline constexpr CallOptions kPatient{absl::Seconds(60)};

// Three budgetd processes on one embedded database, for each test its own.
// At the end the root is verified, by the service and by a fold of our own.
class ClusterTest : public ::testing::Test {
 protected:
  static constexpr int kReplicas = 3;

  void SetUp() override {
    std::string name = "/tmp/budget-e2e-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
    // PostgreSQL may run as a user of its own.
    std::filesystem::permissions(directory_, std::filesystem::perms(0755));
    auto cluster =
        replay::Cluster::Start({BUDGETD_PATH, directory_, kReplicas});
    ASSERT_TRUE(cluster.ok()) << cluster.status();
    cluster_.emplace(*std::move(cluster));
  }

  void TearDown() override {
    cluster_.reset();
    std::error_code ignored;
    if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
  }

  // Begins with replica `index` and knows the others too.
  Client ClientAt(int index) {
    std::vector<std::string> endpoints;
    for (int i = 0; i < kReplicas; ++i) {
      endpoints.push_back(cluster_->endpoints()[(index + i) % kReplicas]);
    }
    return Client(*MakeConnection({.endpoints = endpoints}));
  }
  // Knows one replica only.
  Client ClientOnly(int index) {
    return Client(
        *MakeConnection({.endpoints = {cluster_->endpoints()[index]}}));
  }

  // The ledger of `root`, folded entry by entry, after it was verified.
  replay::AuditResult VerifiedLedger(const std::string& root) {
    Client client = ClientAt(0);
    v1::VerifyRequest request;
    request.set_root(root);
    const auto verify = client.Verify(request, kPatient);
    EXPECT_TRUE(verify.ok()) << verify.status();
    EXPECT_TRUE(verify.ok() && verify->ok())
        << (verify.ok() ? verify->ShortDebugString() : "");
    auto audit = replay::AuditLedger(client, root);
    EXPECT_TRUE(audit.ok()) << audit.status();
    if (!audit.ok()) return {};
    EXPECT_EQ(audit->violations, std::vector<std::string>());
    return *std::move(audit);
  }

  std::string directory_;
  std::optional<replay::Cluster> cluster_;
};

}  // namespace budget

#endif  // BUDGET_TESTS_E2E_CLUSTER_FIXTURE_H_
