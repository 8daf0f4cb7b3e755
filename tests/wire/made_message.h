#ifndef BUDGET_TESTS_WIRE_MADE_MESSAGE_H_
#define BUDGET_TESTS_WIRE_MADE_MESSAGE_H_

#include <cstdint>
#include <string>

namespace budget::wire {

// A message of PostgreSQL's protocol as it goes over the wire.
inline std::string MadeMessage(char type, const std::string& body) {
  const auto length = static_cast<uint32_t>(body.size() + 4);
  std::string message(1, type);
  for (int shift = 24; shift >= 0; shift -= 8) {
    message += static_cast<char>(length >> shift);
  }
  return message + body;
}

}  // namespace budget::wire

#endif  // BUDGET_TESTS_WIRE_MADE_MESSAGE_H_
