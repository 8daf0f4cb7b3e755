#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/domain/decide.h"
#include "server/domain/load_plan.h"
#include "tests/model/describe.h"
#include "tests/model/generator.h"
#include "tests/model/model.h"
#include "tests/model/world.h"

// What stands although not all that is due was loaded is what would have come
// of it if all had been ended first.
namespace budget::model {
namespace {

constexpr int kSeeds = 1000;
constexpr int kOperationsPerSeed = 150;

using Slots = std::vector<std::pair<Uuid, WorkingSet::ReservationSlot>>;

// Takes out of `set` some of what is due, of what `operation` did not ask for.
Slots LeaveOutDue(const Operation& operation, absl::Time now,
                  Generator& chance, WorkingSet& set) {
  const Operation* const one = &operation;
  const LoadPlan plan = PlanFor({&one, 1});
  Slots left_out;
  for (const auto& [id, slot] : set.reservations) {
    const Reservation& reservation = slot.reservation;
    if (!reservation.IsOpen() || reservation.expires_at > now) continue;
    if (plan.reservations.contains(id) || chance.Chance(30)) continue;
    left_out.emplace_back(id, slot);
  }
  for (const auto& [id, slot] : left_out) set.reservations.erase(id);
  set.more_due = !left_out.empty();
  return left_out;
}

// All but the number of its entry.
std::string Text(const Reservation& reservation) {
  std::string text = absl::StrCat(
      "state ", static_cast<int>(reservation.state), reservation.usage_final,
      reservation.settled_late, reservation.unpriced, " until ",
      absl::FormatTime(reservation.expires_at));
  for (const Amounts& amounts :
       {reservation.held, reservation.spent, reservation.overage}) {
    absl::StrAppend(&text, " |");
    for (Unit unit : kUnits) absl::StrAppend(&text, " ", amounts[unit]);
  }
  return text;
}

// The answer but for its figures, which may count what has expired.
std::string Gist(const Outcome& outcome) {
  if (!outcome.ok()) {
    return absl::StrCat(
        ReasonName(outcome.refusal->reason), " retry ",
        absl::FormatDuration(
            outcome.refusal->retry_after.value_or(absl::ZeroDuration())));
  }
  return outcome.reservation ? Text(*outcome.reservation) : "done";
}

// Every counter as it is at `now`, and every reservation.
std::string StateOf(const WorkingSet& set, absl::Time now) {
  std::vector<std::string> lines;
  for (const auto& [key, slot] : set.counters) {
    Counter counter = slot.counter;
    Age(*set.catalog.FindLimit(key.limit), now, counter);
    if (counter == Counter()) continue;  // as if it had not been looked at
    std::string line = absl::StrCat("limit ", key.limit, " in ", key.window);
    for (int64_t figure :
         {counter.tally.spent, counter.tally.reserved, counter.tally.overage,
          counter.tally.unpriced}) {
      absl::StrAppend(&line, " ", figure);
    }
    for (const Bucket& bucket : counter.buckets) {
      absl::StrAppend(&line, " ", bucket.number, ":", bucket.spent, "+",
                      bucket.reserved, "+", bucket.overage);
    }
    lines.push_back(line);
  }
  for (const auto& [id, slot] : set.reservations) {
    lines.push_back(
        absl::StrCat(id.ToString(), " ", Text(slot.reservation)));
  }
  std::sort(lines.begin(), lines.end());
  return absl::StrJoin(lines, "\n");
}

struct Counts {
  int stood = 0;
  int undecided = 0;
};

// Decides `operation` without some of what is due, and with all of it; the
// difference where the former stands.
std::string Compare(const Operation& operation, absl::Time now,
                    Generator& chance, WorkingSet full, Counts& counts) {
  WorkingSet part = full;
  Slots left_out = LeaveOutDue(operation, now, chance, part);
  if (left_out.empty()) return "";
  const Operation* const one = &operation;
  const Outcome without = Decide({&one, 1}, now, {}, part).front();
  if (part.undecided) {
    ++counts.undecided;
    return "";
  }
  ++counts.stood;
  const Outcome with = Decide({&one, 1}, now, {}, full).front();
  for (auto& item : left_out) part.reservations.insert(std::move(item));
  ExpireDue(now, part);
  if (Gist(without) == Gist(with) && StateOf(part, now) == StateOf(full, now)) {
    return "";
  }
  return absl::StrCat(Describe(operation), "\nwith all that is due: ",
                      Gist(with), "\n", StateOf(full, now),
                      "\nwithout some of it: ", Gist(without), "\n",
                      StateOf(part, now));
}

TEST(MoreDuePropertyTest, WhatStandsIsWhatWouldHaveComeOfIt) {
  Counts counts;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Generator generator(seed);
    Generator chance(seed + kSeeds);
    World world;
    Model model(DecideOptions{}.retention);
    for (int i = 0; i < kOperationsPerSeed; ++i) {
      const absl::Time now = generator.Advance();
      const Operation operation = generator.Next(model);
      ASSERT_EQ(Compare(operation, now, chance, world.Load(operation, now),
                        counts),
                "")
          << "seed " << seed << ", operation " << i;
      model.Run(operation, now);
      world.Run(operation, now);
    }
  }
  EXPECT_GT(counts.stood, kSeeds);
  EXPECT_GT(counts.undecided, kSeeds / 2);
}

}  // namespace
}  // namespace budget::model
