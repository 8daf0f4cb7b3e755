// Preloaded into a replica: the time of day is CHAOS_CLOCK_SECONDS ahead of (or
// behind) everybody else's, and waits until a time of day last as long as they
// would. Other clocks are as they are.

#include <dlfcn.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

namespace {

time_t Offset() {
  static const time_t offset = [] {
    const char* const seconds = getenv("CHAOS_CLOCK_SECONDS");
    return seconds == nullptr ? time_t{0} : static_cast<time_t>(atoll(seconds));
  }();
  return offset;
}

template <typename Function>
Function Real(Function, const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

// What the system calls `time`, if it is a time of day: the time since the
// start of a machine is not that long.
timespec ToReal(const timespec& time) {
  constexpr time_t kThirtyYears = 946'684'800;
  timespec real = time;
  if (time.tv_sec > kThirtyYears) real.tv_sec -= Offset();
  return real;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  static const auto real = Real(&clock_gettime, "clock_gettime");
  const int result = real(clock, time);
  if (result == 0 &&
      (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    time->tv_sec += Offset();
  }
  return result;
}

int gettimeofday(timeval* time, void* zone) noexcept {
  static const auto real = Real(&gettimeofday, "gettimeofday");
  const int result = real(time, zone);
  if (result == 0) time->tv_sec += Offset();
  return result;
}

time_t time(time_t* result) noexcept {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result != nullptr) *result = now.tv_sec;
  return now.tv_sec;
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                           const timespec* until) {
  static const auto real =
      Real(&pthread_cond_timedwait, "pthread_cond_timedwait");
  const timespec real_until = ToReal(*until);
  return real(condition, mutex, &real_until);
}

// Abseil's mutexes wait for a futex until a time of day.
long syscall(long number, ...) noexcept {
  static const auto real = Real(&syscall, "syscall");
  long a[6];
  va_list arguments;
  va_start(arguments, number);
  for (long& argument : a) argument = va_arg(arguments, long);
  va_end(arguments);
  timespec until;
  if (number == SYS_futex && (a[1] & FUTEX_CLOCK_REALTIME) != 0 && a[3] != 0) {
    until = ToReal(*reinterpret_cast<const timespec*>(a[3]));
    a[3] = reinterpret_cast<intptr_t>(&until);
  }
  return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

}  // extern "C"
