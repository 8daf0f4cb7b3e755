#include "tests/bench/steps.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

namespace budget::bench {
namespace {

constexpr int kBarWidth = 24;
constexpr int kSetUpSteps = 2;

std::string Bar(int done, int total) {
  const int full = kBarWidth * done / total;
  std::string bar;
  for (int i = 0; i < kBarWidth; ++i) bar += i < full ? "█" : "░";
  return bar;
}

}  // namespace

Steps::Steps(int total)
    : total_(std::max(total, 1)),
      terminal_(isatty(STDERR_FILENO)) {}

Steps::~Steps() {
  if (terminal_ && shown_) std::fputc('\n', stderr);
}

void Steps::Begin(const std::string& what) {
  shown_ = true;
  absl::FPrintF(stderr, "%s%s %d/%d  %s%s%s", terminal_ ? "\r" : "",
                Bar(done_, total_), done_, total_, what, TimeLeft(),
                terminal_ ? "\x1b[K" : "\n");
  std::fflush(stderr);
}

void Steps::End() {
  if (++done_ == kSetUpSteps) set_up_ = absl::Now();
}

void Steps::Tell(const std::string& line) {
  absl::FPrintF(stderr, "%s%s\n", terminal_ ? "\r\x1b[K" : "", line);
}

// Those that set up say little about the others.
std::string Steps::TimeLeft() const {
  if (done_ <= kSetUpSteps) return "";
  const absl::Duration left = (absl::Now() - set_up_) /
                              (done_ - kSetUpSteps) * (total_ - done_);
  return absl::StrCat(", about ", absl::FormatDuration(absl::Ceil(
                                      left, absl::Seconds(1))),
                      " left");
}

}  // namespace budget::bench
