#include "tests/faults/states/system_calls.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <mutex>
#include <span>
#include <utility>

namespace logd::faults {
namespace {

std::recursive_mutex mutex;
CallObserver* current = nullptr;
thread_local bool within_observer = false;

// `make` makes the call, of at most so many bytes.
template <class Make>
auto steer(const Call& call, Make make) -> decltype(make(size_t{})) {
  constexpr size_t kAll = std::numeric_limits<size_t>::max();
  if (within_observer) return make(kAll);
  const std::lock_guard lock(mutex);
  if (current == nullptr) return make(kAll);
  within_observer = true;
  const Verdict verdict = current->before(call);
  decltype(make(kAll)) result{};
  if (verdict.error != 0) {
    errno = verdict.error;
    result = static_cast<decltype(result)>(-1);
  } else if (verdict.pretend) {
    result = static_cast<decltype(result)>(call.bytes.size());
  } else {
    result = make(verdict.bytes_max);
  }
  const int error = errno;
  current->after(call, static_cast<ssize_t>(result));
  within_observer = false;
  errno = error;
  return result;
}

}  // namespace

bool is_within_observer() { return within_observer; }

Observation::Observation(CallObserver& observer) {
  const std::lock_guard lock(mutex);
  before_ = std::exchange(current, &observer);
}

Observation::~Observation() {
  const std::lock_guard lock(mutex);
  current = before_;
}

}  // namespace logd::faults

using logd::faults::Call;
using logd::faults::CallKind;
using logd::faults::steer;

// The linker sends what calls X to __wrap_X, and __real_X is the X of libc.
extern "C" {

int __real_openat(int dir, const char* name, int flags, mode_t mode);
int __wrap_openat(int dir, const char* name, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const auto mode = static_cast<mode_t>(va_arg(rest, int));
  va_end(rest);
  const auto kind = (flags & O_CREAT) != 0       ? CallKind::kCreate
                    : (flags & O_DIRECTORY) != 0 ? CallKind::kList
                                                 : CallKind::kOpen;
  return steer({.kind = kind, .fd = dir, .name = name},
               [&](size_t) { return __real_openat(dir, name, flags, mode); });
}

ssize_t __real_pread(int fd, void* out, size_t count, off_t offset);
ssize_t __wrap_pread(int fd, void* out, size_t count, off_t offset) {
  return steer({.kind = CallKind::kRead, .fd = fd},
               [&](size_t) { return __real_pread(fd, out, count, offset); });
}

ssize_t __real_pwrite(int fd, const void* bytes, size_t count, off_t offset);
ssize_t __wrap_pwrite(int fd, const void* bytes, size_t count, off_t offset) {
  return steer({.kind = CallKind::kWrite,
                .fd = fd,
                .bytes = {static_cast<const char*>(bytes), count},
                .offset = static_cast<uint64_t>(offset)},
               [&](size_t bytes_max) {
                 return __real_pwrite(fd, bytes, std::min(count, bytes_max),
                                      offset);
               });
}

// The disk knows no pieces: each is a write of its own.
ssize_t __wrap_pwritev(int fd, const struct iovec* pieces, int count,
                       off_t offset) {
  ssize_t done = 0;
  for (const iovec& piece :
       std::span(pieces, static_cast<size_t>(std::max(count, 0)))) {
    const ssize_t written =
        __wrap_pwrite(fd, piece.iov_base, piece.iov_len, offset + done);
    if (written < 0) return done > 0 ? done : written;
    done += written;
    if (static_cast<size_t>(written) < piece.iov_len) break;
  }
  return done;
}

int __real_ftruncate(int fd, off_t length);
int __wrap_ftruncate(int fd, off_t length) {
  return steer({.kind = CallKind::kCut,
                .fd = fd,
                .offset = static_cast<uint64_t>(length)},
               [&](size_t) { return __real_ftruncate(fd, length); });
}

int __real_fallocate(int fd, int mode, off_t offset, off_t length);
int __wrap_fallocate(int fd, int mode, off_t offset, off_t length) {
  return steer({.kind = CallKind::kReserve, .fd = fd}, [&](size_t) {
    return __real_fallocate(fd, mode, offset, length);
  });
}

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd) {
  return steer({.kind = CallKind::kSyncData, .fd = fd},
               [&](size_t) { return __real_fdatasync(fd); });
}

int __real_fsync(int fd);
int __wrap_fsync(int fd) {
  return steer({.kind = CallKind::kSyncAll, .fd = fd},
               [&](size_t) { return __real_fsync(fd); });
}

int __real_renameat(int dir, const char* name, int to, const char* new_name);
int __wrap_renameat(int dir, const char* name, int to, const char* new_name) {
  return steer(
      {.kind = CallKind::kRename,
       .fd = dir,
       .name = name,
       .new_name = new_name},
      [&](size_t) { return __real_renameat(dir, name, to, new_name); });
}

int __real_unlinkat(int dir, const char* name, int flags);
int __wrap_unlinkat(int dir, const char* name, int flags) {
  return steer({.kind = CallKind::kRemove, .fd = dir, .name = name},
               [&](size_t) { return __real_unlinkat(dir, name, flags); });
}

int __real_fstat(int fd, struct stat* out);
int __wrap_fstat(int fd, struct stat* out) {
  return steer({.kind = CallKind::kStat, .fd = fd},
               [&](size_t) { return __real_fstat(fd, out); });
}

int __real_fstatat(int dir, const char* name, struct stat* out, int flags);
int __wrap_fstatat(int dir, const char* name, struct stat* out, int flags) {
  return steer({.kind = CallKind::kStat, .fd = dir, .name = name},
               [&](size_t) { return __real_fstatat(dir, name, out, flags); });
}

int __real_fstatvfs(int fd, struct statvfs* out);
int __wrap_fstatvfs(int fd, struct statvfs* out) {
  return steer({.kind = CallKind::kStat, .fd = fd},
               [&](size_t) { return __real_fstatvfs(fd, out); });
}

// Locks alone come this way.
int __real_fcntl(int fd, int command, void* argument);
int __wrap_fcntl(int fd, int command, ...) {
  va_list rest;
  va_start(rest, command);
  void* argument = va_arg(rest, void*);
  va_end(rest);
  return steer({.kind = CallKind::kLock, .fd = fd},
               [&](size_t) { return __real_fcntl(fd, command, argument); });
}

}  // extern "C"
