#include "tests/chaos/replies.h"

#include <algorithm>
#include <cstdint>
#include <map>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

namespace budget::chaos {
namespace {

bool Covers(const Units& most, const Units& asked) {
  for (size_t unit = 0; unit < most.size(); ++unit) {
    if (most[unit] < asked[unit]) return false;
  }
  return true;
}

bool HasAdjustment(const Story& story, const Call& call) {
  if (call.granted != call.asked) return false;
  return call.sequence == 0 ? story.EverHeld(call.asked)
                            : story.Has({call.sequence, Verb::kAdjust, true,
                                         call.asked});
}

// Whether all that was asked was booked, and the answer shows how.
bool HasUsage(const Story& story, const Call& call) {
  for (size_t unit = 0; unit < call.asked.size(); ++unit) {
    if (call.spent[unit] + call.overage[unit] != call.asked[unit]) return false;
  }
  return story.spent == call.spent && story.overage == call.overage;
}

bool HasSettlement(const Story& story, const Call& call) {
  if (!call.final) {
    return story.Count(Verb::kReserve) > 0 &&
           Covers(story.used_max, call.asked);
  }
  return story.Count(Verb::kSettle) > 0 && HasUsage(story, call);
}

// Whether there is an entry of that number, or none is named where nothing may
// have changed.
bool HasNumber(const Story& story, const Call& call) {
  const bool always_names_one =
      call.verb == Verb::kReserve || call.verb == Verb::kRecordUsage;
  return story.Has({call.sequence, call.verb, call.final}) ||
         (call.sequence == 0 && !always_names_one);
}

// Whether the ledger has what an OK says.
bool HasEntry(const Story& story, const Call& call) {
  switch (call.verb) {
    case Verb::kReserve:
      return HasNumber(story, call) && call.granted == story.reserved &&
             call.granted == call.asked;
    case Verb::kAdjust:
      return HasAdjustment(story, call);
    case Verb::kSettle:
      return HasNumber(story, call) && HasSettlement(story, call);
    case Verb::kRelease:
      return HasNumber(story, call) &&
             story.Count(Verb::kRelease) + story.expiries > 0;
    case Verb::kRecordUsage:
      return HasNumber(story, call) && HasUsage(story, call);
    case Verb::kSetLimit:
      return story.Count(Verb::kSetLimit) > 0 && story.cap == call.cap;
  }
  return false;
}

// Of others each may leave an entry, and shows the reservation as it is by
// then.
bool HasOneEffect(Verb verb, bool final) {
  return verb != Verb::kAdjust && (verb != Verb::kSettle || final);
}

// Whether the answer is about what was done under the id. That of an
// administrator is about the limit as it is by then.
bool ShowsTheEffect(Verb verb) { return verb != Verb::kSetLimit; }

// By an adjustment. The last attempt of one that was told that nothing changed
// made none.
int EntriesAtMost(const Call& call) {
  const bool changed_nothing =
      call.answer == Answer::kOk && call.sequence == 0;
  return call.attempts - (changed_nothing ? 1 : 0);
}

bool AreEqual(const Call& a, const Call& b) {
  switch (a.verb) {
    case Verb::kReserve:
      return a.sequence == b.sequence && a.granted == b.granted &&
             a.created_micros == b.created_micros &&
             a.expires_micros == b.expires_micros;
    case Verb::kRecordUsage:
      return a.sequence == b.sequence && a.spent == b.spent &&
             a.overage == b.overage &&
             a.created_micros == b.created_micros &&
             a.ended_micros == b.ended_micros;
    default:
      return a.state == b.state && a.ended_micros == b.ended_micros &&
             a.spent == b.spent && a.overage == b.overage;
  }
}

}  // namespace

std::string Replies::Name(const Uuid& id) const {
  return absl::StrCat(root_, " id ", id.ToString());
}

void Replies::Check(const Uuid& id, const Story& story) {
  CheckOnce(id, story);
  CheckAdjustments(id, story);
  for (const Call* call : story.calls) {
    const bool denied = call->answer == Answer::kDenied;
    if (denied && call->verb == Verb::kReserve) CheckDenial(*call, story);
  }
  for (Verb verb : kVerbs) CheckAnswers(story, verb);
}

void Replies::CheckOnce(const Uuid& id, const Story& story) {
  int most = story.expiries;
  for (Verb verb : kVerbs) {
    if (HasOneEffect(verb, true)) most = std::max(most, story.Count(verb));
  }
  verdicts_.Check(Invariant::kOneEffect, most <= 1, [&] {
    return absl::StrCat(Name(id), " took effect ", most, " times");
  });
}

// Others have one effect however often they are sent, an adjustment one for
// each attempt at most.
void Replies::CheckAdjustments(const Uuid& id, const Story& story) {
  std::map<Units, int> most;  // entries, by what was to be held
  for (const Call* call : story.calls) {
    if (call->verb != Verb::kAdjust || !MayHaveHappened(call->answer)) continue;
    most[call->asked] += EntriesAtMost(*call);
  }
  for (const auto& [held, attempts] : most) {
    const int entries = story.CountAdjustments(held);
    const int entries_max = attempts;
    verdicts_.Check(Invariant::kOneEffect, entries <= entries_max, [&] {
      return absl::StrCat(Name(id), " was adjusted to one hold ", entries,
                          " times, by attempts that can have done it ",
                          entries_max, " times");
    });
  }
}

void Replies::CheckAnswers(const Story& story, Verb verb) {
  const Call* first = nullptr;
  std::map<int64_t, int> made_it;  // answers by entry; 0: the only one
  for (const Call* call : story.calls) {
    if (call->verb != verb || call->answer != Answer::kOk) continue;
    verdicts_.Check(Invariant::kOkHasEntry, HasEntry(story, *call), [&] {
      return absl::StrCat(Name(call->id), ": an OK to ", NameOf(verb),
                          " that names entry ", call->sequence,
                          " has none that says the same");
    });
    const bool one = HasOneEffect(verb, call->final);
    if (SaysItMadeIt(*call)) ++made_it[one ? 0 : call->sequence];
    if (!one || !ShowsTheEffect(verb)) continue;
    if (first != nullptr) CheckRepeat(*first, *call);
    if (first == nullptr) first = call;
  }
  for (const auto& [entry, answers] : made_it) {
    const int count = answers;
    verdicts_.Check(Invariant::kOneEffect, count <= 1, [&] {
      return absl::StrCat(Name(story.calls.front()->id), ": ", count,
                          " answers to ", NameOf(verb),
                          " say that they did it");
    });
  }
}

void Replies::CheckRepeat(const Call& first, const Call& call) {
  verdicts_.Check(Invariant::kSameReply, AreEqual(first, call), [&] {
    return absl::StrCat(Name(call.id), ": ", NameOf(call.verb),
                        " was answered in two ways");
  });
}

// A no may become a yes, never the reverse.
void Replies::CheckDenial(const Call& denied, const Story& story) {
  const bool taken_back = absl::c_any_of(story.calls, [&](const Call* call) {
    return call->verb == Verb::kReserve && call->answer == Answer::kOk &&
           call->returned < denied.called;
  });
  verdicts_.Check(Invariant::kSameReply, !taken_back, [&] {
    return absl::StrCat(Name(denied.id), " was denied after it was held");
  });
}

}  // namespace budget::chaos
