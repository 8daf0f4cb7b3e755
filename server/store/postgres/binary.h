#ifndef BUDGET_STORE_POSTGRES_BINARY_H_
#define BUDGET_STORE_POSTGRES_BINARY_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// PostgreSQL's binary format: integers in network order, times in microseconds
// since 2000. Pure; reading throws std::runtime_error on what is too short.
namespace budget::binary {

// Numbers of built-in types, the same in every database (pg_type.dat).
enum class Type : int32_t {
  kBool = 16,
  kBytea = 17,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kText = 25,
  kInt4Array = 1007,
  kInt8Array = 1016,
  kTimestamptz = 1184,
  kUuid = 2950,
  kJsonb = 3802,
};

// The first byte of a jsonb.
inline constexpr char kJsonbVersion = 1;

void PutInt2(int16_t value, std::string& out);
void PutInt4(int32_t value, std::string& out);
void PutInt8(int64_t value, std::string& out);
// Overwrites four bytes that are there.
void SetInt4(size_t at, int32_t value, std::string& out);

// An integer of 1, 2, 4 or 8 bytes: all of `bytes`.
int64_t ToInt(absl::string_view bytes);
// The four bytes at the start of `bytes`, which are taken off it.
int32_t TakeInt4(absl::string_view& bytes);

int64_t FromTime(absl::Time time);
absl::Time ToTime(int64_t micros);

}  // namespace budget::binary

#endif  // BUDGET_STORE_POSTGRES_BINARY_H_
