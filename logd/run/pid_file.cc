#include "logd/run/pid_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <utility>

namespace logrun {
namespace {

// Each try means that a logrun ended at that very moment.
constexpr int kTriesMax = 100;

// The pid written in the file, 0 where there is none.
pid_t read_pid(int fd) {
  std::array<char, 32> text{};
  const ssize_t bytes = pread(fd, text.data(), text.size(), 0);
  pid_t pid = 0;
  if (bytes <= 0 || std::from_chars(text.data(), text.data() + bytes, pid).ec !=
                        std::errc()) {
    return 0;
  }
  return pid;
}

logfmt::Error belongs_to(pid_t pid, const std::string& path) {
  const std::string owner =
      pid > 0 ? fmt::format("process {}, which is running", pid)
              : "a logrun that is just starting";
  return {.code = logfmt::ErrorCode::kInvalidArgument,
          .detail = fmt::format("the pid file {} belongs to {}; stop it, or "
                                "choose another --pidfile",
                                path, owner)};
}

// Whether the path still names the open file. Its last owner may have removed
// it between our opening and our locking it.
bool is_named(int fd, const std::string& path) {
  struct stat open_file {};
  struct stat named {};
  return fstat(fd, &open_file) == 0 && lstat(path.c_str(), &named) == 0 &&
         open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

logfmt::Result<logfmt::Fd> open_locked(const std::string& path) {
  for (int tries = 0; tries < kTriesMax; ++tries) {
    logfmt::Fd fd(
        open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!fd.valid()) {
      return logfmt::fail_errno(
          fmt::format("cannot open the pid file {}", path));
    }
    if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      return logfmt::fail(belongs_to(read_pid(fd.get()), path));
    }
    if (is_named(fd.get(), path)) return fd;
  }
  return logfmt::fail(
      logfmt::ErrorCode::kIo,
      fmt::format("the pid file {} is replaced again and again; choose "
                  "another --pidfile",
                  path));
}

}  // namespace

logfmt::Result<PidFile> PidFile::claim(const std::string& path) {
  auto fd = open_locked(path);
  if (!fd) return logfmt::fail(std::move(fd.error()));
  if (ftruncate(fd->get(), 0) != 0) {
    return logfmt::fail_errno(
        fmt::format("cannot empty the pid file {}", path));
  }
  const std::string text = fmt::format("{}\n", getpid());
  LOGD_RETURN_IF_ERROR(logfmt::pwrite_all(fd->get(), 0, text));
  return PidFile(path, std::move(*fd));
}

PidFile::~PidFile() {
  if (fd_.valid()) unlink(path_.c_str());
}

}  // namespace logrun
