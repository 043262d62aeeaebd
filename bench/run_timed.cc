// Runs a command to its end and prints what it took, as one line of JSON:
//
//   run_timed COMMAND [ARGUMENT...]
//
// The command's output goes through a pipe, where its bytes and lines are
// counted. Times are those of the whole process, from fork to exit. The peak
// resident memory is that of the largest process of the command; a program of
// its own measures it because a child begins with its parent's peak.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPipeBytes = 1 << 20;
constexpr int kCannotRun = 127;  // as a shell says it

struct Output {
  uint64_t bytes = 0;
  uint64_t lines = 0;
};

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

Output drain(int fd) {
  static char buffer[kPipeBytes];
  Output output;
  for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0;) {
    output.bytes += static_cast<uint64_t>(n);
    output.lines += static_cast<uint64_t>(std::count(buffer, buffer + n, '\n'));
  }
  return output;
}

double milliseconds(const timeval& time) {
  return 1e3 * static_cast<double>(time.tv_sec) +
         1e-3 * static_cast<double>(time.tv_usec);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: run_timed COMMAND [ARGUMENT...]\n");
    return 2;
  }
  int ends[2];
  if (pipe(ends) != 0) die("run_timed: pipe");
  (void)fcntl(ends[1], F_SETPIPE_SZ, kPipeBytes);
  const auto begin = Clock::now();
  const pid_t child = fork();
  if (child < 0) die("run_timed: fork");
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    execvp(argv[1], argv + 1);
    std::perror(argv[1]);
    _exit(kCannotRun);
  }
  close(ends[1]);
  const Output output = drain(ends[0]);
  int status = 0;
  rusage usage{};
  if (wait4(child, &status, 0, &usage) != child) die("run_timed: wait4");
  const std::chrono::duration<double, std::milli> wall = Clock::now() - begin;
  fmt::print(
      "{{\"wall_ms\": {:.3f}, \"cpu_ms\": {:.3f}, \"rss_bytes\": {}, "
      "\"bytes\": {}, \"lines\": {}, \"status\": {}}}\n",
      wall.count(), milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime),
      int64_t{usage.ru_maxrss} * 1024, output.bytes, output.lines,
      WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  return 0;
}
