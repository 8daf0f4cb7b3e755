#ifndef BUDGET_TESTS_CHAOS_EVIDENCE_H_
#define BUDGET_TESTS_CHAOS_EVIDENCE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/chaos/checker.h"
#include "tests/chaos/conductor.h"
#include "tests/chaos/history.h"
#include "tests/chaos/ledger_reader.h"
#include "tests/chaos/recording_client.h"

namespace budget::chaos {

// The whole ledger of a root.
std::vector<Entry> AllEntriesOf(LedgerReader& reader, const std::string& root);

// By root of the world: how many entries its ledger has.
std::vector<int64_t> CountEntries(LedgerReader& reader);

// By root of the world: the limits that reads are of.
std::vector<RecordingClient::LimitIds> LimitIdsOf(LedgerReader& reader);

// Everything that is known of one root of the world. Takes its calls away from
// `calls`.
Evidence EvidenceOf(int root, LedgerReader& reader, std::vector<Call>& calls,
                    const std::vector<Read>& reads,
                    const Log& log);

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_EVIDENCE_H_
