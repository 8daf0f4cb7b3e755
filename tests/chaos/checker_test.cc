// The checkers are checked: a good history passes, and each way in which one
// may be bad is found, under its name.

#include "tests/chaos/checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/chaos/fold.h"

namespace budget::chaos {
namespace {

using ::testing::ElementsAre;

constexpr int kSlots = 1;    // a lifetime limit of requests
constexpr int kBurst = 2;    // a rolling limit of tokens, over a minute
constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kStart = 1'700'000'000 * kSecond;
constexpr int kSlotsCap = 2;

Uuid IdOf(uint8_t number) {
  Uuid id;
  id.bytes[15] = number;
  return id;
}

// The invariants that are violated.
std::vector<std::string> FoundIn(const Verdicts& verdicts) {
  std::vector<std::string> found;
  for (Invariant invariant : AllInvariants()) {
    if (verdicts.violations(invariant) > 0) {
      found.emplace_back(NameOf(invariant));
    }
  }
  return found;
}

// A root and its clients, written by hand. Every call takes one unit of time
// from the last one on, every entry one second.
class Story {
 public:
  Story() {
    evidence_.root = "acme";
    evidence_.limits = {{kSlots, {"acme slots", 2, kLifetime, 0}},
                        {kBurst, {"acme burst", 1, kRolling, 60}}};
    evidence_.limits_of_target = {{kSlots, kBurst}};
    Entry made = NewEntry(7);
    made.caps = {{kSlots, kSlotsCap}, {kBurst, 1000}};
    Append(made);
    evidence_.setup_entries = 1;
  }

  Call Reserve(uint8_t id, int64_t tokens = 10) {
    Entry entry = NewEntry(kReserveEntry, id);
    entry.reserved = {0, tokens, 1};
    Append(entry);
    Call call = NewCall(Verb::kReserve, Answer::kOk, id);
    call.asked = call.granted = entry.reserved;
    call.sequence = entry.sequence;
    call.created_micros = entry.at_micros;
    call.expires_micros = entry.at_micros + 100 * kSecond;
    return Append(call);
  }
  Call Settle(uint8_t id, int64_t tokens = 10) {
    Entry entry = NewEntry(kSettleEntry, id);
    entry.reserved = {0, -10, -1};
    entry.spent = {0, tokens, 1};
    entry.final = true;
    Append(entry);
    Call call = NewCall(Verb::kSettle, Answer::kOk, id);
    call.sequence = entry.sequence;
    call.asked = call.used = entry.spent;
    return Append(call);
  }
  // Usage so far; the rest stays held.
  Call Report(uint8_t id, int64_t tokens) {
    Entry entry = NewEntry(kSettleEntry, id);
    entry.reserved = {0, -tokens, 0};
    entry.spent = {0, tokens, 0};
    Append(entry);
    Call call = NewCall(Verb::kSettle, Answer::kOk, id);
    call.sequence = entry.sequence;
    call.final = false;
    call.asked = call.used = entry.spent;
    return Append(call);
  }
  Call Release(uint8_t id) {
    Entry entry = NewEntry(kReleaseEntry, id);
    entry.reserved = {0, -10, -1};
    Append(entry);
    Call call = NewCall(Verb::kRelease, Answer::kOk, id);
    call.sequence = entry.sequence;
    return Append(call);
  }
  void Expire(uint8_t id, int64_t at_micros) {
    Entry entry = NewEntry(kExpireEntry, id);
    entry.reserved = {0, -10, -1};
    entry.at_micros = now_micros_ = at_micros;
    Append(entry);
  }
  Call Deny(uint8_t id) {
    Call call = NewCall(Verb::kReserve, Answer::kDenied, id);
    call.asked = {0, 10, 1};
    call.reason = "BUDGET_EXHAUSTED";
    return Append(call);
  }
  Call SetCap(int64_t cap) {
    Entry entry = NewEntry(kSetLimitEntry);
    entry.request = IdOf(static_cast<uint8_t>(100 + sequence_));
    entry.caps = {{kSlots, cap}};
    Append(entry);
    Call call = NewCall(Verb::kSetLimit, Answer::kOk, 0);
    call.id = *entry.request;
    call.cap = cap;
    return Append(call);
  }
  void ReadSlots(int64_t spent, int64_t reserved) {
    evidence_.reads.push_back({.called = now_ + 1,
                               .returned = now_ + 2,
                               .sequence = sequence_,
                               .read_micros = now_micros_,
                               .limits = {{kSlots, spent, reserved, 0}}});
    now_ += 2;
  }
  // The counters as of now, as the ledger has them.
  void Count() {
    evidence_.counters = {{.key = {kSlots, 0}, .as_of_micros = now_micros_},
                          {.key = {kBurst, 0}, .as_of_micros = now_micros_}};
    for (const Entry& entry : evidence_.entries) {
      if (entry.pins.empty()) continue;
      for (StoredCounter& counter : evidence_.counters) {
        const int unit = evidence_.limits.at(counter.key.limit).unit;
        if (counter.key.limit != kBurst || !BurstIsOver()) {
          counter.spent += entry.spent[unit];
        }
        counter.reserved += entry.reserved[unit];
      }
    }
  }

