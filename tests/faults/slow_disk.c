/* Makes the disk slow: preloaded into logd, it lets each call that writes to,
 * makes or syncs a file of the store take a second more, for as long as the
 * file that SLOW_DISK_SWITCH names exists. SLOW_DISK_STORE is the store. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static const struct timespec kDelay = {.tv_sec = 1};

static int is_slow(void) {
  const char* file = getenv("SLOW_DISK_SWITCH");
  return file != NULL && access(file, F_OK) == 0;
}

static void delay(int fd) {
  if (!is_slow()) return;
  char link[32];
  char path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  const char* store = getenv("SLOW_DISK_STORE");
  if (size < 0 || store == NULL) return;
  path[size] = '\0';
  if (strncmp(path, store, strlen(store)) == 0) nanosleep(&kDelay, NULL);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  delay(fd);
  return REAL(pwrite)(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  delay(fd);
  return REAL(pwrite64)(fd, data, size, at);
}

ssize_t pwritev(int fd, const struct iovec* pieces, int count, off_t at) {
  delay(fd);
  return REAL(pwritev)(fd, pieces, count, at);
}

ssize_t pwritev64(int fd, const struct iovec* pieces, int count, off64_t at) {
  delay(fd);
  return REAL(pwritev64)(fd, pieces, count, at);
}

ssize_t write(int fd, const void* data, size_t size) {
  delay(fd);
  return REAL(write)(fd, data, size);
}

int fdatasync(int fd) {
  delay(fd);
  return REAL(fdatasync)(fd);
}

int fsync(int fd) {
  delay(fd);
  return REAL(fsync)(fd);
}

int fallocate(int fd, int mode, off_t at, off_t size) {
  delay(fd);
  return REAL(fallocate)(fd, mode, at, size);
}

int fallocate64(int fd, int mode, off64_t at, off64_t size) {
  delay(fd);
  return REAL(fallocate64)(fd, mode, at, size);
}

/* Files are made relative to the store's directory. */
int openat(int directory, const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  if (flags & O_CREAT) delay(directory);
  return REAL(openat)(directory, path, flags, mode);
}
