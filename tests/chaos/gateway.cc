#include "tests/chaos/gateway.h"

#include "absl/time/clock.h"

namespace budget::chaos {
namespace {

// Takes what does not end a reservation out of `rest`.
std::vector<Intent> TakeStepsBeforeTheEnd(std::vector<Intent>& rest) {
  std::vector<Intent> steps;
  std::erase_if(rest, [&](const Intent& intent) {
    const bool is_step = intent.verb == Verb::kAdjust || !intent.final;
    if (is_step) steps.push_back(intent);
    return is_step;
  });
  return steps;
}

}  // namespace

void Gateway::Pause(int64_t millis_min, int64_t millis_max) {
  absl::SleepFor(absl::Milliseconds(wishes_.Between(millis_min, millis_max)));
}

void Gateway::Run(const std::atomic<bool>& stop) {
  while (!stop) {
    RunRound();
    Pause(10, 60);
  }
}

void Gateway::RunRound() {
  if (wishes_.OneIn(4)) return RunBatches();
  if (!wishes_.OneIn(6)) return RunReservation();
  const Intent usage = wishes_.NewUsage(wishes_.AnyRoot());
  Do(usage);
  if (wishes_.OneIn(15)) Do(usage);
}

Answer Gateway::Do(const Intent& intent) {
  const Call call = client_.Do(intent);
  Take(call, intent);
  return call.answer;
}

std::vector<Intent> Gateway::DoBatch(const std::vector<Intent>& intents) {
  if (intents.empty()) return {};
  const std::vector<Call> calls = client_.DoBatch(intents);
  std::vector<Intent> done;
  for (size_t i = 0; i < intents.size(); ++i) {
    Take(calls[i], intents[i]);
    if (calls[i].answer == Answer::kOk) done.push_back(intents[i]);
  }
  return done;
}

void Gateway::Take(const Call& call, const Intent& intent) {
  pulse_.Note(call);
  const bool unknown = call.answer == Answer::kUnknown ||
                       (call.answer == Answer::kDenied && FollowsDoubt(call));
  if (unknown) resolver_.Add(intent);
}

void Gateway::RunReservation() {
  const Intent reserve = wishes_.NewReserve(wishes_.AnyRoot());
  if (Do(reserve) != Answer::kOk) return;
  // Who does not know what became of the repeat leaves it to the resolver.
  if (wishes_.OneIn(15) && Do(reserve) != Answer::kOk) return;
  Pause(0, 20);
  for (const Intent& intent : wishes_.RestOf(reserve)) {
    Do(intent);
    if (wishes_.OneIn(20)) Do(intent);
  }
}

void Gateway::RunBatches() {
  std::vector<Intent> held = DoBatch(wishes_.NewReserves());
  // What is unknown is the resolver's from now on.
  if (wishes_.OneIn(15)) held = DoBatch(held);
  Pause(0, 20);
  std::vector<Intent> rest;
  for (const Intent& reserve : held) {
    const std::vector<Intent> of_this = wishes_.RestOf(reserve);
    rest.insert(rest.end(), of_this.begin(), of_this.end());
    if (wishes_.OneIn(6)) rest.push_back(wishes_.NewUsage(reserve.root));
  }
  if (wishes_.OneIn(2)) DoBatch(TakeStepsBeforeTheEnd(rest));
  DoBatch(rest);
  if (wishes_.OneIn(20)) DoBatch(rest);
}

}  // namespace budget::chaos
