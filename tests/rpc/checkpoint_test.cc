#include <string>

#include "absl/strings/str_cat.h"
#include "client/ctl/ledger_chain.h"
#include "gtest/gtest.h"
#include "tests/rpc/rpc_fixture.h"

namespace budget::testing {
namespace {

class CheckpointTest : public RpcTest {
 protected:
  // Entries with every field that the chain covers.
  void SetUp() override {
    Create("path: 'acme' limits { name: 'cap' unit: UNIT_TOKENS cap: 100 "
           "window { lifetime {} } } limits { name: 'all' unit: UNIT_REQUESTS "
           "window { lifetime {} } }");
    v1::ReserveResponse held;
    ASSERT_TRUE(
        Reserve("allocations: 'acme' amounts { tokens: 5 }", &held).ok());
    ASSERT_TRUE(Settle(absl::StrCat("root: 'acme' actual { tokens: 120 } "
                                    "final: true reservation_id: '",
                                    held.reservation().reservation_id(), "'"))
                    .ok());
    ASSERT_TRUE(memory_.SealLedgers("").ok());
  }

  v1::LedgerCheckpoint Checkpoint() {
    v1::GetCheckpointResponse response;
    EXPECT_TRUE(Call(*ledger_, &v1::LedgerService::Stub::GetCheckpoint,
                     FromText<v1::GetCheckpointRequest>("root: 'acme'"),
                     &response)
                    .ok());
    return response.checkpoint();
  }

  v1::VerifyResponse Verify(const v1::LedgerCheckpoint& checkpoint) {
    v1::VerifyRequest request;
    request.set_root("acme");
    *request.add_checkpoints() = checkpoint;
    v1::VerifyResponse response;
    EXPECT_TRUE(
        Call(*admin_, &v1::BudgetAdmin::Stub::Verify, request, &response).ok());
    return response;
  }
};

// By a program that shares no code with the server.
TEST_F(CheckpointTest, WhatIsListedIsAllThatTheChainCovers) {
  v1::ListLedgerEntriesResponse ledger;
  ASSERT_TRUE(Call(*ledger_, &v1::LedgerService::Stub::ListLedgerEntries,
                   FromText<v1::ListLedgerEntriesRequest>("root: 'acme'"),
                   &ledger)
                  .ok());
  std::string chain = ChainStart();
  for (const v1::LedgerEntry& entry : ledger.entries()) {
    chain = ChainAfter(chain, entry);
  }
  const v1::LedgerCheckpoint checkpoint = Checkpoint();
  EXPECT_EQ(checkpoint.root(), "acme");
  EXPECT_EQ(checkpoint.sequence(), ledger.entries_size());
  EXPECT_EQ(checkpoint.hash(), chain);
  EXPECT_TRUE(checkpoint.has_read_time());
}

TEST_F(CheckpointTest, VerifyComparesWithCheckpoints) {
  v1::LedgerCheckpoint checkpoint = Checkpoint();
  const v1::VerifyResponse right = Verify(checkpoint);
  EXPECT_TRUE(right.ok());
  EXPECT_EQ(right.seals(), 1);
  EXPECT_EQ(right.sealed_sequence(), checkpoint.sequence());
  checkpoint.mutable_hash()->front() ^= 1;
  const v1::VerifyResponse wrong = Verify(checkpoint);
  EXPECT_FALSE(wrong.ok());
  ASSERT_EQ(wrong.discrepancies_size(), 1);
  EXPECT_EQ(wrong.discrepancies(0).kind(), v1::DISCREPANCY_KIND_CHECKPOINT);
  EXPECT_NE(wrong.discrepancies(0).stored(), "");
}

}  // namespace
}  // namespace budget::testing
