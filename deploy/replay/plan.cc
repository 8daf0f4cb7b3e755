#include "deploy/replay/plan.h"

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace budget::replay {
namespace {

constexpr char kRoot[] = "acme";
constexpr char kOtherModel[] = "other";
constexpr size_t kModelsMax = 50;
constexpr int64_t kInputNanosPerToken = 2'500;    // $2.50 per million
constexpr int64_t kOutputNanosPerToken = 10'000;  // $10 per million
constexpr int kKeysPerTeam = 3;
constexpr absl::Duration kBurstWindow = absl::Seconds(10);

struct Team {
  const char* name;
  int percent_of_calls;
};
constexpr Team kTeams[] = {{"search", 50}, {"support", 30}, {"research", 20}};
// The team whose day is short, and the keys whose bursts are cut.
constexpr char kShortTeam[] = "acme/research";
constexpr char kBurstKey[] = "key-1";

int64_t CostNanos(const PlannedCall& call) {
  return call.prompt_tokens * kInputNanosPerToken +
         call.generated_tokens * kOutputNanosPerToken;
}

int64_t TokensOf(const PlannedCall& call) {
  return call.prompt_tokens + call.generated_tokens;
}

std::string TeamOf(const std::string& key) {
  return key.substr(0, key.rfind('/'));
}

std::string DrawKey(std::mt19937_64& random) {
  int draw = static_cast<int>(random() % 100);
  const Team* team = std::begin(kTeams);
  while (draw >= team->percent_of_calls) draw -= (team++)->percent_of_calls;
  return absl::StrCat(kRoot, "/", team->name, "/key-",
                      1 + random() % kKeysPerTeam);
}

Course DrawCourse(std::mt19937_64& random) {
  const int draw = static_cast<int>(random() % 1000);
  if (draw < 15) return Course::kCrash;
  if (draw < 30) return Course::kCancel;
  if (draw < 80) return Course::kRetry;
  if (draw < 280) return Course::kStream;
  return Course::kSettle;
}

// What clients send as max_tokens: the next step above what they will get. A
// few bounds are too low, as when a price or a tokenizer is off: these settle
// beyond their hold.
int64_t DrawOutputBound(int64_t generated, std::mt19937_64& random) {
  if (generated > 20 && random() % 500 == 0) return generated * 3 / 4;
  int64_t bound = 256;
  while (bound < generated) bound *= 2;
  return bound;
}

std::vector<PlannedCall> PlanCalls(const Trace& trace,
                                   const std::set<std::string>& models,
                                   const PlanOptions& options) {
  std::mt19937_64 random(options.seed);
  const absl::Duration whole =
      std::max(trace.calls.back().at, absl::Seconds(1));
  std::vector<PlannedCall> calls;
  for (const TraceCall& from : trace.calls) {
    PlannedCall call;
    call.at = options.length * absl::FDivDuration(from.at, whole);
    call.model = models.contains(from.model) ? from.model : kOtherModel;
    call.prompt_tokens = from.prompt_tokens;
    call.generated_tokens = from.generated_tokens;
    call.output_bound = DrawOutputBound(from.generated_tokens, random);
    call.key = DrawKey(random);
    call.course = DrawCourse(random);
    // 25 ms a token in the trace's time, squeezed, yet long enough to overlap.
    call.latency = std::clamp(
        absl::Milliseconds(25) * from.generated_tokens *
            absl::FDivDuration(options.length, whole),
        absl::Milliseconds(20), options.ttl / 4);
    calls.push_back(std::move(call));
  }
  return calls;
}

std::set<std::string> ModelsOf(const Trace& trace) {
  std::set<std::string> models;
  for (const TraceCall& call : trace.calls) {
    if (models.size() < kModelsMax && call.model.size() <= 128) {
      models.insert(call.model);
    }
  }
  models.insert(kOtherModel);
  return models;
}

std::vector<v1::ModelPrice> PricesOf(const std::set<std::string>& models) {
  std::vector<v1::ModelPrice> prices;
  for (const std::string& model : models) {
    v1::ModelPrice& price = prices.emplace_back();
    price.set_model(model);
    auto* input = price.add_meters();
    input->set_meter("input_tokens");
    input->set_usd_nanos_per_million(kInputNanosPerToken * 1'000'000);
    auto* output = price.add_meters();
    output->set_meter("output_tokens");
    output->set_usd_nanos_per_million(kOutputNanosPerToken * 1'000'000);
  }
  return prices;
}

// The most tokens that one key uses within the burst window.
int64_t PeakOf(const std::vector<PlannedCall>& calls, const std::string& key) {
  std::deque<const PlannedCall*> recent;
  int64_t sum = 0;
  int64_t peak = 0;
  for (const PlannedCall& call : calls) {
    if (call.key != key) continue;
    recent.push_back(&call);
    sum += TokensOf(call);
    while (recent.front()->at + kBurstWindow < call.at) {
      sum -= TokensOf(*recent.front());
      recent.pop_front();
    }
    peak = std::max(peak, sum);
  }
  return peak;
}

struct Totals {
  std::map<std::string, int64_t> tokens;  // by key and by team
  int64_t usd_nanos = 0;
};

Totals TotalsOf(const std::vector<PlannedCall>& calls) {
  Totals totals;
  for (const PlannedCall& call : calls) {
    if (call.course == Course::kCrash || call.course == Course::kCancel) {
      continue;
    }
    totals.tokens[call.key] += TokensOf(call);
    totals.tokens[TeamOf(call.key)] += TokensOf(call);
    totals.usd_nanos += CostNanos(call);
  }
  return totals;
}

// Three digits that count, as a person would set it.
int64_t RoundDown(int64_t cap) {
  int64_t step = 1;
  while (cap / step >= 1'000) step *= 10;
  return cap / step * step;
}

v1::Limit* AddLimit(v1::Allocation* allocation, const std::string& name,
                    v1::Unit unit, int64_t cap) {
  v1::Limit* limit = allocation->add_limits();
  limit->set_name(name);
  limit->set_unit(unit);
  limit->set_cap(std::max<int64_t>(RoundDown(cap), 1));
  limit->add_warn_percent(80);
  limit->add_warn_percent(95);
  return limit;
}

v1::Allocation RootOf(const Totals& totals) {
  v1::Allocation root;
  root.set_path(kRoot);
  root.set_display_name("Acme");
  // The other limits turn away about a tenth; this ends the last calls.
  v1::Limit* month = AddLimit(&root, "month", v1::UNIT_USD_NANOS,
                              totals.usd_nanos * 88 / 100);
  month->mutable_window()->mutable_calendar()->set_period(
      v1::CALENDAR_PERIOD_MONTH);
  month->mutable_window()->mutable_calendar()->set_time_zone("Europe/Berlin");
  return root;
}

v1::Allocation TeamAllocation(const std::string& path, const Totals& totals) {
  v1::Allocation team;
  team.set_path(path);
  const auto it = totals.tokens.find(path);
  const int64_t tokens = it == totals.tokens.end() ? 1'000 : it->second;
  const int percent = path == kShortTeam ? 80 : 150;
  v1::Limit* day =
      AddLimit(&team, "day", v1::UNIT_TOKENS, tokens * percent / 100);
  day->mutable_window()->mutable_calendar()->set_period(
      v1::CALENDAR_PERIOD_DAY);
  return team;
}

v1::Allocation KeyAllocation(const std::string& path,
                             const std::vector<PlannedCall>& calls) {
  v1::Allocation key;
  key.set_path(path);
  const bool cut = path.substr(path.rfind('/') + 1) == kBurstKey;
  v1::Limit* burst = AddLimit(&key, "burst", v1::UNIT_TOKENS,
                              PeakOf(calls, path) * (cut ? 60 : 400) / 100);
  burst->mutable_window()->mutable_rolling()->mutable_duration()->set_seconds(
      absl::ToInt64Seconds(kBurstWindow));
  return key;
}

}  // namespace

Plan MakePlan(const Trace& trace, const PlanOptions& options) {
  const std::set<std::string> models = ModelsOf(trace);
  Plan plan;
  plan.root = kRoot;
  plan.length = options.length;
  plan.ttl = options.ttl;
  plan.prices = PricesOf(models);
  plan.calls = PlanCalls(trace, models, options);
  const Totals totals = TotalsOf(plan.calls);
  plan.allocations.push_back(RootOf(totals));
  for (const Team& team : kTeams) {
    const std::string path = absl::StrCat(kRoot, "/", team.name);
    plan.allocations.push_back(TeamAllocation(path, totals));
    for (int key = 1; key <= kKeysPerTeam; ++key) {
      plan.allocations.push_back(
          KeyAllocation(absl::StrCat(path, "/key-", key), plan.calls));
    }
  }
  return plan;
}

}  // namespace budget::replay
