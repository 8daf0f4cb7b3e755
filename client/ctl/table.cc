#include "client/ctl/table.h"

#include <algorithm>
#include <utility>

#include "absl/numeric/int128.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

namespace budget {

Table::Table(std::vector<std::string> headings) {
  for (std::string& heading : headings) {
    const bool right = !heading.empty() && heading.back() == '>';
    if (right) heading.pop_back();
    right_.push_back(right);
  }
  rows_.push_back(std::move(headings));
}

void Table::AddRow(std::vector<std::string> cells) {
  cells.resize(right_.size());
  rows_.push_back(std::move(cells));
}

std::string Table::ToString() const {
  std::vector<size_t> widths(right_.size(), 0);
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(row[i]));
    }
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - DisplayWidth(row[i]), ' ');
      if (i > 0) line += "  ";
      line += right_[i] ? padding + row[i] : row[i] + padding;
    }
    text += std::string(absl::StripTrailingAsciiWhitespace(line)) + "\n";
  }
  return text;
}

std::string UsageBar(int64_t used, int64_t cap, int cells) {
  if (cap <= 0) return used > 0 ? "over" : "-";
  const int64_t percent =
      static_cast<int64_t>(absl::int128{std::max<int64_t>(used, 0)} * 100 / cap);
  const int full =
      static_cast<int>(std::min<int64_t>(percent, 100) * cells / 100);
  std::string bar;
  for (int i = 0; i < cells; ++i) bar += i < full ? "█" : "░";
  return absl::StrFormat("%s %3d %%", bar, percent);
}

size_t DisplayWidth(absl::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (c & 0xC0) != 0x80; });
}

}  // namespace budget
