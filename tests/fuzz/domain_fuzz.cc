#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/fuzz/require.h"
#include "tests/model/generator.h"
#include "tests/model/lockstep.h"

// Operations decoded from bytes, against the independent model: the choices
// that the random generator makes by chance are made by the fuzzer, which sees
// what they reach.
namespace budget::fuzz {
namespace {

constexpr int kOperationsMax = 200;

// Two bytes a number; past the end any numbers, so that a choice under way
// comes to its end.
class Choices {
 public:
  Choices(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  uint64_t Next() {
    const uint64_t choice = left() ? Byte() | Byte() << 8 : ++past_end_;
    return choice | (choice * 0x9e3779b97f4a7c15) << 16;
  }
  bool left() const { return at_ < size_; }

 private:
  uint64_t Byte() { return at_ < size_ ? data_[at_++] : 0; }

  const uint8_t* const data_;
  const size_t size_;
  size_t at_ = 0;
  uint64_t past_end_ = 0;
};

}  // namespace
}  // namespace budget::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  budget::fuzz::Choices choices(data, size);
  budget::model::Generator generator([&] { return choices.Next(); });
  int left = budget::fuzz::kOperationsMax;
  const std::string wrong = budget::model::RunLockstep(
      generator, [&] { return choices.left() && left-- > 0; });
  budget::fuzz::Require(wrong.empty(), wrong);
  return 0;
}
