#ifndef BUDGET_APP_TLS_H_
#define BUDGET_APP_TLS_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/security/server_credentials.h"
#include "server/app/config.h"
#include "server/app/memory_file.h"
#include "server/base/clock.h"
#include "server/lane/periodic.h"

namespace budget {

// TLS as the flags describe it, with certificates that may be replaced while
// calls go on: files are looked at once a second, and new connections get what
// is there a second or two later. What cannot be used (a key that does not fit,
// half a file, an expired certificate) is left alone, with a warning, until it
// can. Thread-safe.
class ServerTls {
 public:
  // Reads the files of `config`, which has TLS. FAILED_PRECONDITION that names
  // flag, cause and remedy. `clock` must outlive it.
  static absl::StatusOr<std::unique_ptr<ServerTls>> Open(const Config& config,
                                                         const Clock& clock);

  // For a server that ends before this does.
  std::shared_ptr<grpc::ServerCredentials> credentials() const {
    return credentials_;
  }

  // Looks at the files now. Changes nothing, and says why, where they cannot
  // be used.
  absl::Status Reload();

  // When the certificate in use expires.
  absl::Time certificate_expiry() const;

 private:
  // What the files hold: a key with its chain in one text, and whom to trust.
  struct Material {
    std::string identity;
    std::string client_ca;
    absl::Time expiry;
  };

  ServerTls(const Config& config, const Clock& clock);

  absl::StatusOr<Material> Read() const;
  void ReloadAndLog();

  const Config config_;
  const Clock& clock_;
  mutable absl::Mutex mutex_;
  Material material_ ABSL_GUARDED_BY(mutex_);
  MemoryFile identity_ ABSL_GUARDED_BY(mutex_);
  MemoryFile client_ca_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<grpc::ServerCredentials> credentials_;
  std::unique_ptr<Periodic> periodic_;
};

}  // namespace budget

#endif  // BUDGET_APP_TLS_H_
