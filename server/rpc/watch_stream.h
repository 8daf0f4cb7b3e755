#ifndef BUDGET_RPC_WATCH_STREAM_H_
#define BUDGET_RPC_WATCH_STREAM_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "budget/v1/budget_service.pb.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "server/base/meter.h"
#include "server/rpc/guard.h"
#include "server/rpc/open_call.h"

namespace budget {

// One WatchRemaining call. Keeps itself alive until gRPC is done with it, so
// others may hold it for longer: after its end it ignores them. Thread-safe.
class WatchStream final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  struct Subject {
    Pass pass;
    std::string path;
    std::string root;
    absl::Duration min_interval;
  };

  // `open` counts them, from here to OnDone.
  static std::shared_ptr<WatchStream> Make(Subject subject,
                                           const OpenCall& call, Gauge& open);

  // Who watches; empty: nobody was asked. The same from start to end.
  const std::string& principal() const { return principal_; }

  // Of the one thread that serves the streams, as is Renew.
  const Subject& subject() const { return subject_; }

  // What its caller may see from now on.
  void Renew(Pass pass) { subject_.pass = std::move(pass); }

  // Whether there may be something to send at `now` (replica clock), given the
  // last ledger sequence of the root.
  bool IsDue(int64_t sequence, absl::Time now);

  // Sends a read made at `now` unless the last one sent says the same.
  void Offer(const v1::QueryRemainingResponse& remaining, int64_t sequence,
             absl::Time now);

  // Ends the stream once what is being sent is out.
  void End(const grpc::Status& status);

  bool ended();

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  WatchStream(Subject subject, const OpenCall& call, Gauge& open)
      : principal_(subject.pass.principal()),
        subject_(std::move(subject)),
        call_(call),
        open_(open) {}

  void FinishIfIdle();

  const std::string principal_;
  Subject subject_;
  OpenCall call_;  // of who finishes
  Gauge& open_;
  std::shared_ptr<WatchStream> self_;  // until OnDone
  grpc::ByteBuffer outgoing_;          // of the writer, while writing_
  absl::Mutex mutex_;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<grpc::Status> ending_ ABSL_GUARDED_BY(mutex_);
  // The last message, without the times of the read. What has no limits has an
  // empty one, so none at all is another thing.
  std::optional<std::string> sent_ ABSL_GUARDED_BY(mutex_);
  int64_t seen_sequence_ ABSL_GUARDED_BY(mutex_) = -1;
  absl::Time sent_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  // When a window begins anew, by the replica clock.
  absl::Time changes_at_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
};

}  // namespace budget

#endif  // BUDGET_RPC_WATCH_STREAM_H_
