#include "tests/chaos/calls.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

namespace budget::chaos {
namespace {

bool MayHaveHappened(const Call& call) {
  return call.answer == Answer::kOk || call.answer == Answer::kUnknown;
}

// Whether `call` asks for what `entry` is.
bool Asks(const Call& call, const Entry& entry, Verb verb) {
  if (call.verb != verb || !MayHaveHappened(call)) return false;
  return verb != Verb::kSettle || call.final == entry.final;
}

}  // namespace

Calls::Calls(std::string root, const std::vector<Call>& calls,
             Verdicts& verdicts)
    : root_(std::move(root)), verdicts_(verdicts) {
  for (const Call& call : calls) stories_[call.id].calls.push_back(&call);
}

std::string Calls::Name(const Uuid& id) const {
  return absl::StrCat(root_, " reservation ", id.ToString());
}

void Calls::Add(const Entry& entry) {
  if (!entry.reservation) return;
  Story& story = stories_[*entry.reservation];
  for (size_t unit = 0; unit < entry.spent.size(); ++unit) {
    story.used[unit] += entry.spent[unit] + entry.overage[unit];
  }
  switch (entry.kind) {
    case kReserveEntry:
      ++story.reserves;
      story.reserve_sequence = entry.sequence;
      story.reserved = entry.reserved;
      return Match(entry, story, Verb::kReserve);
    case kSettleEntry:
      story.final_settles += entry.final;
      return Match(entry, story, Verb::kSettle);
    case kReleaseEntry:
      ++story.releases;
      return Match(entry, story, Verb::kRelease);
    default:
      story.expiries += entry.kind == kExpireEntry;
  }
}

// It was made after the first call that asked for it began, and before the
// first answer that says so.
void Calls::Match(const Entry& entry, const Story& story, Verb verb) {
  Effect effect{.sequence = entry.sequence, .called = kNever};
  for (const Call* call : story.calls) {
    if (!Asks(*call, entry, verb)) continue;
    effect.called = std::min(effect.called, call->called);
    if (call->answer == Answer::kOk) {
      effect.returned = std::min(effect.returned, call->returned);
    }
  }
  const bool asked = effect.called != kNever;
  verdicts_.Check(Invariant::kEntryHasCall, asked, [&] {
    return absl::StrCat(root_, " entry ", entry.sequence, " of kind ",
                        entry.kind, " was asked for by no call that is OK or ",
                        "unknown: ", entry.reservation->ToString());
  });
  // Reports before the last may share an entry or leave none.
  if (asked && (verb != Verb::kSettle || entry.final)) {
    effects_.push_back(effect);
  }
}

void Calls::Finish() {
  for (const auto& [id, story] : stories_) {
    const int most = std::max(
        {story.reserves, story.final_settles, story.releases, story.expiries});
    verdicts_.Check(Invariant::kOneEffect, most <= 1, [&, &id = id] {
      return absl::StrCat(Name(id), " took effect ", most, " times");
    });
    CheckReplies(id, story);
  }
}

void Calls::CheckReplies(const Uuid& id, const Story& story) {
  const Call* first = nullptr;
  for (const Call* call : story.calls) {
    if (call->answer == Answer::kDenied) CheckDenial(*call, story);
    if (call->answer != Answer::kOk) continue;
    bool found = true;
    switch (call->verb) {
      case Verb::kReserve:
        found = story.reserves > 0;
        if (found) CheckReserved(*call, story);
        if (first == nullptr) first = call;
        CheckRepeats(*first, *call);
        break;
      case Verb::kSettle:
        found = call->final
                    ? story.final_settles > 0 && story.used == call->asked
                    : story.reserves > 0;
        break;
      case Verb::kRelease:
        found = story.releases + story.expiries > 0;
        break;
    }
    verdicts_.Check(Invariant::kOkHasEntry, found, [&] {
      return absl::StrCat(Name(id), ": an OK to verb ",
                          static_cast<int>(call->verb),
                          " has no entry that says the same");
    });
  }
}

// A no may become a yes, never the reverse.
void Calls::CheckDenial(const Call& denied, const Story& story) {
  const bool taken_back =
      absl::c_any_of(story.calls, [&](const Call* call) {
        return call->verb == Verb::kReserve && call->answer == Answer::kOk &&
               call->returned < denied.called;
      });
  verdicts_.Check(Invariant::kSameReply, !taken_back, [&] {
    return absl::StrCat(Name(denied.id), " was denied after it was held");
  });
}

void Calls::CheckReserved(const Call& call, const Story& story) {
  const bool equal = call.sequence == story.reserve_sequence &&
                     call.granted == story.reserved &&
                     call.granted == call.asked;
  verdicts_.Check(Invariant::kOkHasEntry, equal, [&] {
    return absl::StrCat(Name(call.id), ": answered entry ", call.sequence,
                        ", the ledger has ", story.reserve_sequence,
                        " or other amounts");
  });
}

void Calls::CheckRepeats(const Call& first, const Call& call) {
  const bool equal = call.sequence == first.sequence &&
                     call.granted == first.granted &&
                     call.created_micros == first.created_micros &&
                     call.expires_micros == first.expires_micros;
  verdicts_.Check(Invariant::kSameReply, equal, [&] {
    return absl::StrCat(Name(call.id), " was answered in two ways");
  });
  const bool held_twice =
      &first != &call && !first.replayed && !call.replayed;
  verdicts_.Check(Invariant::kOneEffect, !held_twice, [&] {
    return absl::StrCat(Name(call.id), ": two answers say that they held it");
  });
}

}  // namespace budget::chaos
