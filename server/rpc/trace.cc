#include "server/rpc/trace.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"

namespace budget {
namespace {

constexpr size_t kRequestIdBytesMax = 128;
constexpr char kRequestIdSigns[] = "-_.:/+=@";

bool IsLowerHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
  });
}

bool IsZero(absl::string_view text) {
  return text.find_first_not_of('0') == absl::string_view::npos;
}

bool MayBeLogged(absl::string_view id) {
  return !id.empty() && id.size() <= kRequestIdBytesMax &&
         std::all_of(id.begin(), id.end(), [](char c) {
           return absl::ascii_isalnum(c) ||
                  absl::string_view(kRequestIdSigns).find(c) !=
                      absl::string_view::npos;
         });
}

absl::string_view HeaderOf(const grpc::CallbackServerContext& context,
                           const char* key) {
  const auto it = context.client_metadata().find(key);
  if (it == context.client_metadata().end()) return "";
  return {it->second.data(), it->second.size()};
}

}  // namespace

// "00-<32 hex>-<16 hex>-<2 hex>"; a later version may say more after another
// hyphen, and version ff is forbidden.
std::optional<TraceContext> ParseTraceParent(absl::string_view header) {
  constexpr size_t kSize = 55;
  if (header.size() < kSize || header[2] != '-' || header[35] != '-' ||
      header[52] != '-') {
    return std::nullopt;
  }
  const absl::string_view version = header.substr(0, 2);
  const absl::string_view trace_id = header.substr(3, 32);
  const absl::string_view parent_id = header.substr(36, 16);
  const bool longer = header.size() > kSize;
  if (!IsLowerHex(version) || version == "ff" || !IsLowerHex(trace_id) ||
      !IsLowerHex(parent_id) || !IsLowerHex(header.substr(53, 2)) ||
      IsZero(trace_id) || IsZero(parent_id) ||
      (longer && (version == "00" || header[kSize] != '-'))) {
    return std::nullopt;
  }
  return TraceContext{std::string(trace_id), std::string(parent_id)};
}

std::optional<TraceContext> TraceOf(
    const grpc::CallbackServerContext& context) {
  return ParseTraceParent(HeaderOf(context, kTraceParentKey));
}

std::optional<std::string> RequestIdOf(
    const grpc::CallbackServerContext& context) {
  const absl::string_view id = HeaderOf(context, kRequestIdKey);
  if (!MayBeLogged(id)) return std::nullopt;
  return std::string(id);
}

std::string NewRequestId() {
  static const uint64_t process = [] {
    std::random_device random;
    return uint64_t{random()} << 32 | random();
  }();
  static std::atomic<uint64_t> made{0};
  return absl::StrFormat("%016x-%x", process, ++made);
}

}  // namespace budget
