// How a process ended, in the words of the log and of exit codes.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace logrun {

struct ChildExit {
  int wait_status = 0;  // as wait4(2) gives it
  std::chrono::microseconds runtime{0};
  long rss_kb_max = 0;

  bool succeeded() const;
  bool by_signal() const;

  // What logrun itself returns: the status, or 128 + the signal's number.
  int shell_status() const;
  // EXIT_CODE and EXIT_STATUS, as systemd has them in a unit's environment:
  // "exited" and a number; "killed" or "dumped" and a signal's name.
  std::string_view code() const;
  std::string status() const;
  // "exited with status 1", "was killed by SIGSEGV (core dumped)".
  std::string text() const;
};

// "SIGTERM"; "SIG40" for a number without a name.
std::string signal_name(int signal);

}  // namespace logrun
