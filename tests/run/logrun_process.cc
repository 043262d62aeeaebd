#include "tests/run/logrun_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/run/fake_daemon.h"

namespace logrun_test {

LogrunProcess::LogrunProcess(const std::string& runtime_directory,
                             std::vector<std::string> arguments,
                             const std::string& input)
    : printed_path_(runtime_directory + "/printed") {
  std::vector<char*> argv;
  arguments.insert(arguments.begin(), LOGRUN_PATH);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_ = fork();
  if (pid_ != 0) return;
  dup2(open(input.c_str(), O_RDONLY), STDIN_FILENO);
  const int out =
      open(printed_path_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  close(out);
  setenv("LOGD_RUNTIME_DIR", runtime_directory.c_str(), 1);
  execv(LOGRUN_PATH, argv.data());
  _exit(99);
}

LogrunProcess::~LogrunProcess() {
  if (pid_ == 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void LogrunProcess::signal(int number) const { kill(pid_, number); }

int LogrunProcess::wait() {
  int status = 0;
  if (!wait_until([&] { return waitpid(pid_, &status, WNOHANG) == pid_; })) {
    return -1;
  }
  pid_ = 0;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::string LogrunProcess::printed() const {
  std::ostringstream text;
  text << std::ifstream(printed_path_).rdbuf();
  return text.str();
}

}  // namespace logrun_test
