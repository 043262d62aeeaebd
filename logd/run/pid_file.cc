#include "logd/run/pid_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

namespace logrun {
namespace {

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

bool is_alive(pid_t pid) {
  return pid > 0 && pid != getpid() && (kill(pid, 0) == 0 || errno == EPERM);
}

}  // namespace

logfmt::Result<PidFile> PidFile::claim(const std::string& path) {
  logfmt::Fd fd(
      open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!fd.valid()) {
    return logfmt::fail_errno(fmt::format("cannot open the pid file {}", path));
  }
  const bool locked = flock(fd.get(), LOCK_EX | LOCK_NB) == 0;
  if (const pid_t pid = read_pid(fd.get()); !locked || is_alive(pid)) {
    return logfmt::fail(
        logfmt::ErrorCode::kInvalidArgument,
        fmt::format("the pid file {} belongs to process {}, which is running; "
                    "stop it, or choose another --pidfile",
                    path, pid));
  }
  const std::string text = fmt::format("{}\n", getpid());
  if (ftruncate(fd.get(), 0) != 0) {
    return logfmt::fail_errno(
        fmt::format("cannot empty the pid file {}", path));
  }
  LOGD_RETURN_IF_ERROR(logfmt::pwrite_all(fd.get(), 0, text));
  return PidFile(path, std::move(fd));
}

PidFile::~PidFile() {
  if (fd_.valid()) unlink(path_.c_str());
}

}  // namespace logrun