  void AppendOfKind(int kind, uint8_t id = 0) {
    Entry entry = NewEntry(kind, id);
    entry.pins.clear();
    Append(entry);
  }
  Call Append(Call call) {
    evidence_.calls.push_back(call);
    return call;
  }
  void Append(const Entry& entry) { evidence_.entries.push_back(entry); }
  Call NewCall(Verb verb, Answer answer, uint8_t id) {
    now_ += 10;
    return {.verb = verb, .answer = answer, .id = IdOf(id), .called = now_ - 9,
            .returned = now_};
  }
  Evidence& evidence() { return evidence_; }
  Entry& last_entry() { return evidence_.entries.back(); }
  Call& last_call() { return evidence_.calls.back(); }

  Verdicts Judge() const {
    Verdicts verdicts;
    CheckRoot(evidence_, verdicts);
    return verdicts;
  }
  std::vector<std::string> Found() {
    if (evidence_.counters.empty()) Count();
    return FoundIn(Judge());
  }

 private:
  Entry NewEntry(int kind, uint8_t id = 0) {
    now_micros_ += kSecond;
    Entry entry{
        .sequence = ++sequence_, .at_micros = now_micros_, .kind = kind};
    if (id == 0) return entry;
    entry.reservation = IdOf(id);
    entry.pins = {{kSlots, 0}, {kBurst, BucketAt(kStart, 60)}};
    return entry;
  }

  // Whether what was admitted at the start counts no more.
  bool BurstIsOver() const { return now_micros_ > kStart + 61 * kSecond; }

