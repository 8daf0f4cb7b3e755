#ifndef BUDGET_DOMAIN_SEAL_CHECK_H_
#define BUDGET_DOMAIN_SEAL_CHECK_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/domain/ledger_fold.h"
#include "server/domain/ledger_seal.h"

namespace budget {

// Recomputes the hash chain of a root from its entries, in order, and compares
// it with its seals and with checkpoints that were kept elsewhere. After an
// entry that was changed it goes on from the seal, so that each change is
// found. Who changes entries and makes all later seals anew is found by a
// checkpoint only; the store gives those that it remembers. Not thread-safe.
class SealCheck {
 public:
  // Gives the next seal in the order of `first`; nullopt: there are no more.
  using NextSeal = std::function<std::optional<Seal>()>;

  SealCheck(absl::string_view root, NextSeal next_seal,
            absl::Span<const ChainHead> checkpoints, VerifyReport& report);

  void Add(const LedgerEntry& entry) {
    Take(entry.sequence, DigestOf(root_, entry));
  }
  // An entry that is there, but is not of the form of an entry.
  void AddUnreadable(int64_t sequence);

  // To be called once, after the last entry.
  void Finish();

 private:
  using Digest = std::optional<Sha256Digest>;
  struct Row {
    bool there = false;
    Digest digest;  // nullopt: not readable
  };

  void Take(int64_t sequence, const Digest& digest);
  void TakeUnsealed(int64_t sequence, const Digest& digest);

  // Makes the next seal that can be used the current one.
  void NextUsableSeal();
  bool IsUsable(const Seal& seal);
  void CloseSeal();
  std::optional<ChainHead> Walk(const ChainHead& start) const;
  absl::string_view Mark(size_t row) const;
  bool FitsItsMark(size_t row) const;
  bool NameRows();
  void NameRow(
      size_t i,
      const absl::flat_hash_map<absl::string_view, int64_t>& sealed_as);
  void WalkPlain();
  void ExtendPlain(const Sha256Digest& digest);

  std::string Entries(int64_t first, int64_t last) const;
  void Found(DiscrepancyKind kind, std::string subject, std::string text);

  const std::string root_;
  const NextSeal next_seal_;
  std::vector<ChainHead> checkpoints_;  // by sequence
  size_t next_checkpoint_ = 0;
  VerifyReport& report_;

  std::optional<Seal> seal_;  // the current one
  std::vector<Row> rows_;     // of its entries
  int64_t seen_ = 0;          // the last entry

  // Where the chain may stand: as the entries say, or as the last seal does.
  // None after a hole.
  std::vector<ChainHead> heads_;
  // The chain of the entries alone, from the first on.
  std::optional<ChainHead> plain_ = ChainHead();
};

}  // namespace budget

#endif  // BUDGET_DOMAIN_SEAL_CHECK_H_
