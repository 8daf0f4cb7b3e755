#ifndef BUDGET_TESTS_RPC_HTTP2_CLIENT_H_
#define BUDGET_TESTS_RPC_HTTP2_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "server/rpc/tcp.h"

namespace budget::testing {

// Frames of HTTP/2 by hand, over TCP to a server on this machine: for what no
// library does. Says hello when it is made.
class Http2Client {
 public:
  enum class Kind : uint8_t {
    kData = 0,
    kHeaders = 1,
    kResetStream = 3,
    kSettings = 4,
    kPing = 6,
    kGoAway = 7,
    kClosed = 255,  // no frame: the connection has ended
  };
  struct Frame {
    Kind kind = Kind::kClosed;
    uint8_t flags = 0;
    uint32_t stream = 0;
    std::string payload;

    bool EndsStream() const {
      return kind <= Kind::kHeaders && (flags & 0x1) != 0;
    }
  };
  using Fields = std::vector<std::pair<std::string, std::string>>;

  explicit Http2Client(int port);

  // Begins a call of the method at `path` on `stream`, with more fields of
  // metadata.
  void Begin(uint32_t stream, const std::string& path, const Fields& more = {});
  // Sends its request.
  void Finish(uint32_t stream, const std::string& request = "");

  // The same of a call of grpc.health.v1.
  void BeginHealthCheck(uint32_t stream, const Fields& more = {});
  // How many bytes of metadata BeginHealthCheck sends, as gRPC counts them.
  static size_t MetadataBytes(const Fields& more = {});

  void Ping();
  // Waits for the next frame, and acknowledges settings.
  Frame Next();
  // The same, up to one of these kinds or the end of the connection.
  Frame NextOf(const std::vector<Kind>& kinds);

 private:
  void Send(const Frame& frame);
  void SendBytes(const std::string& bytes);
  bool Fill(size_t size);

  Descriptor socket_;
  std::string received_;
};

}  // namespace budget::testing

#endif  // BUDGET_TESTS_RPC_HTTP2_CLIENT_H_
