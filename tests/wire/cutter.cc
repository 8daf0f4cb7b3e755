#include "tests/wire/cutter.h"

namespace budget::wire {
namespace {

constexpr char kCommit[] = "commit";  // the store's name for it

}  // namespace

std::string Cutter::FromClient(absl::string_view bytes) {
  if (protocol_ == Protocol::kBytes) return PassOrHalve(bytes, Cut::kInRequest);
  sent_.append(bytes.data(), bytes.size());
  absl::string_view rest = sent_;
  std::string forwarded;
  while (!has_cut_) {
    const absl::string_view message = FirstMessage(rest, framing_);
    if (message.empty()) break;
    if (framing_ == Framing::kTyped && BindsStatement(message, kCommit)) {
      has_cut_ = take_(Cut::kBeforeCommit);
      if (has_cut_) break;
      commits_ = awaits_commit_ = true;
    }
    framing_ = Framing::kTyped;
    forwarded.append(message.data(), message.size());
    rest.remove_prefix(message.size());
    if (!IsSync(message)) continue;
    has_cut_ = commits_ && take_(Cut::kAfterCommit);
    commits_ = false;
  }
  sent_.erase(0, sent_.size() - rest.size());
  return forwarded;
}

// The first message is one byte only where encryption was asked for, which
// nobody does on a Unix socket.
std::string Cutter::FromServer(absl::string_view bytes) {
  if (protocol_ == Protocol::kBytes) return PassOrHalve(bytes, Cut::kInReply);
  answered_.append(bytes.data(), bytes.size());
  absl::string_view rest = answered_;
  std::string forwarded;
  while (!has_cut_) {
    const absl::string_view message = FirstMessage(rest, Framing::kTyped);
    if (message.empty()) break;
    size_t size = message.size();
    if (awaits_commit_ && SaysCommitted(message)) {
      awaits_commit_ = false;
      has_cut_ = take_(Cut::kInReply);
      if (has_cut_) size /= 2;
    }
    forwarded.append(message.data(), size);
    rest.remove_prefix(message.size());
  }
  answered_.erase(0, answered_.size() - rest.size());
  return forwarded;
}

std::string Cutter::PassOrHalve(absl::string_view bytes, Cut cut) {
  if (has_cut_ || bytes.empty()) return {};
  has_cut_ = take_(cut);
  return std::string(bytes.substr(0, has_cut_ ? bytes.size() / 2
                                              : bytes.size()));
}

}  // namespace budget::wire
