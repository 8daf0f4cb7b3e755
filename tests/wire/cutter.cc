#include "tests/wire/cutter.h"

namespace budget::wire {
namespace {

constexpr char kCommit[] = "commit";  // the store's name for it

}  // namespace

std::string Cutter::FromClient(absl::string_view bytes) {
  sent_.append(bytes.data(), bytes.size());
  absl::string_view rest = sent_;
  std::string forwarded;
  while (!has_cut_) {
    const absl::string_view message = FirstMessage(rest, framing_);
    if (message.empty()) break;
    if (framing_ == Framing::kTyped && BindsStatement(message, kCommit)) {
      cut_ = take_();
      has_cut_ = cut_ == Cut::kBeforeCommit;
      if (has_cut_) break;
    }
    framing_ = Framing::kTyped;
    forwarded.append(message.data(), message.size());
    rest.remove_prefix(message.size());
    has_cut_ = cut_ == Cut::kAfterCommit && IsSync(message);
  }
  sent_.erase(0, sent_.size() - rest.size());
  return forwarded;
}

// The first message is one byte only where encryption was asked for, which
// nobody does on a Unix socket.
std::string Cutter::FromServer(absl::string_view bytes) {
  answered_.append(bytes.data(), bytes.size());
  absl::string_view rest = answered_;
  std::string forwarded;
  while (!has_cut_) {
    const absl::string_view message = FirstMessage(rest, Framing::kTyped);
    if (message.empty()) break;
    size_t size = message.size();
    if (cut_ == Cut::kInReply && SaysCommitted(message)) {
      size /= 2;
      has_cut_ = true;
    }
    forwarded.append(message.data(), size);
    rest.remove_prefix(message.size());
  }
  answered_.erase(0, answered_.size() - rest.size());
  return forwarded;
}

}  // namespace budget::wire