  Evidence evidence_;
  int64_t sequence_ = 0;
  int64_t now_micros_ = kStart;
  Nanos now_ = 0;
};

TEST(CheckerTest, AGoodHistoryPasses) {
  Story story;
  story.Reserve(1);
  story.Reserve(2);
  story.Deny(3);
  story.ReadSlots(0, 2);
  story.Release(1);
  story.Settle(2);
  story.ReadSlots(1, 0);
  story.Count();
  EXPECT_THAT(story.Found(), ElementsAre());
}

TEST(CheckerTest, FindsACapThatIsPassed) {
  Story story;
  story.Reserve(1);
  story.Reserve(2);
  story.Reserve(3);
  EXPECT_THAT(story.Found(), ElementsAre("cap_holds"));
}

TEST(CheckerTest, FindsARollingCapThatIsPassed) {
  Story story;
  story.Reserve(1, 1001);
  EXPECT_THAT(story.Found(), ElementsAre("cap_holds"));
}

TEST(CheckerTest, AllowsUsageToFallTowardsALoweredCap) {
  Story story;
  story.Reserve(1);
  story.Reserve(2);
  story.SetCap(0);
  story.Release(1);
  story.Release(2);
  EXPECT_THAT(story.Found(), ElementsAre());
}

TEST(CheckerTest, FindsARisePastALoweredCap) {
  Story story;
  story.SetCap(1);
  story.Reserve(1);
  story.Reserve(2);
  EXPECT_THAT(story.Found(), ElementsAre("cap_holds"));
}

TEST(CheckerTest, FindsAnAnswerWithoutAnEntry) {
  Story story;
  story.Reserve(1);
  story.Settle(1);
  story.evidence().entries.pop_back();
  EXPECT_THAT(story.Found(), ElementsAre("ok_has_entry"));
}

TEST(CheckerTest, FindsAnAnswerWithTheNumberOfAnotherEntry) {
  Story story;
  story.Reserve(1);
  ++story.last_call().sequence;
  EXPECT_THAT(story.Found(), ElementsAre("ok_has_entry"));
}

TEST(CheckerTest, FindsAHoldOfLessThanWasAsked) {
  Story story;
  story.Reserve(1);
  ++story.last_call().asked[1];
  EXPECT_THAT(story.Found(), ElementsAre("ok_has_entry"));
}

TEST(CheckerTest, FindsASettleOfOtherAmounts) {
  Story story;
  story.Reserve(1);
  story.Settle(1);
  ++story.last_call().asked[1];
  EXPECT_THAT(story.Found(), ElementsAre("ok_has_entry"));
}

TEST(CheckerTest, FindsASettleThatShowsOtherAmounts) {
  Story story;
  story.Reserve(1);
  story.Settle(1);
  ++story.last_call().used[1];
  EXPECT_THAT(story.Found(), ElementsAre("ok_has_entry"));
}

TEST(CheckerTest, FindsASettleWithTheNumberOfAnotherEntry) {
  Story story;
  story.Reserve(1);
  story.Settle(1);
  --story.last_call().sequence;
  EXPECT_THAT(story.Found(), ElementsAre("ok_has_entry"));
}

TEST(CheckerTest, AllowsASettleThatChangedNothingMore) {
  Story story;
  story.Reserve(1);
  Call again = story.Settle(1);
  again.sequence = 0;
  story.Append(again);
  EXPECT_THAT(story.Found(), ElementsAre());
}

TEST(CheckerTest, AllowsAReportBeforeTheLast) {
  Story story;
  story.Reserve(1);
  story.Report(1, 4);
  EXPECT_THAT(story.Found(), ElementsAre());
}

TEST(CheckerTest, FindsAReportWithoutAnEntryOfItsOwn) {
  Story story;
  story.Reserve(1);
  story.Report(1, 4);
  story.evidence().entries.pop_back();
  EXPECT_THAT(story.Found(), ElementsAre("ok_has_entry"));
}

TEST(CheckerTest, FindsAReportThatChangedNothingAndSaysMoreThanTheLedger) {
  Story story;
  story.Reserve(1);
  Call again = story.Report(1, 4);
  again.sequence = 0;
  ++again.asked[1];
  story.Append(again);
  EXPECT_THAT(story.Found(), ElementsAre("ok_has_entry"));
}

TEST(CheckerTest, FindsAReleaseWithoutAnEntry) {
  Story story;
  story.Reserve(1);
  story.Release(1);
  story.evidence().entries.pop_back();
  EXPECT_THAT(story.Found(), ElementsAre("ok_has_entry"));
}

TEST(CheckerTest, FindsAReleaseWithTheNumberOfAnotherEntry) {
  Story story;
  story.Reserve(1);
  story.Release(1);
  --story.last_call().sequence;
  EXPECT_THAT(story.Found(), ElementsAre("ok_has_entry"));
}

TEST(CheckerTest, FindsACapThatWasSetWithoutAnEntry) {
  Story story;
  story.SetCap(5);
  story.evidence().entries.pop_back();
  EXPECT_THAT(story.Found(), ElementsAre("ok_has_entry"));
}

TEST(CheckerTest, FindsACapThatNobodySet) {
  Story story;
  story.SetCap(5);
  story.evidence().calls.clear();
  EXPECT_THAT(story.Found(), ElementsAre("entry_has_call"));
}

TEST(CheckerTest, FindsAnotherCapThanWasSet) {
  Story story;
  story.SetCap(5);
  story.last_call().answer = Answer::kUnknown;
  ++story.last_call().cap;
  EXPECT_THAT(story.Found(), ElementsAre("entry_has_call"));
}

TEST(CheckerTest, FindsACapOfACallThatWasRefused) {
  Story story;
  story.SetCap(5);
  story.last_call().answer = Answer::kRefused;
  EXPECT_THAT(story.Found(), ElementsAre("entry_has_call"));
}

TEST(CheckerTest, FindsAnEntryOfAKindThatNobodyAsksFor) {
  Story story;
  story.AppendOfKind(14);
  EXPECT_THAT(story.Found(), ElementsAre("entry_has_call"));
}

TEST(CheckerTest, FindsAnEntryThatMovesAReservationInAnotherWay) {
  Story story;
  story.Reserve(1);
  story.AppendOfKind(2, 1);
  EXPECT_THAT(story.Found(), ElementsAre("entry_has_call"));
}

TEST(CheckerTest, FindsAnExpiryOfWhatWasNeverHeld) {
  Story story;
  story.AppendOfKind(kExpireEntry, 1);
  EXPECT_THAT(story.Found(), ElementsAre("entry_has_call"));
}

TEST(CheckerTest, FindsAnEntryThatNobodyAskedFor) {
  Story story;
  story.Reserve(1);
  story.evidence().calls.clear();
  EXPECT_THAT(story.Found(), ElementsAre("entry_has_call"));
}

TEST(CheckerTest, FindsAnEntryOfACallThatWasRefused) {
  Story story;
  story.Reserve(1);
  story.last_call().answer = Answer::kRefused;
  EXPECT_THAT(story.Found(), ElementsAre("entry_has_call"));
}

TEST(CheckerTest, AllowsAnUnknownCallToHaveHappened) {
  Story story;
  story.Reserve(1);
  story.last_call().answer = Answer::kUnknown;
  EXPECT_THAT(story.Found(), ElementsAre());
}

TEST(CheckerTest, AllowsAnUnknownCallToHaveDoneNothing) {
  Story story;
  story.Append(story.NewCall(Verb::kReserve, Answer::kUnknown, 1));
  EXPECT_THAT(story.Found(), ElementsAre());
}

TEST(CheckerTest, FindsAHoldThatWasMadeTwice) {
  Story story;
  story.Reserve(1);
  story.Reserve(1);
  EXPECT_THAT(story.Found(), ::testing::Contains("one_effect"));
}

TEST(CheckerTest, FindsTwoAnswersThatBothHeld) {
  Story story;
  Call again = story.Reserve(1);
  again.called += 10;
  again.returned += 10;
  story.Append(again);
  EXPECT_THAT(story.Found(), ElementsAre("one_effect"));
}

TEST(CheckerTest, FindsTwoAnswersThatBothSettled) {
  Story story;
  story.Reserve(1);
  story.Append(story.Settle(1));
  EXPECT_THAT(story.Found(), ElementsAre("one_effect"));
}

TEST(CheckerTest, FindsTwoExpiriesOfAReservation) {
  Story story;
  const Call call = story.Reserve(1);
  story.Reserve(2);
  story.Expire(1, call.expires_micros);
  story.Expire(1, call.expires_micros);
  EXPECT_THAT(story.Found(), ::testing::Contains("one_effect"));
}

TEST(CheckerTest, AllowsARepeatThatSaysSo) {
  Story story;
  Call again = story.Reserve(1);
  again.replayed = true;
  story.Append(again);
  EXPECT_THAT(story.Found(), ElementsAre());
}

TEST(CheckerTest, FindsARepeatThatAnswersOtherwise) {
  Story story;
  Call again = story.Reserve(1);
  again.replayed = true;
  again.expires_micros += kSecond;
  story.Append(again);
  EXPECT_THAT(story.Found(), ElementsAre("same_reply"));
}

TEST(CheckerTest, FindsASettleThatIsRepeatedAndAnswersOtherwise) {
  Story story;
  story.Reserve(1);
  Call again = story.Settle(1);
  again.sequence = 0;
  ++again.ended_micros;
  story.Append(again);
  EXPECT_THAT(story.Found(), ElementsAre("same_reply"));
}

TEST(CheckerTest, FindsAReleaseThatIsRepeatedAndAnswersOtherwise) {
  Story story;
  story.Reserve(1);
  Call again = story.Release(1);
  again.sequence = 0;
  ++again.state;
  story.Append(again);
  EXPECT_THAT(story.Found(), ElementsAre("same_reply"));
}

TEST(CheckerTest, FindsADenialOfWhatWasHeld) {
  Story story;
  story.Reserve(1);
  story.Reserve(2);
  story.Deny(1);
  EXPECT_THAT(story.Found(), ElementsAre("same_reply"));
}

TEST(CheckerTest, FindsACounterThatDiffers) {
  Story story;
  story.Reserve(1);
  story.Count();
  ++story.evidence().counters[0].spent;
  EXPECT_THAT(story.Found(), ElementsAre("counters_fold"));
}

TEST(CheckerTest, FindsACounterThatIsGone) {
  Story story;
  story.Reserve(1);
  story.Count();
  story.evidence().counters.pop_back();
  EXPECT_THAT(story.Found(), ElementsAre("counters_fold"));
}

TEST(CheckerTest, FindsACounterThatStraysForAMoment) {
  Story story;
  story.Reserve(1);
  Verdicts verdicts;
  Fold fold("acme", story.evidence().limits, verdicts);
  for (const Entry& entry : story.evidence().entries) fold.Add(entry);
  story.Count();
  fold.Compare(story.evidence().counters);
  EXPECT_THAT(FoundIn(verdicts), ElementsAre());
  ++story.evidence().counters[1].reserved;
  fold.Compare(story.evidence().counters);
  EXPECT_THAT(FoundIn(verdicts), ElementsAre("counters_fold"));
}

TEST(CheckerTest, FindsACounterBelowZero) {
  Story story;
  story.Reserve(1);
  story.Settle(1, -1);
  EXPECT_THAT(story.Found(), ElementsAre("counters_fold"));
}

TEST(CheckerTest, FindsAMoveOfAnUnknownLimit) {
  Story story;
  story.Reserve(1);
  story.last_entry().pins.push_back({.limit = 99});
  EXPECT_THAT(story.Found(), ElementsAre("counters_fold"));
}

TEST(CheckerTest, FindsAHoldThatIsNotWhollyFreed) {
  Story story;
  story.Reserve(1);
  story.Release(1);
  ++story.last_entry().reserved[1];
  EXPECT_THAT(story.Found(), ElementsAre("hold_freed"));
}

TEST(CheckerTest, FindsAHoldThatMovesAfterItsEnd) {
  Story story;
  const Call call = story.Reserve(1);
  story.Reserve(2);
  story.Expire(1, call.expires_micros);
  story.Settle(1);
  story.last_entry().late = true;
  EXPECT_THAT(story.Found(), ElementsAre("hold_freed"));
}

TEST(CheckerTest, FindsTwoEndsOfAReservation) {
  Story story;
  story.Reserve(1);
  story.Reserve(2);
  story.Release(1);
  story.Settle(1);
  EXPECT_THAT(story.Found(), ::testing::Contains("one_end"));
}

TEST(CheckerTest, AllowsALateSettle) {
  Story story;
  Call call = story.Reserve(1);
  story.Expire(1, call.expires_micros + kSecond);
  story.Settle(1);
  story.last_entry().late = true;
  story.last_entry().reserved = {};
  EXPECT_THAT(story.Found(), ElementsAre());
}

TEST(CheckerTest, FindsAHole) {
  Story story;
  story.SetCap(5);
  story.last_call().answer = Answer::kUnknown;
  story.SetCap(6);
  story.evidence().entries.erase(story.evidence().entries.end() - 2);
  EXPECT_THAT(story.Found(), ElementsAre("no_holes"));
}

TEST(CheckerTest, FindsTimeThatFalls) {
  Story story;
  story.SetCap(5);
  story.last_entry().at_micros = 0;
  EXPECT_THAT(story.Found(), ElementsAre("no_holes"));
}

TEST(CheckerTest, FindsEntriesInTheWrongOrder) {
  Story story;
  story.Reserve(1);
  story.Reserve(2);
  // The second was answered before the first was called.
  Call& first = story.evidence().calls[0];
  first.called += 100;
  first.returned += 100;
  EXPECT_THAT(story.Found(), ElementsAre("real_time_order"));
}

TEST(CheckerTest, AllowsAnyOrderOfCallsThatOverlap) {
  Story story;
  story.Reserve(1);
  story.Reserve(2);
  Call& first = story.evidence().calls[0];
  first.returned += 100;
  first.called = story.evidence().calls[1].returned - 1;
  EXPECT_THAT(story.Found(), ElementsAre());
}

TEST(CheckerTest, FindsADenialThatNothingExplains) {
  Story story;
  story.Reserve(1);
  story.Deny(2);
  EXPECT_THAT(story.Found(), ElementsAre("denial_explained"));
}

TEST(CheckerTest, FindsADenialThatIsExplainedByThePastOnly) {
  Story story;
  story.Reserve(1);
  story.Reserve(2);
  story.Release(1);
  story.Deny(3);
  story.Reserve(4);
  EXPECT_THAT(story.Found(), ElementsAre("denial_explained"));
}

TEST(CheckerTest, AllowsADenialThatWasTrueWhileItWasAsked) {
  Story story;
  story.Reserve(1);
  const Call second = story.Reserve(2);
  story.Release(1);
  story.Deny(3);
  story.last_call().called = second.called;
  EXPECT_THAT(story.Found(), ElementsAre());
}

TEST(CheckerTest, FindsAReadOfOtherFigures) {
  Story story;
  story.Reserve(1);
  story.ReadSlots(1, 0);
  EXPECT_THAT(story.Found(), ElementsAre("read_matches"));
}

TEST(CheckerTest, FindsAReadThatIsStale) {
  Story story;
  story.Reserve(1);
  story.ReadSlots(0, 0);
  --story.evidence().reads.back().sequence;
  EXPECT_THAT(story.Found(), ElementsAre("read_matches"));
}

TEST(CheckerTest, FindsAReadOfAnEntryThatIsNotThere) {
  Story story;
  story.Reserve(1);
  story.ReadSlots(0, 1);
  ++story.evidence().reads.back().sequence;
  EXPECT_THAT(story.Found(), ElementsAre("read_matches"));
}

TEST(CheckerTest, FindsAReadOfAnEntryThatCameLater) {
  Story story;
  story.ReadSlots(0, 0);
  story.Reserve(1);
  Read& read = story.evidence().reads.back();
  ++read.sequence;
  read.limits = {{kSlots, 0, 1, 0}};
  EXPECT_THAT(story.Found(), ElementsAre("read_matches"));
}

TEST(CheckerTest, FindsADenialOfEntriesThatAreNotThere) {
  Story story;
  story.Reserve(1);
  story.Reserve(2);
  story.Deny(3);
  story.evidence().entries.pop_back();
  EXPECT_THAT(story.Found(), ::testing::Contains("denial_explained"));
}

TEST(CheckerTest, FindsAnExpiryBeforeItsTime) {
  Story story;
  const Call call = story.Reserve(1);
  story.Expire(1, call.expires_micros - 1);
  EXPECT_THAT(story.Found(), ElementsAre("never_early"));
}

TEST(CheckerTest, FindsAnExpiryThatIsLate) {
  Story story;
  const Call call = story.Reserve(1);
  story.Expire(1, call.expires_micros + 3 * kSecond);
  EXPECT_THAT(story.Found(), ElementsAre("expires_in_time"));
}

TEST(CheckerTest, AllowsAnExpiryThatIsLateForTrouble) {
  Story story;
  const Call call = story.Reserve(1);
  story.Expire(1, call.expires_micros + 3 * kSecond);
  story.evidence().troubles = {
      {call.expires_micros + kSecond, call.expires_micros + 2 * kSecond}};
  EXPECT_THAT(story.Found(), ElementsAre());
}

TEST(CheckerTest, FindsAnExpiryThatIsLateBeforeTheTroubleBegins) {
  Story story;
  const Call call = story.Reserve(1);
  story.Expire(1, call.expires_micros + 5 * kSecond);
  story.evidence().troubles = {{call.expires_micros + 3 * kSecond,
                                call.expires_micros + 4 * kSecond}};
  EXPECT_THAT(story.Found(), ElementsAre("expires_in_time"));
}

TEST(CheckerTest, FindsAnExpiryThatIsLateAfterTheTroubleIsOver) {
  Story story;
  const Call call = story.Reserve(1);
  story.Expire(1, call.expires_micros + 3 * kSecond);
  story.evidence().troubles = {{kStart, call.expires_micros - 1}};
  EXPECT_THAT(story.Found(), ElementsAre("expires_in_time"));
}

TEST(CheckerTest, FindsASettleOfWhatShouldHaveExpired) {
  Story story;
  const Call call = story.Reserve(1);
  story.Settle(1);
  story.last_entry().at_micros = call.expires_micros + 3 * kSecond;
  EXPECT_THAT(story.Found(), ElementsAre("expires_in_time"));
}

TEST(CheckerTest, CountsNoLatenessThatIsExcused) {
  Story story;
  const Call call = story.Reserve(1);
  story.Expire(1, call.expires_micros);
  EXPECT_EQ(story.Judge().checks(Invariant::kExpiresInTime), 1);
  story.evidence().troubles = {{kStart}};
  EXPECT_EQ(story.Judge().checks(Invariant::kExpiresInTime), 0);
}

TEST(CheckerTest, FindsAHoldThatIsOpenAtTheEnd) {
  Story story;
  story.Reserve(1);
  story.evidence().open = 1;
  EXPECT_THAT(story.Found(), ElementsAre("nothing_left"));
}

TEST(CheckerTest, FindsACallWhoseRetriesDidNotSuffice) {
  Verdicts verdicts;
  CheckAnswered({{.answer = Answer::kOk}, {.answer = Answer::kDenied}},
                verdicts);
  EXPECT_THAT(FoundIn(verdicts), ElementsAre());
  CheckAnswered({{.answer = Answer::kUnknown}}, verdicts);
  EXPECT_THAT(FoundIn(verdicts), ElementsAre("retries_suffice"));
}

TEST(CheckerTest, FindsAnOutcomeThatStaysUnknown) {
  Verdicts verdicts;
  CheckResolved(0, verdicts);
  EXPECT_THAT(FoundIn(verdicts), ElementsAre());
  CheckResolved(1, verdicts);
  EXPECT_THAT(FoundIn(verdicts), ElementsAre("unknown_resolved"));
}

TEST(CheckerTest, FindsAnErrorThatNobodyMayGet) {
  Story story;
  story.Append(story.NewCall(Verb::kReserve, Answer::kFailed, 1));
  EXPECT_THAT(story.Found(), ElementsAre("known_errors"));
}

}  // namespace
}  // namespace budget::chaos
