#include "query/pager.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>

namespace logq {
namespace {

// Quit on one screen, wrap long lines, pass colours, leave the text on screen.
constexpr std::string_view kLessDefault = "FRX";
constexpr int kExitNotFound = 127;

bool is_installed(const std::string& program, const Environment& environment) {
  const std::string path = environment.variable("PATH");
  for (std::string_view rest = path; !rest.empty();) {
    const size_t end = std::min(rest.find(':'), rest.size());
    const std::string file = std::string(rest.substr(0, end)) + "/" + program;
    if (access(file.c_str(), X_OK) == 0) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

std::string pager_command(const Environment& environment) {
  for (const char* name : {"LOGQ_PAGER", "PAGER"}) {
    if (auto said = environment.variable(name); !said.empty()) {
      return said == "cat" ? "" : said;
    }
  }
  return is_installed("less", environment) ? "less" : "";
}

[[noreturn]] void run_pager(const PagerChoice& choice, int input) {
  signal(SIGINT, SIG_DFL);
  signal(SIGPIPE, SIG_DFL);
  dup2(input, STDIN_FILENO);
  setenv("LESS", choice.less.c_str(), 1);
  setenv("LESSCHARSET", "utf-8", 1);
  if (choice.secure) setenv("LESSSECURE", "1", 1);
  execl("/bin/sh", "sh", "-c", choice.command.c_str(), nullptr);
  _exit(kExitNotFound);
}

}  // namespace

std::optional<PagerChoice> choose_pager(const PagerRequest& request,
                                        const Environment& environment) {
  if (request.disabled || request.follow) return std::nullopt;
  const std::string terminal = environment.variable("TERM");
  if (!environment.stdout_is_terminal || terminal.empty() ||
      terminal == "dumb") {
    return std::nullopt;
  }
  PagerChoice choice;
  choice.command = pager_command(environment);
  if (choice.command.empty()) return std::nullopt;
  choice.less = environment.variable("LESS");
  if (choice.less.empty()) choice.less = kLessDefault;
  if (request.at_end) choice.less += " +G";
  choice.secure = environment.uid != environment.euid ||
                  !environment.variable("SUDO_UID").empty();
  return choice;
}

logfmt::Result<Pager> Pager::start(const PagerChoice& choice) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return logfmt::fail_errno("cannot make a pipe to the pager");
  }
  const logfmt::Fd input(ends[0]);
  logfmt::Fd output(ends[1]);
  const pid_t pid = fork();
  if (pid < 0) return logfmt::fail_errno("cannot start the pager");
  if (pid == 0) run_pager(choice, input.get());
  signal(SIGINT, SIG_IGN);
  return Pager(pid, std::move(output));
}

void Pager::wait() {
  // A moved-from pager has no descriptor and must not wait.
  if (!fd_.valid()) return;
  fd_.reset();
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace logq
