#include "deploy/replay/replay.h"

#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "budget/client.h"
#include "deploy/replay/schedule.h"

namespace budget::replay {
namespace {

constexpr absl::Duration kCallTimeout = absl::Seconds(10);
constexpr absl::Duration kProgressInterval = absl::Milliseconds(100);

v1::ModelUsage UsageOf(const PlannedCall& call, int64_t output_tokens) {
  v1::ModelUsage usage;
  usage.set_model(call.model);
  auto* input = usage.add_quantities();
  input->set_meter("input_tokens");
  input->set_quantity(call.prompt_tokens);
  auto* output = usage.add_quantities();
  output->set_meter("output_tokens");
  output->set_quantity(output_tokens);
  return usage;
}

// Plays the calls of a plan against the service and writes down the answers.
class Gateways {
 public:
  Gateways(const Plan& plan, const ReplayOptions& options)
      : plan_(plan), options_(options) {
    for (int i = 0; i < options.gateways; ++i) {
      ConnectionOptions connection;
      connection.endpoints = options.endpoints;
      connection.retry.attempts_max = 100;
      connection.retry.on_retry = [this](const absl::Status&) {
        transport_retries_.fetch_add(1, std::memory_order_relaxed);
      };
      clients_.emplace_back(*MakeConnection(std::move(connection)));
    }
  }

  ReplayResult Run();

 private:
  void Begin(const PlannedCall& call, int thread);
  v1::ReserveRequest ReserveFor(const PlannedCall& call) const;
  void NoteDenial(const Denial& denial);
  void NoteFailure(const absl::Status& status);
  void Repeat(const v1::ReserveRequest& request,
              const v1::ReserveResponse& first, int thread);
  void Continue(const PlannedCall& call, const std::string& id, int thread);
  void SettleSoFar(const PlannedCall& call, const std::string& id,
                   int64_t generated, int thread);
  void SettleFinally(const PlannedCall& call, const std::string& id,
                     int thread);
  void Cancel(const std::string& id, int thread);

