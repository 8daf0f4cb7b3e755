#include "tests/chaos/evidence.h"

#include <algorithm>
#include <iterator>

#include "tests/chaos/world.h"

namespace budget::chaos {
namespace {

constexpr int kEntriesAtOnce = 20'000;

}  // namespace

std::vector<Entry> AllEntriesOf(LedgerReader& reader, const std::string& root) {
  std::vector<Entry> entries;
  while (true) {
    auto page = reader.EntriesAfter(
        root, entries.empty() ? 0 : entries.back().sequence, kEntriesAtOnce);
    if (page.empty()) return entries;
    entries.insert(entries.end(), std::make_move_iterator(page.begin()),
                   std::make_move_iterator(page.end()));
  }
}

std::vector<int64_t> CountEntries(LedgerReader& reader) {
  std::vector<int64_t> counts;
  for (int root = 0; root < kRoots; ++root) {
    const auto entries = AllEntriesOf(reader, RootName(root));
    counts.push_back(static_cast<int64_t>(entries.size()));
  }
  return counts;
}

std::vector<RecordingClient::LimitIds> LimitIdsOf(LedgerReader& reader) {
  std::vector<RecordingClient::LimitIds> ids(kRoots);
  for (int root = 0; root < kRoots; ++root) {
    for (const auto& [id, limit] : reader.LimitsOf(RootName(root))) {
      ids[root][limit.name] = id;
    }
  }
  return ids;
}

Evidence EvidenceOf(int root, LedgerReader& reader, std::vector<Call>& calls,
                    const std::vector<Read>& reads,
                    const Log& log) {
  Evidence evidence{.root = RootName(root),
                    .troubles = log.troubles,
                    .micros_at_zero = log.micros_at_zero};
  const auto of_root = [root](const auto& item) { return item.root == root; };
  std::copy_if(calls.begin(), calls.end(), std::back_inserter(evidence.calls),
               of_root);
  std::copy_if(reads.begin(), reads.end(), std::back_inserter(evidence.reads),
               of_root);
  std::erase_if(calls, of_root);
  evidence.entries = AllEntriesOf(reader, evidence.root);
  evidence.counters = reader.CountersOf(evidence.root);
  evidence.limits = reader.LimitsOf(evidence.root);
  evidence.open = reader.OpenOf(evidence.root);
  evidence.limits_of_target = LimitsOfTargets(root, evidence.limits);
  return evidence;
}

}  // namespace budget::chaos
