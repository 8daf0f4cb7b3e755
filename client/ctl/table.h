#ifndef BUDGET_CTL_TABLE_H_
#define BUDGET_CTL_TABLE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace budget {

// Aligned columns under a heading: "NAME>" aligns to the right. Widths count
// characters of UTF-8, not bytes.
class Table {
 public:
  explicit Table(std::vector<std::string> headings);

  // As many cells as headings.
  void AddRow(std::vector<std::string> cells);
  bool empty() const { return rows_.size() == 1; }
  std::string ToString() const;

 private:
  std::vector<bool> right_;
  std::vector<std::vector<std::string>> rows_;  // the headings first
};

// "████░░░░  50 %" of `cells` characters; more than 100 % fills the bar.
std::string UsageBar(int64_t used, int64_t cap, int cells = 10);

// How many characters a text shows as.
size_t DisplayWidth(absl::string_view text);

}  // namespace budget

#endif  // BUDGET_CTL_TABLE_H_
