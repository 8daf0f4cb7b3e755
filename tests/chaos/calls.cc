#include "tests/chaos/calls.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace budget::chaos {
namespace {

// Whether `call` asks for what `entry` is, the last of `story`.
bool Asks(const Call& call, const Entry& entry, const Story& story,
          Verb verb) {
  if (call.verb != verb || !MayHaveHappened(call.answer)) return false;
  switch (verb) {
    case Verb::kAdjust:
      return call.asked == story.held;
    case Verb::kSettle:
      return call.final == entry.final;
    case Verb::kSetLimit:
      return entry.caps.size() == 1 && entry.caps.front().second == call.cap;
    default:
      return true;
  }
}

// Whether one of several that are alike may be meant: what is held may have
// been so before, or come again, and reports follow on reports.
bool IsOneOfMany(const Call& call) {
  return call.verb == Verb::kAdjust || !call.final;
}

// Whether the entry was there when `call` was answered.
bool Answers(const Call& call, const Entry& entry) {
  return call.answer == Answer::kOk &&
         (!IsOneOfMany(call) || call.sequence == entry.sequence);
}

void AppendCall(std::string* text, const Call* call) {
  absl::StrAppend(text, KindOf(*call), " @", call->sequence,
                  call->batch == 0 ? "" : " in a batch");
}

}  // namespace

Calls::Calls(std::string root, const std::vector<Call>& calls,
             int64_t setup_entries, const Weather& weather,
             Verdicts& verdicts)
    : root_(root),
      setup_entries_(setup_entries),
      weather_(weather),
      verdicts_(verdicts),
      replies_(std::move(root), verdicts) {
  for (const Call& call : calls) stories_[call.id].calls.push_back(&call);
}

void Calls::Add(const Entry& entry) {
  if (entry.sequence <= setup_entries_) return;
  const auto id = entry.reservation ? entry.reservation : entry.request;
  if (!id) return CheckAsked(entry, {}, false);
  Story& story = stories_[*id];
  Follow(entry, story);
  switch (entry.kind) {
    case kReserveEntry:
      return Match(entry, story, Verb::kReserve);
    case kAdjustEntry:
      return Match(entry, story, Verb::kAdjust);
    case kSettleEntry:
      return Match(entry, story, Verb::kSettle);
    case kReleaseEntry:
      return Match(entry, story, Verb::kRelease);
    case kRecordUsageEntry:
      return Match(entry, story, Verb::kRecordUsage);
    case kSetLimitEntry:
      return Match(entry, story, Verb::kSetLimit);
    case kExpireEntry:  // of what was held, whose call was matched
      return CheckAsked(entry, story, story.Count(Verb::kReserve) > 0);
    default:
      return CheckAsked(entry, story, false);
  }
}

// It was made after the first call that asked for it began, and before the
// first answer that says so.
void Calls::Match(const Entry& entry, const Story& story, Verb verb) {
  Effect effect{.sequence = entry.sequence, .called = kNever};
  for (const Call* call : story.calls) {
    if (!Asks(*call, entry, story, verb)) continue;
    effect.called = std::min(effect.called, call->called);
    if (Answers(*call, entry)) {
      effect.returned = std::min(effect.returned, call->returned);
    }
  }
  const bool asked = effect.called != kNever;
  CheckAsked(entry, story, asked);
  if (asked) effects_.push_back(effect);
}

void Calls::CheckAsked(const Entry& entry, const Story& story, bool asked) {
  verdicts_.Check(Invariant::kEntryHasCall, asked, [&] {
    return absl::StrCat(
        root_, " entry ", entry.sequence, " of kind ", entry.kind,
        " was asked for by no call that is OK or unknown: ",
        entry.reservation ? entry.reservation->ToString() : "no reservation",
        " (", absl::StrJoin(story.calls, "; ", AppendCall), ")");
  });
}

void Calls::Finish() {
  for (const auto& [id, story] : stories_) {
    if (!story.calls.empty()) {
      verdicts_.Under(weather_.At(story.calls.front()->called));
    }
    replies_.Check(id, story);
  }
}

}  // namespace budget::chaos
