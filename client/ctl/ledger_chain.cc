#include "client/ctl/ledger_chain.h"

#include <openssl/evp.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace budget {
namespace {

std::string Int(int64_t value) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(static_cast<uint64_t>(value) >> shift));
  }
  return bytes;
}

std::string Text(absl::string_view text) {
  return absl::StrCat(Int(static_cast<int64_t>(text.size())), text);
}

std::string Micros(const google::protobuf::Timestamp& time) {
  return Int(time.seconds() * 1'000'000 + time.nanos() / 1000);
}

const absl::string_view kAbsent("\0", 1);
const absl::string_view kPresent("\1", 1);

std::string MaybeId(absl::string_view uuid) {
  if (uuid.empty()) return std::string(kAbsent);
  return absl::StrCat(
      kPresent, absl::HexStringToBytes(absl::StrReplaceAll(uuid, {{"-", ""}})));
}

std::string Deltas(const v1::AmountDeltas& amounts) {
  return absl::StrCat(Int(amounts.usd_nanos()), Int(amounts.tokens()),
                      Int(amounts.requests()));
}

// A list: how many, and what `item` makes of each.
template <typename Items, typename Item>
std::string List(const Items& items, Item item) {
  std::string bytes = Int(items.size());
  for (const auto& each : items) bytes += item(each);
  return bytes;
}

std::string CanonicalBytes(const v1::LedgerEntry& entry) {
  return absl::StrCat(
      Text("budget.ledger.1"), Text(entry.root()), Micros(entry.time()),
      Int(entry.kind()), MaybeId(entry.reservation_id()),
      List(entry.allocation_ids(), [](int32_t id) { return Int(id); }),
      entry.has_admit_time()
          ? absl::StrCat(kPresent, Micros(entry.admit_time()))
          : std::string(kAbsent),
      List(entry.limit_windows(),
           [](const v1::LimitWindow& window) {
             return Int(window.limit_id()) + Int(window.window_key());
           }),
      Deltas(entry.spent()), Deltas(entry.reserved()), Deltas(entry.overage()),
      Int(entry.unpriced_requests()),
      List(entry.cap_changes(),
           [](const v1::CapChange& change) {
             return absl::StrCat(Int(change.limit_id()),
                                 change.has_cap()
                                     ? absl::StrCat(kPresent, Int(change.cap()))
                                     : std::string(kAbsent));
           }),
      Text(entry.actor()), MaybeId(entry.request_id()),
      List(entry.details(), [](const v1::LedgerDetail& detail) {
        return Text(detail.key()) + Text(detail.value());
      }));
}

std::string Sha256(absl::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  // Fails only without memory or without any algorithms.
  if (EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(),
                 nullptr) != 1) {
    std::abort();
  }
  return std::string(reinterpret_cast<const char*>(digest), size);
}

void Found(v1::DiscrepancyKind kind, std::string subject, std::string text,
           v1::VerifyResponse& out) {
  out.set_discrepancies_total(out.discrepancies_total() + 1);
  v1::Discrepancy& found = *out.add_discrepancies();
  found.set_subject(std::move(subject));
  found.set_stored(std::move(text));
  found.set_kind(kind);
}

}  // namespace

std::string ChainStart() { return std::string(32, '\0'); }

std::string ChainAfter(absl::string_view before, const v1::LedgerEntry& entry) {
  return Sha256(absl::StrCat(before, Int(entry.sequence()),
                             Sha256(CanonicalBytes(entry))));
}

ChainCheck::ChainCheck(const std::vector<v1::LedgerCheckpoint>& checkpoints) {
  for (const v1::LedgerCheckpoint& checkpoint : checkpoints) {
    roots_[checkpoint.root()].hashes.emplace(checkpoint.sequence(),
                                             checkpoint.hash());
  }
}

void ChainCheck::Begin(const v1::LedgerEntry& entry, Root& root) {
  root.begun = true;
  root.sequence = entry.sequence() - 1;
  if (entry.sequence() == 1) {
    root.chain = ChainStart();
    return;
  }
  const auto before = root.hashes.find(entry.sequence() - 1);
  if (before != root.hashes.end()) {
    root.chain = before->second;
    return;
  }
  Found(v1::DISCREPANCY_KIND_CHECKPOINT,
        absl::StrCat("entry ", entry.sequence()),
        absl::StrCat("it is the first one, and there is no checkpoint at ",
                     "entry ", entry.sequence() - 1, " to begin with"),
        root.found);
}

// Compares the chain with the checkpoints at the entry it stands at.
void ChainCheck::Meet(Root& root) {
  const auto [begin, end] = root.hashes.equal_range(root.sequence);
  for (auto it = begin; it != end; ++it) {
    if (root.chain.empty() || it->second == root.chain) continue;
    Found(v1::DISCREPANCY_KIND_CHECKPOINT,
          absl::StrCat("checkpoint at entry ", root.sequence),
          "the entries up to it are not those it was made of", root.found);
  }
  if (!root.chain.empty()) root.hashes.erase(begin, end);
}

void ChainCheck::Add(const v1::LedgerEntry& entry) {
  Root& root = roots_[entry.root()];
  if (!root.begun) {
    Begin(entry, root);
    Meet(root);
  }
  root.found.set_entries(root.found.entries() + 1);
  if (entry.sequence() != root.sequence + 1) {
    Found(v1::DISCREPANCY_KIND_ROW_MISSING,
          absl::StrCat("entry ", root.sequence + 1),
          absl::StrCat("entry ", entry.sequence(), " stands in its place"),
          root.found);
    root.chain.clear();
  }
  root.sequence = entry.sequence();
  if (root.chain.empty()) return;
  root.chain = ChainAfter(root.chain, entry);
  Meet(root);
}

std::map<std::string, v1::VerifyResponse> ChainCheck::Finish() {
  std::map<std::string, v1::VerifyResponse> found;
  for (auto& [name, root] : roots_) {
    if (!root.begun) root.hashes.erase(0);
    for (const auto& [sequence, hash] : root.hashes) {
      Found(v1::DISCREPANCY_KIND_CHECKPOINT,
            absl::StrCat("checkpoint at entry ", sequence),
            sequence > root.sequence
                ? absl::StrCat("the ledger ends at entry ", root.sequence)
                : std::string("it could not be compared: entries before it are "
                              "missing"),
            root.found);
    }
    root.found.set_ledger_sequence(root.sequence);
    root.found.set_ok(root.found.discrepancies_total() == 0);
    found[name] = std::move(root.found);
  }
  return found;
}

}  // namespace budget
