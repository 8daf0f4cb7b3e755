#ifndef BUDGET_DOMAIN_LEDGER_SEAL_H_
#define BUDGET_DOMAIN_LEDGER_SEAL_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "server/base/sha256.h"
#include "server/domain/ledger_entry.h"

// The hash chain of a root. Each entry has a digest of all its columns but the
// sequence number; the chain at n is the SHA-256 of the chain at n - 1, n, and
// the digest of entry n. So it does not depend on where seals were set, and a
// checkpoint can be taken at any entry. sql/README.md has the layout byte by
// byte, for whoever recomputes it by other means.
namespace budget {

// The chain of a root after entry `sequence`; by default before the first.
struct ChainHead {
  int64_t sequence = 0;
  Sha256Digest hash{};

  friend bool operator==(const ChainHead&, const ChainHead&) = default;
};

// What is hashed of an entry, layout 1: integers as 8 bytes in network order,
// texts and lists behind their length, what may be absent behind one byte.
std::string CanonicalBytes(absl::string_view root, const LedgerEntry& entry);

Sha256Digest DigestOf(absl::string_view root, const LedgerEntry& entry);

// The chain after one more entry, with the next sequence number.
ChainHead Extend(const ChainHead& head, const Sha256Digest& entry);

// Some consecutive entries of a root, sealed: the chain after the last of them,
// and the first bytes of each one's digest. The chain finds that something was
// changed; the marks find what.
struct Seal {
  static constexpr size_t kMarkBytes = 8;

  int64_t first = 0;  // sequence numbers
  int64_t last = 0;
  Sha256Digest hash{};
  std::string marks;

  friend bool operator==(const Seal&, const Seal&) = default;
};

// The mark of an entry in a seal.
absl::string_view MarkOf(const Sha256Digest& entry);

// Seals entries one after the other. Not thread-safe.
class Sealing {
 public:
  // Goes on after `head`, what is sealed already.
  Sealing(absl::string_view root, const ChainHead& head)
      : root_(root), first_(head.sequence + 1), head_(head) {}

  // Adds an entry. False, without any effect, if it is not the next one.
  bool Add(const LedgerEntry& entry);

  bool empty() const { return marks_.empty(); }
  int64_t entries() const { return head_.sequence - first_ + 1; }
  // Of what was added, at least one entry.
  Seal seal() const { return {first_, head_.sequence, head_.hash, marks_}; }

 private:
  const std::string root_;
  const int64_t first_;
  ChainHead head_;
  std::string marks_;
};

}  // namespace budget

#endif  // BUDGET_DOMAIN_LEDGER_SEAL_H_