  const Plan& plan_;
  const ReplayOptions& options_;
  std::vector<Client> clients_;
  const absl::Time start_ = absl::Now();
  Schedule schedule_;
  std::atomic<int64_t> begun_{0};
  std::atomic<int64_t> transport_retries_{0};
  absl::Mutex mutex_;
  ReplayResult result_ ABSL_GUARDED_BY(mutex_);
};

ReplayResult Gateways::Run() {
  for (const PlannedCall& call : plan_.calls) {
    schedule_.Add(start_ + call.at,
                  [this, &call](int thread) { Begin(call, thread); });
  }
  std::vector<std::thread> threads;
  threads.reserve(static_cast<size_t>(options_.gateways));
  for (int i = 0; i < options_.gateways; ++i) {
    threads.emplace_back([this, i] { schedule_.Work(i); });
  }
  while (!schedule_.WaitUntilDone(kProgressInterval)) {
    if (options_.on_progress) options_.on_progress(begun_.load());
    if (options_.stop && options_.stop->load()) schedule_.Stop();
  }
  for (std::thread& thread : threads) thread.join();
  if (options_.on_progress) options_.on_progress(begun_.load());
  absl::MutexLock lock(&mutex_);
  result_.calls = begun_.load();
  result_.transport_retries = transport_retries_.load();
  result_.wall = absl::Now() - start_;
  return std::move(result_);
}

v1::ReserveRequest Gateways::ReserveFor(const PlannedCall& call) const {
  v1::ReserveRequest request;
  request.set_reservation_id(NewReservationId());
  request.add_allocations(call.key);
  request.mutable_amounts()->set_tokens(call.prompt_tokens + call.output_bound);
  *request.mutable_usage() = UsageOf(call, call.output_bound);
  request.mutable_ttl()->set_seconds(absl::ToInt64Seconds(plan_.ttl));
  (*request.mutable_tags())["model"] = call.model;
  return request;
}

void Gateways::Begin(const PlannedCall& call, int thread) {
  begun_.fetch_add(1, std::memory_order_relaxed);
  const v1::ReserveRequest request = ReserveFor(call);
  const absl::Time before = absl::Now();
  const auto answer = clients_[thread].Reserve(request, {kCallTimeout});
  const absl::Duration took = absl::Now() - before;
  if (!answer.ok()) {
    if (const auto denial = DenialOf(answer.status())) {
      NoteDenial(*denial);
    } else {
      NoteFailure(answer.status());
    }
    return;
  }
  {
    absl::MutexLock lock(&mutex_);
    ++result_.admitted;
    result_.reserve_latencies.push_back(took);
  }
  if (call.course == Course::kRetry) Repeat(request, *answer, thread);
  Continue(call, request.reservation_id(), thread);
}

void Gateways::NoteDenial(const Denial& denial) {
  absl::MutexLock lock(&mutex_);
  ++result_.denied;
  std::string by = denial.reason_name;
  if (!denial.violations.empty()) {
    const DenialViolation& first = denial.violations.front();
    by = absl::StrCat(first.allocation, " ", first.limit, " (",
                      denial.reason_name, ")");
  }
  ++result_.denied_by_limit[by];
  if (denial.reason == DenialReason::kWindowExhausted && !denial.retry_after) {
    result_.violations.push_back("a window denied without a retry time");
  }
}

void Gateways::NoteFailure(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  ++result_.failed;
  ++result_.failures[absl::StrCat(absl::StatusCodeToString(status.code()), ": ",
                                  status.message())];
}

void Gateways::Repeat(const v1::ReserveRequest& request,
                      const v1::ReserveResponse& first, int thread) {
  const auto again = clients_[thread].Reserve(request, {kCallTimeout});
  absl::MutexLock lock(&mutex_);
  ++result_.repeated;
  if (!again.ok()) {
    ++result_.failures[absl::StrCat("repeated Reserve: ",
                                    again.status().message())];
  } else if (!again->replayed() ||
             again->ledger_sequence() != first.ledger_sequence()) {
    result_.violations.push_back(absl::StrCat(
        "Reserve ", request.reservation_id(), " held twice on a repeat"));
  }
}

void Gateways::Continue(const PlannedCall& call, const std::string& id,
                        int thread) {
  if (call.course == Course::kCancel) return Cancel(id, thread);
  if (call.course == Course::kCrash) {
    absl::MutexLock lock(&mutex_);
    ++result_.crashed;
    return;
  }
  if (call.course == Course::kStream) {
    for (const int third : {1, 2}) {
      schedule_.Add(start_ + call.at + call.latency * third / 3,
                    [this, &call, id, third](int worker) {
                      SettleSoFar(call, id, call.generated_tokens * third / 3,
                                  worker);
                    });
    }
  }
  // By the plan's time, also when the replay is behind: a call that has begun
  // comes before those that have not.
  schedule_.Add(start_ + call.at + call.latency, [this, &call, id](int worker) {
    SettleFinally(call, id, worker);
  });
}

void Gateways::SettleSoFar(const PlannedCall& call, const std::string& id,
                           int64_t generated, int thread) {
  v1::SettleRequest request;
  request.set_reservation_id(id);
  request.set_root(plan_.root);
  request.mutable_actual()->set_tokens(call.prompt_tokens + generated);
  *request.mutable_usage() = UsageOf(call, generated);
  request.set_final(false);
  const auto answer = clients_[thread].Settle(request, {kCallTimeout});
  // A report that is overtaken by the last one is harmless, and refused.
  if (!answer.ok() && !absl::IsFailedPrecondition(answer.status())) {
    NoteFailure(answer.status());
  }
}

void Gateways::SettleFinally(const PlannedCall& call, const std::string& id,
                             int thread) {
  v1::SettleRequest request;
  request.set_reservation_id(id);
  request.set_root(plan_.root);
  const int64_t tokens = call.prompt_tokens + call.generated_tokens;
  request.mutable_actual()->set_tokens(tokens);
  *request.mutable_usage() = UsageOf(call, call.generated_tokens);
  request.set_final(true);
  const absl::Time before = absl::Now();
  const auto answer = clients_[thread].Settle(request, {kCallTimeout});
  const absl::Duration took = absl::Now() - before;
  if (!answer.ok()) return NoteFailure(answer.status());
  absl::MutexLock lock(&mutex_);
  ++result_.settled;
  result_.settled_tokens[id] = tokens;
  result_.settle_latencies.push_back(took);
}

void Gateways::Cancel(const std::string& id, int thread) {
  v1::ReleaseRequest request;
  request.set_reservation_id(id);
  request.set_root(plan_.root);
  const auto answer = clients_[thread].Release(request, {kCallTimeout});
  if (!answer.ok()) return NoteFailure(answer.status());
  absl::MutexLock lock(&mutex_);
  ++result_.released;
}

}  // namespace

absl::Status CreateOrganisation(const Plan& plan,
                                const std::vector<std::string>& endpoints) {
  auto connection = MakeConnection({.endpoints = endpoints});
  if (!connection.ok()) return connection.status();
  Client client(*std::move(connection));
  const CallOptions patient{absl::Seconds(30)};
  for (const v1::Allocation& allocation : plan.allocations) {
    v1::CreateAllocationRequest request;
    *request.mutable_allocation() = allocation;
    if (auto r = client.CreateAllocation(request, patient); !r.ok()) {
      return r.status();
    }
  }
  v1::SetPricesRequest prices;
  prices.set_root(plan.root);
  prices.mutable_prices()->Assign(plan.prices.begin(), plan.prices.end());
  return client.SetPrices(prices, patient).status();
}

ReplayResult Replay(const Plan& plan, const ReplayOptions& options) {
  return Gateways(plan, options).Run();
}

}  // namespace budget::replay
