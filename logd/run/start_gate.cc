#include "logd/run/start_gate.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>

namespace logrun {
namespace {

logfmt::Result<std::optional<int>> read_status(int fd) {
  unsigned char status = 0;
  ssize_t bytes = 0;
  do {
    bytes = read(fd, &status, 1);
  } while (bytes < 0 && errno == EINTR);
  if (bytes == 1) return status;
  return logfmt::fail(logfmt::ErrorCode::kIo,
                      "the background process ended before it could start "
                      "the command");
}

void replace_by_null(std::initializer_list<int> fds) {
  const logfmt::Fd null_device(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null_device.valid()) return;
  for (const int fd : fds) dup2(null_device.get(), fd);
}

}  // namespace

logfmt::Result<std::optional<int>> StartGate::detach() {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) {
    return logfmt::fail_errno("cannot create a pipe to the background process");
  }
  logfmt::Fd read_end(fds[0]);
  logfmt::Fd write_end(fds[1]);
  const pid_t first = fork();
  if (first < 0) return logfmt::fail_errno("cannot fork");
  if (first > 0) {
    write_end.reset();
    waitpid(first, nullptr, 0);
    return read_status(read_end.get());
  }
  setsid();
  const pid_t second = fork();
  if (second != 0) _exit(second > 0 ? 0 : 125);
  replace_by_null({STDIN_FILENO});
  report_ = std::move(write_end);
  return std::nullopt;
}

void StartGate::open(int exit_status) {
  if (!report_.valid()) return;
  const auto status = static_cast<unsigned char>(exit_status);
  // The caller may have been killed meanwhile; nobody is left to be told.
  static_cast<void>(write(report_.get(), &status, 1) == 1);
  report_.reset();
  replace_by_null({STDOUT_FILENO, STDERR_FILENO});
}

}  // namespace logrun
