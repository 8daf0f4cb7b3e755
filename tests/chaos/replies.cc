#include "tests/chaos/replies.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

namespace budget::chaos {
namespace {

constexpr Verb kVerbs[] = {Verb::kReserve, Verb::kSettle, Verb::kRelease,
                           Verb::kSetLimit};

bool Covers(const Units& most, const Units& asked) {
  for (size_t unit = 0; unit < most.size(); ++unit) {
    if (most[unit] < asked[unit]) return false;
  }
  return true;
}

// Whether the ledger has what an OK says.
bool HasEntry(const Story& story, const Call& call) {
  const bool numbered =
      story.Has({call.sequence, call.verb, call.final}) ||
      (call.sequence == 0 && call.verb != Verb::kReserve);
  switch (call.verb) {
    case Verb::kReserve:
      return numbered && call.granted == story.reserved &&
             call.granted == call.asked;
    case Verb::kSettle:
      if (!call.final) {
        return numbered && story.Count(Verb::kReserve) > 0 &&
               Covers(story.used_max, call.asked);
      }
      return numbered && story.Count(Verb::kSettle) > 0 &&
             story.used == call.asked && call.used == call.asked;
    case Verb::kRelease:
      return numbered && story.Count(Verb::kRelease) + story.expiries > 0;
    case Verb::kSetLimit:
      return story.Count(Verb::kSetLimit) > 0 && story.cap == call.cap;
  }
  return false;
}

// Whether an OK says that this very call made the entry.
bool SaysItDidIt(const Call& call) {
  return call.verb == Verb::kReserve ? !call.replayed : call.sequence != 0;
}

// What is not final shows the reservation as it is by then.
bool MayBeRepeated(const Call& call) {
  return call.verb != Verb::kSettle || call.final;
}

bool AreEqual(const Call& a, const Call& b) {
  if (a.verb != Verb::kReserve) {
    return a.state == b.state && a.ended_micros == b.ended_micros &&
           a.used == b.used;
  }
  return a.sequence == b.sequence && a.granted == b.granted &&
         a.created_micros == b.created_micros &&
         a.expires_micros == b.expires_micros;
}

}  // namespace

std::string Replies::Name(const Uuid& id) const {
  return absl::StrCat(root_, " id ", id.ToString());
}

void Replies::Check(const Uuid& id, const Story& story) {
  CheckOnce(id, story);
  for (const Call* call : story.calls) {
    if (call->answer == Answer::kDenied) CheckDenial(*call, story);
  }
  for (Verb verb : kVerbs) CheckAnswers(story, verb);
}

void Replies::CheckOnce(const Uuid& id, const Story& story) {
  int most = story.expiries;
  for (Verb verb : kVerbs) most = std::max(most, story.Count(verb));
  verdicts_.Check(Invariant::kOneEffect, most <= 1, [&] {
    return absl::StrCat(Name(id), " took effect ", most, " times");
  });
}

void Replies::CheckAnswers(const Story& story, Verb verb) {
  const Call* first = nullptr;
  int did_it = 0;
  for (const Call* call : story.calls) {
    if (call->verb != verb || call->answer != Answer::kOk) continue;
    verdicts_.Check(Invariant::kOkHasEntry, HasEntry(story, *call), [&] {
      return absl::StrCat(Name(call->id), ": an OK to verb ",
                          static_cast<int>(verb), " that names entry ",
                          call->sequence, " has none that says the same");
    });
    if (!MayBeRepeated(*call)) continue;
    did_it += SaysItDidIt(*call);
    if (first == nullptr) first = call;
    CheckRepeat(*first, *call);
  }
  if (first == nullptr) return;
  verdicts_.Check(Invariant::kOneEffect, did_it <= 1, [&] {
    return absl::StrCat(Name(first->id), ": ", did_it,
                        " answers say that they did it");
  });
}

void Replies::CheckRepeat(const Call& first, const Call& call) {
  verdicts_.Check(Invariant::kSameReply, AreEqual(first, call), [&] {
    return absl::StrCat(Name(call.id), ": verb ", static_cast<int>(call.verb),
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
