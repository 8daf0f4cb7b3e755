#ifndef BUDGET_BASE_MEMORY_H_
#define BUDGET_BASE_MEMORY_H_

#include <cstdint>

namespace budget {

// The memory of this process. Thread-safe.

// What of it is in RAM, in bytes; 0 where there is no /proc. Quick.
int64_t ResidentBytes();

// Gives back to the system what malloc keeps for later. Takes milliseconds, in
// which others that allocate may wait.
void GiveBackFreeMemory();

}  // namespace budget

#endif  // BUDGET_BASE_MEMORY_H_
