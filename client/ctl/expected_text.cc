#include "client/ctl/expected_text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace budget {
namespace {

bool ReadSequence(absl::string_view text, v1::ExpectedEntry& entry) {
  int64_t sequence = 0;
  if (!absl::SimpleAtoi(text, &sequence) || sequence < 1) return false;
  entry.set_sequence(sequence);
  return true;
}

bool ReadLine(absl::string_view line, ExpectedByRoot& out) {
  const std::vector<std::string> words =
      absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (words.size() < 2 || words.size() > 3) return false;
  v1::ExpectedEntry entry;
  if (!ReadSequence(words[1], entry)) return false;
  if (words.size() == 3) entry.set_reservation_id(words[2]);
  out[words[0]].push_back(entry);
  return true;
}

}  // namespace

absl::Status ParseAtLeast(absl::string_view text, ExpectedByRoot& out) {
  const std::vector<std::string> parts = absl::StrSplit(text, '=');
  v1::ExpectedEntry entry;
  if (parts.size() != 2 || parts[0].empty() ||
      !ReadSequence(parts[1], entry)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--at-least: \"", text,
                     "\" is not a root and the number of its last known "
                     "entry; write acme=4711"));
  }
  out[parts[0]].push_back(entry);
  return absl::OkStatus();
}

absl::Status ParseExpectedFile(absl::string_view content, ExpectedByRoot& out) {
  int number = 0;
  for (absl::string_view line : absl::StrSplit(content, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || absl::StartsWith(line, "#")) continue;
    if (ReadLine(line, out)) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "--expect: line ", number,
        " is not a root, the number of an entry and, if known, the id of its "
        "reservation; write acme 4711 0198c0de-0000-7000-8000-000000000001"));
  }
  return absl::OkStatus();
}

}  // namespace budget
