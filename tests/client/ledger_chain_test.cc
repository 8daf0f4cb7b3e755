#include "client/ctl/ledger_chain.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/escaping.h"

namespace budget {
namespace {

v1::LedgerEntry Entry(const std::string& root, int64_t sequence) {
  v1::LedgerEntry entry;
  entry.set_root(root);
  entry.set_sequence(sequence);
  entry.mutable_time()->set_seconds(1000 + sequence);
  return entry;
}

v1::LedgerCheckpoint CheckpointAt(const std::string& root, int64_t sequence) {
  v1::LedgerCheckpoint checkpoint;
  checkpoint.set_root(root);
  checkpoint.set_sequence(sequence);
  std::string chain = ChainStart();
  for (int64_t i = 1; i <= sequence; ++i) {
    chain = ChainAfter(chain, Entry(root, i));
  }
  checkpoint.set_hash(chain);
  return checkpoint;
}

using Entries = std::vector<v1::LedgerEntry>;
using Checkpoints = std::vector<v1::LedgerCheckpoint>;

Entries Ledger(int64_t first, int64_t last) {
  Entries entries;
  for (int64_t i = first; i <= last; ++i) entries.push_back(Entry("acme", i));
  return entries;
}

std::map<std::string, v1::VerifyResponse> Check(
    const Entries& entries, const Checkpoints& checkpoints) {
  ChainCheck check(checkpoints);
  for (const v1::LedgerEntry& entry : entries) check.Add(entry);
  return check.Finish();
}

// What is found of "acme", as "subject: text".
std::vector<std::string> Found(const Entries& entries,
                               const Checkpoints& checkpoints) {
  const v1::VerifyResponse answer = Check(entries, checkpoints)["acme"];
  std::vector<std::string> found;
  for (const v1::Discrepancy& each : answer.discrepancies()) {
    found.push_back(each.subject() + ": " + each.stored());
  }
  return found;
}

// The same entry and hash as in ledger_seal_test.cc, computed by
// recompute_chain.py.
TEST(LedgerChainTest, HashesWhatTheContractSays) {
  v1::LedgerEntry entry;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(root: "acme" sequence: 1 kind: LEDGER_ENTRY_KIND_SETTLE
         time { seconds: 1795255200 nanos: 123000 }
         reservation_id: "0198c0de-0000-7000-8000-000000000001"
         allocation_ids: [ 1, 5 ]
         admit_time { seconds: 1795251600 }
         limit_windows { limit_id: 1 }
         limit_windows { limit_id: 2 window_key: -3 }
         spent { usd_nanos: 11 tokens: 12 requests: 13 }
         reserved { usd_nanos: -21 tokens: -22 requests: -23 }
         overage { usd_nanos: 31 tokens: 32 requests: 33 }
         unpriced_requests: 4
         cap_changes { limit_id: 1 cap: 100 }
         cap_changes { limit_id: 2 }
         actor: "ann"
         details { key: "final" value: "true" }
         details { key: "k" value: "\303\274" })",
      &entry));
  EXPECT_EQ(
      absl::BytesToHexString(ChainAfter(ChainStart(), entry)),
      "5e5440d41ecb5f4bfc6fd99a3fdfd6503b4a6db4fe9eee81dff06ea5674b0cba");
}

TEST(LedgerChainTest, FindsNothingWhereCheckpointsAreMet) {
  Entries entries = Ledger(1, 5);
  entries.push_back(Entry("other", 1));
  const auto found =
      Check(entries, {CheckpointAt("acme", 5), CheckpointAt("other", 1),
                      CheckpointAt("acme", 2)});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_TRUE(found.at("acme").ok());
  EXPECT_EQ(found.at("acme").entries(), 5);
  EXPECT_TRUE(found.at("other").ok());
}

TEST(LedgerChainTest, FindsAChangeBetweenCheckpoints) {
  Entries entries = Ledger(1, 5);
  entries[3].set_actor("mallory");
  EXPECT_EQ(Found(entries, {CheckpointAt("acme", 3), CheckpointAt("acme", 5)}),
            std::vector<std::string>{
                "checkpoint at entry 5: the entries up to it are not those it "
                "was made of"});
}

TEST(LedgerChainTest, FindsAHole) {
  Entries entries = Ledger(1, 5);
  entries.erase(entries.begin() + 2);
  EXPECT_EQ(Found(entries, {CheckpointAt("acme", 5)}),
            (std::vector<std::string>{
                "entry 3: entry 4 stands in its place",
                "checkpoint at entry 5: it could not be compared: entries "
                "before it are missing"}));
}

TEST(LedgerChainTest, FindsAnEndThatWasCutOff) {
  EXPECT_EQ(Found(Ledger(1, 4), {CheckpointAt("acme", 5)}),
            std::vector<std::string>{
                "checkpoint at entry 5: the ledger ends at entry 4"});
  EXPECT_EQ(Found({}, {CheckpointAt("acme", 5)}),
            std::vector<std::string>{
                "checkpoint at entry 5: the ledger ends at entry 0"});
}

TEST(LedgerChainTest, BeginsAtACheckpoint) {
  const Checkpoints checkpoints = {CheckpointAt("acme", 3),
                                   CheckpointAt("acme", 5)};
  EXPECT_EQ(Found(Ledger(4, 5), checkpoints), std::vector<std::string>());
  EXPECT_EQ(Found(Ledger(3, 5), checkpoints).front(),
            "entry 3: it is the first one, and there is no checkpoint at entry "
            "2 to begin with");
}

}  // namespace
}  // namespace budget
