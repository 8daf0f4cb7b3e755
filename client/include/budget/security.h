#ifndef BUDGET_SECURITY_H_
#define BUDGET_SECURITY_H_

#include <grpcpp/channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace budget {

class TokenSource;

// How connections are secured, and who they speak for. Files are read again
// when they change: new connections use what is in them, calls the new token.
// Replace a file by renaming another over it, so that nobody reads half of it.
struct Security {
  // Without it: plain text, for loopback and for meshes that encrypt.
  bool tls = false;
  std::string roots_file;        // authorities in PEM; empty: the system's
  std::string certificate_file;  // chain in PEM to show to the server
  std::string key_file;          // its key; both or neither
  std::string server_name;  // what the server's certificate must be for; empty:
                            // the host of the endpoint
  // Sent with each call as "authorization: Bearer ...": the token, or a file
  // that holds it. Over plain text to loopback only.
  std::string token;
  std::string token_file;
  // Credentials of your own in place of `tls` and its files.
  std::shared_ptr<grpc::ChannelCredentials> credentials;
};

// Opens channels that are secured alike. Thread-safe.
class ChannelOpener {
 public:
  // INVALID_ARGUMENT for fields that do not go together, FAILED_PRECONDITION,
  // naming the file, for one that cannot be read.
  static absl::StatusOr<ChannelOpener> Make(const Security& security);

  // A channel to "host:port" that connects at the first call.
  // INVALID_ARGUMENT where a token would leave the machine in plain text.
  absl::StatusOr<std::shared_ptr<grpc::Channel>> Open(
      const std::string& endpoint, grpc::ChannelArguments arguments) const;

 private:
  std::shared_ptr<grpc::ChannelCredentials> credentials_;
  bool plain_text_ = false;
  std::string server_name_;
  std::shared_ptr<TokenSource> token_;  // null: no token
};

}  // namespace budget

#endif  // BUDGET_SECURITY_H_
