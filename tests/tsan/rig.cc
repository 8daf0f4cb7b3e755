// tsan_rig CASE: runs one case of rig.h. That those called wrong are reported,
// and the others are not, is for the caller to see.

#include "tests/tsan/rig.h"

#include <cstdio>
#include <map>
#include <string>

int main(int argc, char** argv) {
  const std::map<std::string, void (*)()> cases = {
      {"race", budget::tsan::Race},
      {"race_in_callback", budget::tsan::RaceInCallback},
      {"inverted_locks", budget::tsan::InvertedLocks},
      {"threads", budget::tsan::Threads},
      {"mutex", budget::tsan::Mutex},
      {"callbacks", budget::tsan::Callbacks},
      {"messages", budget::tsan::Messages},
  };
  const auto found = argc == 2 ? cases.find(argv[1]) : cases.end();
  if (found == cases.end()) {
    std::fprintf(stderr, "tsan_rig: which case?\n");
    return 2;
  }
  found->second();
  return 0;
}
