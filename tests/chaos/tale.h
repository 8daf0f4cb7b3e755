#ifndef BUDGET_TESTS_CHAOS_TALE_H_
#define BUDGET_TESTS_CHAOS_TALE_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/chaos/checker.h"

namespace budget::chaos {

inline constexpr int kSlots = 1;  // a lifetime limit of requests
inline constexpr int kBurst = 2;  // a rolling limit of tokens, over a minute
inline constexpr int kDay = 3;    // a daily limit of usd_nanos, of kDayOnly
// Targets. Calls are about the first.
enum TaleTarget { kSlotsAndBurst, kSlotsOnly, kBurstOnly, kDayOnly };
inline constexpr int64_t kSecond = 1'000'000;
inline constexpr int64_t kStart = 1'700'000'000 * kSecond;
inline constexpr int kSlotsCap = 2;

inline Uuid IdOf(uint8_t number) {
  Uuid id;
  id.bytes[15] = number;
  return id;
}

// The invariants that are violated.
inline std::vector<std::string> FoundIn(const Verdicts& verdicts) {
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
class Tale {
 public:
  Tale() {
    evidence_.root = "acme";
    evidence_.limits = {{kSlots, {"acme slots", 2, kLifetime, 0}},
                        {kBurst, {"acme burst", 1, kRolling, 60}},
                        {kDay, {"acme day", 0, kCalendar, 0}}};
    evidence_.limits_of_target = {{kSlots, kBurst}, {kSlots}, {kBurst}, {kDay}};
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
    call.ttl_micros = 100 * kSecond;
    call.expires_micros = entry.at_micros + call.ttl_micros;
    return Append(call);
  }
  // Sets the tokens that are held.
  Call Adjust(uint8_t id, int64_t from, int64_t to) {
    Entry entry = NewEntry(kAdjustEntry, id);
    entry.reserved = {0, to - from, 0};
    Append(entry);
    Call call = NewCall(Verb::kAdjust, Answer::kOk, id);
    call.sequence = entry.sequence;
    call.asked = call.granted = {0, to, 1};
    return Append(call);
  }
  Call RecordUsage(uint8_t id, int64_t spent = 10, int64_t overage = 0) {
    Entry entry = NewEntry(kRecordUsageEntry, id);
    entry.spent = {0, spent, 0};
    entry.overage = {0, overage, 0};
    Append(entry);
    Call call = NewCall(Verb::kRecordUsage, Answer::kOk, id);
    call.sequence = entry.sequence;
    call.asked = {0, spent + overage, 0};
    call.spent = entry.spent;
    call.overage = entry.overage;
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
    call.asked = call.spent = entry.spent;
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
    call.asked = call.spent = entry.spent;
    return Append(call);
  }
  Call Release(uint8_t id, int64_t tokens = 10) {
    Entry entry = NewEntry(kReleaseEntry, id);
    entry.reserved = {0, -tokens, -1};
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
  // Of holding so many tokens.
  Call RefuseAdjust(uint8_t id, Answer answer, int64_t tokens) {
    Call call = NewCall(Verb::kAdjust, answer, id);
    call.asked = {0, tokens, 1};
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
    Look(kSlotsOnly, now_micros_, {{kSlots, spent, reserved, 0}});
  }
  void Look(TaleTarget target, int64_t at_micros,
            std::vector<LimitReading> limits) {
    evidence_.reads.push_back({.target = target,
                               .called = now_ + 1,
                               .returned = now_ + 2,
                               .sequence = sequence_,
                               .read_micros = at_micros,
                               .limits = std::move(limits)});
    now_ += 2;
  }
  // The counters as of now, as the ledger has them.
  void Count() {
    std::map<Pin, StoredCounter> counters = {{{kSlots, 0}, {}},
                                             {{kBurst, 0}, {}}};
    for (const Entry& entry : evidence_.entries) {
      for (const Pin& pin : entry.pins) {
        const auto limit = evidence_.limits.find(pin.limit);
        if (limit == evidence_.limits.end()) continue;
        const bool rolls = pin.limit == kBurst;
        const int unit = limit->second.unit;
        StoredCounter& counter =
            counters[{pin.limit, rolls ? 0 : pin.window}];
        counter.reserved += entry.reserved[unit];
        if (rolls && BurstIsOver()) continue;
        counter.spent += entry.spent[unit];
        counter.overage += entry.overage[unit];
      }
    }
    evidence_.counters.clear();
    for (auto& [key, counter] : counters) {
      counter.key = key;
      counter.as_of_micros = now_micros_;
      evidence_.counters.push_back(counter);
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

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_TALE_H_
