#include "logd/run/child_exit.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <csignal>
#include <cstring>

namespace logrun {

std::string signal_name(int signal) {
  const char* const name = sigabbrev_np(signal);
  return name != nullptr ? fmt::format("SIG{}", name)
                         : fmt::format("SIG{}", signal);
}

bool ChildExit::succeeded() const {
  return WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0;
}

bool ChildExit::by_signal() const { return WIFSIGNALED(wait_status); }

int ChildExit::shell_status() const {
  return by_signal() ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

std::string_view ChildExit::code() const {
  if (!by_signal()) return "exited";
  return WCOREDUMP(wait_status) ? "dumped" : "killed";
}

std::string ChildExit::status() const {
  return by_signal() ? signal_name(WTERMSIG(wait_status))
                     : fmt::format("{}", WEXITSTATUS(wait_status));
}

std::string ChildExit::text() const {
  if (!by_signal()) return fmt::format("exited with status {}", status());
  return fmt::format("was killed by {}{}", status(),
                     WCOREDUMP(wait_status) ? " (core dumped)" : "");
}

}  // namespace logrun
