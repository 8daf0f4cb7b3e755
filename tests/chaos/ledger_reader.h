#ifndef BUDGET_TESTS_CHAOS_LEDGER_READER_H_
#define BUDGET_TESTS_CHAOS_LEDGER_READER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "tests/chaos/ledger.h"

namespace budget::chaos {

// Reads the tables themselves, past everything of the service. Calls throw what
// libpqxx throws. Not thread-safe.
class LedgerReader {
 public:
  explicit LedgerReader(const std::string& uri);
  ~LedgerReader();

  // Up to `max` entries after `sequence`, in order.
  std::vector<Entry> EntriesAfter(const std::string& root, int64_t sequence,
                                  int max);
  // Passes each entry after `sequence` to `add`, in order, and returns the
  // counters as of the last of them: all is of one snapshot. Where that fails
  // on the way, what was passed is true all the same.
  std::vector<StoredCounter> Follow(const std::string& root, int64_t sequence,
                                    absl::FunctionRef<void(const Entry&)> add);
  Limits LimitsOf(const std::string& root);
  std::vector<StoredCounter> CountersOf(const std::string& root);
  // How many reservations of the root are open.
  int64_t OpenOf(const std::string& root);

 private:
  // libpqxx 6 and 7 name their connections differently.
  struct Session;

  std::unique_ptr<Session> session_;
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_LEDGER_READER_H_
