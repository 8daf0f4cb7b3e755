#include "server/rpc/watch_stream.h"

#include <algorithm>
#include <utility>

#include "server/rpc/time.h"
#include "server/rpc/wire.h"

namespace budget {
namespace {

// What a person would call the same reading.
std::string Fingerprint(v1::QueryRemainingResponse remaining) {
  remaining.clear_read_time();
  remaining.clear_ledger_sequence();
  return remaining.SerializeAsString();
}

// How long after the read the first of its windows begins anew.
absl::Duration UntilReset(const v1::QueryRemainingResponse& remaining) {
  const absl::Time read_time = FromProto(remaining.read_time());
  absl::Duration until = absl::InfiniteDuration();
  for (const v1::LimitStatus& limit : remaining.limits()) {
    if (!limit.has_reset_time()) continue;
    until = std::min(until, FromProto(limit.reset_time()) - read_time);
  }
  return until;
}

}  // namespace

std::shared_ptr<WatchStream> WatchStream::Make(Subject subject,
                                               const OpenCall& call,
                                               Gauge& open) {
  std::shared_ptr<WatchStream> stream(
      new WatchStream(std::move(subject), call, open));
  open.Add(1);
  stream->self_ = stream;
  return stream;
}

bool WatchStream::IsDue(int64_t sequence, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  if (writing_ || ending_ || now - sent_at_ < subject_.min_interval) {
    return false;
  }
  return sequence != seen_sequence_ || now >= changes_at_;
}

// gRPC may call back before StartWrite and Finish return, so neither is called
// with the lock held.
void WatchStream::Offer(const v1::QueryRemainingResponse& remaining,
                        int64_t sequence, absl::Time now) {
  std::string fingerprint = Fingerprint(remaining);
  {
    absl::MutexLock lock(&mutex_);
    if (writing_ || ending_) return;
    seen_sequence_ = sequence;
    changes_at_ = now + UntilReset(remaining);
    if (fingerprint == sent_) return;
    sent_ = std::move(fingerprint);
    sent_at_ = now;
    writing_ = true;
  }
  v1::WatchRemainingResponse message;
  *message.mutable_remaining() = remaining;
  Encode(message, outgoing_);
  StartWrite(&outgoing_);
}

void WatchStream::End(const grpc::Status& status) {
  {
    absl::MutexLock lock(&mutex_);
    if (!ending_) ending_ = status;
  }
  FinishIfIdle();
}

void WatchStream::FinishIfIdle() {
  grpc::Status status;
  {
    absl::MutexLock lock(&mutex_);
    if (!ending_ || writing_ || finished_) return;
    finished_ = true;
    status = *ending_;
  }
  call_.End(static_cast<absl::StatusCode>(status.error_code()));
  Finish(status);
}

bool WatchStream::ended() {
  absl::MutexLock lock(&mutex_);
  return ending_.has_value();
}

void WatchStream::OnWriteDone(bool ok) {
  {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    if (!ok && !ending_) ending_ = grpc::Status::CANCELLED;
  }
  FinishIfIdle();
}

void WatchStream::OnCancel() { End(grpc::Status::CANCELLED); }

void WatchStream::OnDone() {
  open_.Add(-1);
  // May destroy this.
  const std::shared_ptr<WatchStream> self = std::move(self_);
}

}  // namespace budget
