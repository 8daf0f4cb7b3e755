#ifndef BUDGET_CTL_SIGNING_H_
#define BUDGET_CTL_SIGNING_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace budget {

// Ed25519 signatures with keys in PEM files, such as those of
//   openssl genpkey -algorithm ed25519 -out key.pem
//   openssl pkey -in key.pem -pubout -out public.pem
// Thread-safe.
class SigningKey {
 public:
  // The private key in `path`, without a passphrase. INVALID_ARGUMENT for
  // anything else; the text never quotes the file.
  static absl::StatusOr<SigningKey> Read(const std::string& path);

  // 64 bytes.
  std::string Sign(absl::string_view text) const;

 private:
  explicit SigningKey(std::shared_ptr<void> key) : key_(std::move(key)) {}
  std::shared_ptr<void> key_;
};

class VerifyingKey {
 public:
  // The public key in `path`. INVALID_ARGUMENT for anything else.
  static absl::StatusOr<VerifyingKey> Read(const std::string& path);

  bool Verifies(absl::string_view text, absl::string_view signature) const;

 private:
  explicit VerifyingKey(std::shared_ptr<void> key) : key_(std::move(key)) {}
  std::shared_ptr<void> key_;
};

}  // namespace budget

#endif  // BUDGET_CTL_SIGNING_H_
