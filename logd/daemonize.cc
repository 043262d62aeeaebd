#include "logd/daemonize.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <utility>

namespace logd {
namespace {

using logfmt::fail_errno;
using logfmt::Fd;
using logfmt::Result;
using logfmt::Status;

// One write of this size is atomic, so that one read takes it whole.
constexpr size_t kReportBytesMax = PIPE_BUF;
constexpr size_t kPidTextBytesMax = 32;
// Each try that fails means that another daemon has just ended.
constexpr int kPidFileTriesMax = 100;

Status point_to_null(std::initializer_list<int> descriptors) {
  const Fd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null.valid()) return fail_errno("cannot open /dev/null");
  for (const int fd : descriptors)
    if (dup2(null.get(), fd) < 0)
      return fail_errno(fmt::format("cannot close descriptor {}", fd));
  return {};
}

Daemonized wait_for_report(pid_t child, const Fd& line) {
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  std::array<char, kReportBytesMax> report{};
  ssize_t count = 0;
  do {
    count = read(line.get(), report.data(), report.size());
  } while (count < 0 && errno == EINTR);
  if (count <= 0)
    return {.waited = true,
            .exit_status = 1,
            .error = "logd: ended before it was ready, without a word\n"};
  const auto text_bytes = static_cast<size_t>(count) - 1;
  return {.waited = true,
          .exit_status = static_cast<uint8_t>(report[0]),
          .error = std::string(report.data() + 1, text_bytes)};
}

// The middle process: it leads the new session, and ends, so that the daemon
// does not lead it. Only the daemon returns from here.
Result<Daemonized> become_daemon(Fd line) {
  setsid();
  StartReport report(std::move(line));
  const pid_t child = fork();
  if (child != 0) {
    if (child < 0) (void)report.failed(1, "logd: cannot fork the daemon\n");
    _exit(0);
  }
  if (chdir("/") != 0) return fail_errno("cannot change to /");
  LOGD_RETURN_IF_ERROR(point_to_null({STDIN_FILENO}));
  return Daemonized{.report = std::move(report)};
}

std::string holder_of(int fd) {
  std::string text;
  if (!logfmt::pread_up_to(fd, 0, kPidTextBytesMax, text)) return "?";
  return text.substr(0, text.find('\n'));
}

// Whether the name still leads to the file that we hold open.
bool is_same_file(const std::filesystem::path& path, int fd) {
  struct stat by_name {};
  struct stat by_fd {};
  return stat(path.c_str(), &by_name) == 0 && fstat(fd, &by_fd) == 0 &&
         by_name.st_dev == by_fd.st_dev && by_name.st_ino == by_fd.st_ino;
}

Result<Fd> open_locked(const std::filesystem::path& path) {
  for (int tries = 0; tries < kPidFileTriesMax; ++tries) {
    Fd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!fd.valid()) return fail_errno("cannot open pid file " + path.string());
    if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK)
        return fail_errno("cannot lock pid file " + path.string());
      return logfmt::fail(
          logfmt::ErrorCode::kInvalidArgument,
          fmt::format("already running: process {} holds pid file {}",
                      holder_of(fd.get()), path.string()));
    }
    // Its last owner may have removed it between our open and our lock.
    if (is_same_file(path, fd.get())) return fd;
  }
  return logfmt::fail(
      logfmt::ErrorCode::kIo,
      fmt::format("pid file {} is replaced again and again", path.string()));
}

}  // namespace

Status StartReport::ready() {
  if (!line_.valid()) return {};
  LOGD_RETURN_IF_ERROR(point_to_null({STDOUT_FILENO, STDERR_FILENO}));
  return send(0, "");
}

Status StartReport::failed(int exit_status, std::string_view text) {
  if (!line_.valid()) return {};
  return send(exit_status, text);
}

Status StartReport::send(int exit_status, std::string_view text) {
  std::string report(1, static_cast<char>(exit_status));
  report += text.substr(0, kReportBytesMax - 1);
  const Fd line = std::move(line_);
  if (write(line.get(), report.data(), report.size()) < 0)
    return fail_errno("cannot report to the process that started logd");
  return {};
}

Result<Daemonized> daemonize() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    return fail_errno("cannot make a pipe to the daemon");
  const Fd read_end(ends[0]);
  Fd write_end(ends[1]);
  const pid_t child = fork();
  if (child < 0) return fail_errno("cannot fork");
  if (child == 0) return become_daemon(std::move(write_end));
  write_end.reset();
  return wait_for_report(child, read_end);
}

PidFile::PidFile(std::filesystem::path path, Fd fd)
    : path_(std::move(path)), fd_(std::move(fd)), owner_(getpid()) {}

PidFile::PidFile(PidFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::move(other.fd_)),
      owner_(std::exchange(other.owner_, 0)) {}

PidFile::~PidFile() {
  if (owner_ == getpid()) unlink(path_.c_str());
}

Result<PidFile> PidFile::create(const std::filesystem::path& path) {
  auto fd = open_locked(path);
  if (!fd) return logfmt::fail(std::move(fd.error()));
  const auto text = fmt::format("{}\n", getpid());
  if (ftruncate(fd->get(), 0) != 0)
    return fail_errno("cannot empty pid file " + path.string());
  LOGD_RETURN_IF_ERROR(logfmt::pwrite_all(fd->get(), 0, text));
  return PidFile(path, std::move(*fd));
}

}  // namespace logd
