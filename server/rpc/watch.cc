#include "server/rpc/watch.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "budget/v1/budget_service.pb.h"
#include "server/domain/refusal.h"
#include "server/rpc/call.h"
#include "server/rpc/field_error.h"
#include "server/rpc/parse_watch.h"
#include "server/rpc/read.h"
#include "server/rpc/wire.h"

namespace budget {
namespace {

grpc::Status DrainingStatus() {
  return ToGrpc(ErrorOf({.reason = Reason::kDraining,
                         .message = "this replica is stopping; watch again at "
                                    "another"},
                        {}));
}

int64_t SequenceOf(const std::map<std::string, int64_t>& sequences,
                   const std::string& root) {
  const auto it = sequences.find(root);
  return it == sequences.end() ? 0 : it->second;
}

// The storage being away is no reason to end a stream.
bool EndsStream(const Refusal& refusal) {
  return CodeOf(refusal.reason) != absl::StatusCode::kUnavailable;
}

}  // namespace

Watcher::Watcher(const Backend& backend, const WatchOptions& options)
    : backend_(backend), options_(options), thread_([this] { Loop(); }) {}

Watcher::~Watcher() {
  Drain();
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

std::optional<Refusal> Watcher::Enter(
    const grpc::CallbackServerContext& context, const grpc::ByteBuffer& bytes,
    WatchStream::Subject& out) const {
  if (auto refusal = backend_.guard.Admit(Method::kWatchRemaining, context,
                                          out.pass)) {
    return refusal;
  }
  v1::WatchRemainingRequest request;
  absl::Status parsed = Decode(bytes, request);
  if (parsed.ok()) parsed = Parse(request, out);
  if (!parsed.ok()) return RefusalOf(parsed);
  return CheckScope(out.pass, request);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* Watcher::Watch(
    grpc::CallbackServerContext& context, const grpc::ByteBuffer& request) {
  OpenCall open(backend_, context, Method::kWatchRemaining);
  WatchStream::Subject subject;
  const std::optional<Refusal> refusal = Enter(context, request, subject);
  open.By(subject.pass);
  const std::shared_ptr<WatchStream> stream = WatchStream::Make(
      std::move(subject), open, backend_.meters.streams_open);
  const std::optional<grpc::Status> refused =
      refusal ? ToGrpc(ErrorOf(*refusal, {})) : Add(stream);
  if (refused) stream->End(*refused);
  return stream.get();
}

void Watcher::RenewPasses(const Streams& streams) const {
  for (const auto& stream : streams) {
    Pass pass = stream->subject().pass;
    std::optional<Refusal> refusal = backend_.guard.AdmitAgain(pass);
    if (!refusal && !pass.Covers(stream->subject().path)) {
      refusal = AllocationNotFound(stream->subject().path);
    }
    if (refusal) stream->End(ToGrpc(ErrorOf(*refusal, {})));
    stream->Renew(std::move(pass));
  }
}

std::optional<grpc::Status> Watcher::Add(
    const std::shared_ptr<WatchStream>& stream) {
  absl::MutexLock lock(&mutex_);
  if (draining_) return DrainingStatus();
  if (const auto refusal = CheckRoom(stream->principal())) {
    backend_.meters.streams_shed.Add();
    return ToGrpc(ErrorOf(*refusal, {}));
  }
  streams_.push_back(stream);
  fresh_ = true;
  return std::nullopt;
}

std::optional<Refusal> Watcher::CheckRoom(const std::string& principal) const {
  if (static_cast<int>(streams_.size()) >= options_.streams_max) {
    return Overloaded(backend_,
                      "too many watch streams are open; try again, or at "
                      "another replica");
  }
  if (principal.empty()) return std::nullopt;
  const auto own = std::count_if(
      streams_.begin(), streams_.end(), [&](const auto& stream) {
        return stream->principal() == principal && !stream->ended();
      });
  if (own < options_.streams_of_one_max) return std::nullopt;
  return Overloaded(
      backend_, absl::StrCat("principal ", principal, " has ", own,
                             " watch streams open here, as many as one may; "
                             "end some, or watch at another replica"));
}

void Watcher::Drain() {
  Streams streams;
  {
    absl::MutexLock lock(&mutex_);
    draining_ = true;
    streams.swap(streams_);
  }
  for (const auto& stream : streams) stream->End(DrainingStatus());
}

void Watcher::Loop() {
  const auto woken = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || fresh_;
  };
  while (true) {
    Streams streams;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(&woken), options_.poll);
      if (stopping_) return;
      fresh_ = false;
      streams_.erase(
          std::remove_if(streams_.begin(), streams_.end(),
                         [](const auto& stream) { return stream->ended(); }),
          streams_.end());
      streams = streams_;
    }
    RenewPasses(streams);
    if (!streams.empty()) Serve(streams);
  }
}

Watcher::Streams Watcher::Due(
    const Streams& streams,
    const std::map<std::string, int64_t>& sequences) const {
  Streams due;
  const absl::Time now = backend_.clock.Now();
  for (const auto& stream : streams) {
    const int64_t sequence = SequenceOf(sequences, stream->subject().root);
    if (stream->IsDue(sequence, now)) due.push_back(stream);
  }
  return due;
}

void Watcher::Serve(const Streams& streams) {
  std::set<std::string> roots;
  for (const auto& stream : streams) roots.insert(stream->subject().root);
  const absl::StatusOr<std::map<std::string, int64_t>> sequences =
      backend_.store.LastSequences(
          std::vector<std::string>(roots.begin(), roots.end()));
  if (!sequences.ok()) return;
  struct Reading {
    std::optional<Refusal> refusal;
    v1::QueryRemainingResponse remaining;
  };
  // One read serves all who see the same: those who see everything, or the
  // streams of one caller.
  std::map<std::pair<std::string, const Identity*>, Reading> readings;
  for (const auto& stream : Due(streams, *sequences)) {
    const std::string& path = stream->subject().path;
    const Pass& pass = stream->subject().pass;
    const Identity* viewer =
        pass.SeesAll() ? nullptr : pass.caller().identity.get();
    const auto [it, added] = readings.try_emplace({path, viewer});
    Reading& reading = it->second;
    if (added) {
      v1::QueryRemainingRequest request;
      request.set_allocation(path);
      reading.refusal = Read(backend_.store, pass, request, reading.remaining);
    }
    if (!reading.refusal) {
      stream->Offer(reading.remaining,
                    SequenceOf(*sequences, stream->subject().root),
                    backend_.clock.Now());
    } else if (EndsStream(*reading.refusal)) {
      stream->End(ToGrpc(ErrorOf(*reading.refusal, {})));
    }
  }
}

}  // namespace budget
