// Preloaded into PostgreSQL: while the file that CHAOS_DISK names says "wal" or
// "data", nothing there can grow, as on a disk that is full. What is written
// over in place still is.

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

// "/pg_wal/" or "/base/"; null while there is room. One system call in most
// cases, and no memory is taken.
const char* FullPart() {
  const char* const control = getenv("CHAOS_DISK");
  if (control == nullptr) return nullptr;
  const int file = open(control, O_RDONLY | O_CLOEXEC);
  if (file < 0) return nullptr;
  char what = 0;
  const ssize_t got = read(file, &what, 1);
  close(file);
  if (got != 1) return nullptr;
  return what == 'w' ? "/pg_wal/" : "/base/";
}

bool IsFull(int file, off_t end) {
  const int error = errno;
  const char* const part = FullPart();
  bool full = false;
  if (part != nullptr) {
    char link[64];
    char path[4096];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
    const ssize_t size = readlink(link, path, sizeof(path) - 1);
    path[size < 0 ? 0 : size] = '\0';
    struct stat now;
    full = strstr(path, part) != nullptr && fstat(file, &now) == 0 &&
           end > now.st_size;
  }
  errno = full ? ENOSPC : error;
  return full;
}

template <typename Function>
Function Real(Function, const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

off_t SizeOf(const iovec* parts, int count) {
  off_t size = 0;
  for (int i = 0; i < count; ++i) size += static_cast<off_t>(parts[i].iov_len);
  return size;
}

}  // namespace

extern "C" {

ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  static const auto real = Real(&pwrite, "pwrite");
  if (IsFull(file, at + static_cast<off_t>(size))) return -1;
  return real(file, bytes, size, at);
}

ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t at) {
  static const auto real = Real(&pwrite64, "pwrite64");
  if (IsFull(file, at + static_cast<off_t>(size))) return -1;
  return real(file, bytes, size, at);
}

ssize_t pwritev(int file, const iovec* parts, int count, off_t at) {
  static const auto real = Real(&pwritev, "pwritev");
  if (IsFull(file, at + SizeOf(parts, count))) return -1;
  return real(file, parts, count, at);
}

ssize_t pwritev64(int file, const iovec* parts, int count, off64_t at) {
  static const auto real = Real(&pwritev64, "pwritev64");
  if (IsFull(file, at + SizeOf(parts, count))) return -1;
  return real(file, parts, count, at);
}

int posix_fallocate(int file, off_t at, off_t size) {
  static const auto real = Real(&posix_fallocate, "posix_fallocate");
  return IsFull(file, at + size) ? ENOSPC : real(file, at, size);
}

int posix_fallocate64(int file, off64_t at, off64_t size) {
  static const auto real = Real(&posix_fallocate64, "posix_fallocate64");
  return IsFull(file, at + size) ? ENOSPC : real(file, at, size);
}

}  // extern "C"
