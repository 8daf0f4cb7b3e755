#include "server/domain/seal_check.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"

namespace budget {
namespace {

// Whether there is a mark for each entry, and no more.
bool HasWholeMarks(const Seal& seal) {
  const size_t size = seal.marks.size();
  return seal.first > 0 && seal.last >= seal.first &&
         static_cast<uint64_t>(seal.last - seal.first) <
             size / Seal::kMarkBytes &&
         size == (seal.last - seal.first + 1) * Seal::kMarkBytes;
}

}  // namespace

SealCheck::SealCheck(absl::string_view root, NextSeal next_seal,
                     absl::Span<const ChainHead> checkpoints,
                     VerifyReport& report)
    : root_(root),
      next_seal_(std::move(next_seal)),
      checkpoints_(checkpoints.begin(), checkpoints.end()),
      report_(report),
      heads_({ChainHead()}) {
  std::stable_sort(checkpoints_.begin(), checkpoints_.end(),
                   [](const ChainHead& a, const ChainHead& b) {
                     return a.sequence < b.sequence;
                   });
  NextUsableSeal();
}

void SealCheck::AddUnreadable(int64_t sequence) {
  Found(DiscrepancyKind::kRowChanged, absl::StrCat("entry ", sequence),
        "its columns are not of the form of an entry");
  Take(sequence, std::nullopt);
}

void SealCheck::Take(int64_t sequence, const Digest& digest) {
  if (sequence <= seen_) return;  // the fold says so
  while (seal_ && sequence > seal_->last) CloseSeal();
  seen_ = sequence;
  if (!seal_ || sequence < seal_->first) return TakeUnsealed(sequence, digest);
  rows_[sequence - seal_->first] = {.there = true, .digest = digest};
}

void SealCheck::TakeUnsealed(int64_t sequence, const Digest& digest) {
  const auto is_next = [sequence](const ChainHead& head) {
    return head.sequence + 1 == sequence;
  };
  if (!digest) {
    heads_.clear();
    plain_.reset();
    return;
  }
  std::erase_if(heads_, [&](const ChainHead& head) { return !is_next(head); });
  for (ChainHead& head : heads_) head = Extend(head, *digest);
  if (plain_ && !is_next(*plain_)) plain_.reset();
  if (plain_) ExtendPlain(*digest);
}

void SealCheck::ExtendPlain(const Sha256Digest& digest) {
  plain_ = Extend(*plain_, digest);
  for (; next_checkpoint_ < checkpoints_.size() &&
         checkpoints_[next_checkpoint_].sequence <= plain_->sequence;
       ++next_checkpoint_) {
    const ChainHead& checkpoint = checkpoints_[next_checkpoint_];
    if (checkpoint == *plain_ || checkpoint.sequence == 0) continue;
    Found(DiscrepancyKind::kCheckpoint,
          absl::StrCat("checkpoint at entry ", checkpoint.sequence),
          "the entries up to it are not those it was made of");
  }
}

bool SealCheck::IsUsable(const Seal& seal) {
  const int64_t covered = report_.sealed_sequence;
  const int64_t entries =
      static_cast<int64_t>(seal.marks.size() / Seal::kMarkBytes);
  const std::string subject =
      absl::StrCat("seal of ", Entries(seal.first, seal.last));
  if (!HasWholeMarks(seal)) {
    Found(DiscrepancyKind::kSealChanged, subject,
          absl::StrCat("it was changed: its marks are of ", entries,
                       " entries"));
    return false;
  }
  if (seal.first <= covered) {
    Found(DiscrepancyKind::kSealChanged, subject,
          absl::StrCat("it was changed or added: entries up to ", covered,
                       " have a seal before it"));
    return false;
  }
  if (seal.first > covered + 1) {
    Found(DiscrepancyKind::kSealMissing,
          absl::StrCat("seal of ", Entries(covered + 1, seal.first - 1)),
          "it is missing");
  }
  return true;
}

void SealCheck::NextUsableSeal() {
  do {
    seal_ = next_seal_();
    if (!seal_) return;
    ++report_.seals;
  } while (!IsUsable(*seal_));
  report_.sealed_sequence = seal_->last;
  rows_.assign(seal_->last - seal_->first + 1, Row());
}

std::optional<ChainHead> SealCheck::Walk(const ChainHead& start) const {
  if (start.sequence + 1 != seal_->first) return std::nullopt;
  ChainHead head = start;
  for (const Row& row : rows_) {
    if (!row.digest) return std::nullopt;
    head = Extend(head, *row.digest);
  }
  return head;
}

void SealCheck::WalkPlain() {
  if (plain_ && plain_->sequence + 1 != seal_->first) plain_.reset();
  for (const Row& row : rows_) {
    if (!row.digest) plain_.reset();
    if (!plain_) return;
    ExtendPlain(*row.digest);
  }
}

absl::string_view SealCheck::Mark(size_t row) const {
  return absl::string_view(seal_->marks)
      .substr(row * Seal::kMarkBytes, Seal::kMarkBytes);
}

bool SealCheck::FitsItsMark(size_t row) const {
  return rows_[row].digest && MarkOf(*rows_[row].digest) == Mark(row);
}

// Reports the rows that are not as their marks say; whether there are some.
bool SealCheck::NameRows() {
  absl::flat_hash_map<absl::string_view, int64_t> sealed_as;
  for (size_t i = 0; i < rows_.size(); ++i) {
    sealed_as.emplace(Mark(i), seal_->first + static_cast<int64_t>(i));
  }
  bool named = false;
  for (size_t i = 0; i < rows_.size(); ++i) {
    if (FitsItsMark(i)) continue;
    named = true;
    NameRow(i, sealed_as);
  }
  return named;
}

void SealCheck::NameRow(
    size_t i,
    const absl::flat_hash_map<absl::string_view, int64_t>& sealed_as) {
  const Row& row = rows_[i];
  const std::string subject =
      absl::StrCat("entry ", seal_->first + static_cast<int64_t>(i));
  if (!row.there) {
    Found(DiscrepancyKind::kRowMissing, subject, "it was sealed, and is gone");
    return;
  }
  if (!row.digest) return;  // AddUnreadable has said so
  const auto other = sealed_as.find(MarkOf(*row.digest));
  if (other == sealed_as.end()) {
    Found(DiscrepancyKind::kRowChanged, subject,
          "it was changed after it was sealed");
  } else {
    Found(DiscrepancyKind::kRowMoved, subject,
          absl::StrCat("it holds what was sealed as entry ", other->second));
  }
}

void SealCheck::CloseSeal() {
  const ChainHead sealed{seal_->last, seal_->hash};
  const std::string subject =
      absl::StrCat("seal of ", Entries(seal_->first, seal_->last));
  std::optional<ChainHead> walked;
  bool follows = false;
  for (size_t i = 0; i < heads_.size() && !follows; ++i) {
    walked = Walk(heads_[i]);
    follows = walked == sealed;
  }
  WalkPlain();
  if (follows) {
    for (size_t i = 0; i < rows_.size(); ++i) {
      if (FitsItsMark(i)) continue;
      Found(DiscrepancyKind::kSealChanged, subject,
            "its marks are not those of its entries");
      break;
    }
  } else if (!NameRows() && !heads_.empty()) {
    Found(DiscrepancyKind::kSealChanged, subject,
          "its hash does not follow from its entries and the seals before");
  }
  heads_ = {sealed};
  if (walked && *walked != sealed) heads_.push_back(*walked);
  NextUsableSeal();
}

void SealCheck::Finish() {
  while (seal_) CloseSeal();
  for (; next_checkpoint_ < checkpoints_.size(); ++next_checkpoint_) {
    const int64_t sequence = checkpoints_[next_checkpoint_].sequence;
    if (sequence == 0) continue;
    Found(DiscrepancyKind::kCheckpoint,
          absl::StrCat("checkpoint at entry ", sequence),
          sequence > seen_
              ? absl::StrCat("the ledger ends at entry ", seen_,
                             ": what followed was removed")
              : std::string("entries before it are missing"));
  }
}

std::string SealCheck::Entries(int64_t first, int64_t last) const {
  return absl::StrCat("entries ", first, " to ", last);
}

void SealCheck::Found(DiscrepancyKind kind, std::string subject,
                      std::string text) {
  report_.Add({.subject = std::move(subject),
               .stored = std::move(text),
               .kind = kind});
}

}  // namespace budget
