// Tells ThreadSanitizer what Debian's gRPC, which is built without it, hands
// from thread to thread: whoever gets the tag of a batch comes after whoever
// started the batch. Stands before three functions of gRPC, in every program of
// the preset; is itself built without the sanitizer, lest what it does be taken
// for a hand-over of ours.

#include <dlfcn.h>
#include <grpc/grpc.h>
#include <link.h>
#include <sanitizer/tsan_interface.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>

namespace {

using Functor = grpc_completion_queue_functor;
using Run = void (*)(Functor*, int);

// The functions that gRPC has been given to run: one for each class of tag.
constexpr size_t kRunsMax = 8;
std::array<std::atomic<Run>, kRunsMax> runs;

template <size_t kIndex>
void RunAfter(Functor* functor, int ok) {
  __tsan_acquire(functor);
  functor->functor_run = runs[kIndex];
  functor->functor_run(functor, ok);
}

constexpr std::array<Run, kRunsMax> kAfter = {
    RunAfter<0>, RunAfter<1>, RunAfter<2>, RunAfter<3>,
    RunAfter<4>, RunAfter<5>, RunAfter<6>, RunAfter<7>};

// The twin of `run` that tells first.
Run After(Run run) {
  for (size_t i = 0; i < kRunsMax; ++i) {
    Run known = nullptr;
    if (runs[i].compare_exchange_strong(known, run) || known == run) {
      return kAfter[i];
    }
  }
  std::abort();
}

bool IsCode(std::uintptr_t address) {
  const auto holds = [](dl_phdr_info* object, size_t, void* data) {
    const std::uintptr_t place = *static_cast<std::uintptr_t*>(data);
    return static_cast<int>(std::any_of(
        object->dlpi_phdr, object->dlpi_phdr + object->dlpi_phnum,
        [&](const ElfW(Phdr) & segment) {
          const std::uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
          return segment.p_type == PT_LOAD && (segment.p_flags & PF_X) != 0 &&
                 begin <= place && place < begin + segment.p_memsz;
        }));
  };
  return dl_iterate_phdr(holds, &address) != 0;
}

// The tag of a callback begins with the function to be run; every other tag of
// gRPC's C++ is an object, which begins with its table of virtual functions.
Functor* AsFunctor(void* tag) {
  static thread_local Run last = nullptr;
  auto* const functor = static_cast<Functor*>(tag);
  if (functor->functor_run == last) return functor;
  if (!IsCode(reinterpret_cast<std::uintptr_t>(functor->functor_run))) {
    return nullptr;
  }
  last = functor->functor_run;
  return functor;
}

template <typename Function>
Function Real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

grpc_call_error grpc_call_start_batch(grpc_call* call, const grpc_op* ops,
                                      size_t nops, void* tag, void* reserved) {
  static const auto real =
      Real<decltype(&grpc_call_start_batch)>("grpc_call_start_batch");
  if (tag == nullptr) return real(call, ops, nops, tag, reserved);
  __tsan_release(tag);
  Functor* const functor = AsFunctor(tag);
  if (functor == nullptr) return real(call, ops, nops, tag, reserved);
  const Run run = functor->functor_run;
  functor->functor_run = After(run);
  const grpc_call_error error = real(call, ops, nops, tag, reserved);
  if (error != GRPC_CALL_OK) functor->functor_run = run;
  return error;
}

grpc_event grpc_completion_queue_next(grpc_completion_queue* queue,
                                      gpr_timespec deadline, void* reserved) {
  static const auto real =
      Real<decltype(&grpc_completion_queue_next)>("grpc_completion_queue_next");
  const grpc_event event = real(queue, deadline, reserved);
  if (event.type == GRPC_OP_COMPLETE) __tsan_acquire(event.tag);
  return event;
}

grpc_event grpc_completion_queue_pluck(grpc_completion_queue* queue, void* tag,
                                       gpr_timespec deadline, void* reserved) {
  static const auto real = Real<decltype(&grpc_completion_queue_pluck)>(
      "grpc_completion_queue_pluck");
  const grpc_event event = real(queue, tag, deadline, reserved);
  if (event.type == GRPC_OP_COMPLETE) __tsan_acquire(tag);
  return event;
}

}  // extern "C"
