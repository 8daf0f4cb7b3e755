#ifndef BUDGET_CTL_LEDGER_CHAIN_H_
#define BUDGET_CTL_LEDGER_CHAIN_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "budget/v1/budget_admin.pb.h"
#include "budget/v1/ledger_service.pb.h"
#include "budget/v1/types.pb.h"

namespace budget {

// The hash chain as the contract describes it, at LedgerCheckpoint and
// LedgerEntry. It shares nothing with the server on purpose: whoever checks a
// ledger by it does not rely on the program that wrote it.

// The chain before the first entry.
std::string ChainStart();

// The chain after `entry`, where `before` is the one before it. Wrong for
// entries whose ids are not UUIDs.
std::string ChainAfter(absl::string_view before, const v1::LedgerEntry& entry);

// Compares the entries of any number of roots with checkpoints of them, which
// may be in any order. Not thread-safe.
class ChainCheck {
 public:
  explicit ChainCheck(const std::vector<v1::LedgerCheckpoint>& checkpoints);

  // The entries of each root come in order. The first one of a root has the
  // number 1, or a checkpoint is of the one before it.
  void Add(const v1::LedgerEntry& entry);

  // To be called once, after the last entry: what was found, by root, for all
  // roots that have entries or checkpoints.
  std::map<std::string, v1::VerifyResponse> Finish();

 private:
  // What is known of a root so far.
  struct Root {
    std::multimap<int64_t, std::string> hashes;  // of checkpoints not met yet
    bool begun = false;
    int64_t sequence = 0;
    std::string chain;  // empty after a hole: nothing can be said any more
    v1::VerifyResponse found;
  };

  static void Begin(const v1::LedgerEntry& entry, Root& root);
  static void Meet(Root& root);

  std::map<std::string, Root> roots_;
};

}  // namespace budget

#endif  // BUDGET_CTL_LEDGER_CHAIN_H_
