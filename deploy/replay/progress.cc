#include "deploy/replay/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/str_format.h"

namespace budget::replay {
namespace {

constexpr int kBarWidth = 32;

std::string Bar(int64_t done, int64_t total) {
  const int full = static_cast<int>(kBarWidth * done / total);
  std::string bar;
  for (int i = 0; i < kBarWidth; ++i) bar += i < full ? "█" : "░";
  return bar;
}

}  // namespace

Progress::Progress(std::string what, int64_t total)
    : what_(std::move(what)),
      total_(std::max<int64_t>(total, 1)),
      terminal_(isatty(STDERR_FILENO)) {}

Progress::~Progress() {
  if (terminal_ && tenths_shown_ >= 0) std::fputc('\n', stderr);
}

void Progress::Show(int64_t done, absl::string_view note) {
  done = std::clamp<int64_t>(done, 0, total_);
  const int64_t tenths = done * 10 / total_;
  if (!terminal_ && tenths == tenths_shown_) return;
  tenths_shown_ = tenths;
  absl::FPrintF(stderr, "%s%s %s %3d %%  %d of %d  %s%s", terminal_ ? "\r" : "",
                what_, Bar(done, total_), done * 100 / total_, done, total_,
                note, terminal_ ? "\x1b[K" : "\n");
  std::fflush(stderr);
}

}  // namespace budget::replay
