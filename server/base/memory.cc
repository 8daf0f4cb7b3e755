#include "server/base/memory.h"

#include <malloc.h>
#include <unistd.h>

#include <fstream>

namespace budget {

int64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  int64_t all_pages = 0;
  int64_t resident_pages = 0;
  if (!(statm >> all_pages >> resident_pages)) return 0;
  return resident_pages * sysconf(_SC_PAGESIZE);
}

void GiveBackFreeMemory() { malloc_trim(/*pad=*/0); }

}  // namespace budget
