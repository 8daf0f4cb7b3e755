#include "tests/rpc/http2_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace budget::testing {
namespace {

constexpr uint8_t kEndStream = 0x1;  // of kData and kHeaders
constexpr uint8_t kAck = 0x1;        // of kSettings and kPing
constexpr uint8_t kEndHeaders = 0x4;
constexpr size_t kHeadBytes = 9;
constexpr size_t kFieldOverhead = 32;

// The `bytes` low bytes of a number, the highest first.
std::string Number(size_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    text.push_back(static_cast<char>(value >> shift));
  }
  return text;
}

size_t NumberAt(const std::string& text, size_t at, size_t bytes) {
  size_t value = 0;
  for (size_t i = at; i < at + bytes; ++i) {
    value = value << 8 | static_cast<uint8_t>(text[i]);
  }
  return value;
}

// HPACK (RFC 7541), 5.1: an integer after no flags, in 7 bits and more.
std::string Length(size_t value) {
  constexpr size_t kLimit = 127;
  if (value < kLimit) return Number(value, 1);
  std::string text = Number(kLimit, 1);
  for (value -= kLimit; value >= 128; value /= 128) {
    text += Number(value % 128 + 128, 1);
  }
  return text + Number(value, 1);
}

std::string Literal(const std::string& name, const std::string& value) {
  return absl::StrCat(Number(0, 1), Length(name.size()), name,
                      Length(value.size()), value);
}

constexpr char kHealthCheck[] = "/grpc.health.v1.Health/Check";

Http2Client::Fields CallOf(const std::string& path,
                           const Http2Client::Fields& more) {
  Http2Client::Fields fields = {{":method", "POST"},
                                {":scheme", "http"},
                                {":path", path},
                                {":authority", "x"},
                                {"te", "trailers"},
                                {"content-type", "application/grpc"}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

}  // namespace

Http2Client::Http2Client(int port)
    : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval patience = {.tv_sec = 60, .tv_usec = 0};
  setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience,
             sizeof(patience));
  sockaddr_in there = {};
  there.sin_family = AF_INET;
  there.sin_port = htons(static_cast<in_port_t>(port));
  there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(socket_.get(), reinterpret_cast<sockaddr*>(&there),
                    sizeof(there)),
            0);
  SendBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  Send({.kind = Kind::kSettings});
}

void Http2Client::Begin(uint32_t stream, const std::string& path,
                        const Fields& more) {
  std::string block;
  for (const auto& [name, value] : CallOf(path, more)) {
    block += Literal(name, value);
  }
  Send({Kind::kHeaders, kEndHeaders, stream, block});
}

void Http2Client::Finish(uint32_t stream, const std::string& request) {
  Send({Kind::kData, kEndStream, stream,
        absl::StrCat(Number(0, 1), Number(request.size(), 4), request)});
}

void Http2Client::BeginHealthCheck(uint32_t stream, const Fields& more) {
  Begin(stream, kHealthCheck, more);
}

size_t Http2Client::MetadataBytes(const Fields& more) {
  size_t bytes = 0;
  for (const auto& [name, value] : CallOf(kHealthCheck, more)) {
    bytes += name.size() + value.size() + kFieldOverhead;
  }
  return bytes;
}

void Http2Client::Ping() {
  Send({.kind = Kind::kPing, .payload = Number(0, 8)});
}

Http2Client::Frame Http2Client::Next() {
  if (!Fill(kHeadBytes)) return {};
  const size_t size = NumberAt(received_, 0, 3);
  if (!Fill(kHeadBytes + size)) return {};
  Frame frame;
  frame.kind = static_cast<Kind>(received_[3]);
  frame.flags = static_cast<uint8_t>(received_[4]);
  frame.stream = static_cast<uint32_t>(NumberAt(received_, 5, 4));
  frame.payload = received_.substr(kHeadBytes, size);
  received_.erase(0, kHeadBytes + size);
  if (frame.kind == Kind::kSettings && (frame.flags & kAck) == 0) {
    Send({.kind = Kind::kSettings, .flags = kAck});
  }
  return frame;
}

Http2Client::Frame Http2Client::NextOf(const std::vector<Kind>& kinds) {
  while (true) {
    Frame frame = Next();
    if (frame.kind == Kind::kClosed ||
        std::find(kinds.begin(), kinds.end(), frame.kind) != kinds.end()) {
      return frame;
    }
  }
}

void Http2Client::Send(const Frame& frame) {
  SendBytes(absl::StrCat(Number(frame.payload.size(), 3),
                         Number(static_cast<size_t>(frame.kind), 1),
                         Number(frame.flags, 1), Number(frame.stream, 4),
                         frame.payload));
}

// Who has closed is found out by reading.
void Http2Client::SendBytes(const std::string& bytes) {
  send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

bool Http2Client::Fill(size_t size) {
  char buffer[4096];
  while (received_.size() < size) {
    const ssize_t got = recv(socket_.get(), buffer, sizeof(buffer), 0);
    if (got < 0 && errno == EAGAIN) ADD_FAILURE() << "nothing comes";
    if (got <= 0) return false;
    received_.append(buffer, static_cast<size_t>(got));
  }
  return true;
}

}  // namespace budget::testing
