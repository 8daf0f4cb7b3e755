#ifndef BUDGET_RPC_WATCH_H_
#define BUDGET_RPC_WATCH_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "server/rpc/backend.h"
#include "server/rpc/watch_stream.h"

namespace budget {

struct WatchOptions {
  int streams_max = 1000;
  // Of one principal; of those who were not asked who they are, as many as of
  // all.
  int streams_of_one_max = 250;
  absl::Duration poll = absl::Milliseconds(200);  // how soon a change is seen
};

// Serves all WatchRemaining streams with one thread, which looks for ledgers
// that have grown and for windows that have begun anew. A stream waits out a
// storage that cannot be reached. Thread-safe.
class Watcher {
 public:
  // `backend` must outlive the watcher.
  Watcher(const Backend& backend, const WatchOptions& options);
  ~Watcher();

  // Begins a stream for an encoded WatchRemainingRequest. Whether its caller
  // may have it is looked at again as long as it lasts.
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Watch(
      grpc::CallbackServerContext& context, const grpc::ByteBuffer& request);

  // Ends every stream, and refuses new ones from now on.
  void Drain();

 private:
  using Streams = std::vector<std::shared_ptr<WatchStream>>;

  // Lets the caller in, and reads what it asks for.
  std::optional<Refusal> Enter(const grpc::CallbackServerContext& context,
                               const grpc::ByteBuffer& bytes,
                               WatchStream::Subject& out) const;
  // Ends the streams of callers who may not have them any more; of the others
  // it renews what they may see.
  void RenewPasses(const Streams& streams) const;

  // Why the stream cannot be served; nullopt once it is.
  std::optional<grpc::Status> Add(const std::shared_ptr<WatchStream>& stream);
  // Why there is no room for another stream of `principal`.
  std::optional<Refusal> CheckRoom(const std::string& principal) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  void Loop();
  void Serve(const Streams& streams);
  Streams Due(const Streams& streams,
              const std::map<std::string, int64_t>& sequences) const;

  const Backend& backend_;
  const WatchOptions options_;
  absl::Mutex mutex_;
  Streams streams_ ABSL_GUARDED_BY(mutex_);
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool fresh_ ABSL_GUARDED_BY(mutex_) = false;  // a stream was added
  std::thread thread_;
};

}  // namespace budget

#endif  // BUDGET_RPC_WATCH_H_
