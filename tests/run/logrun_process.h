// The real logrun as a child process, pointed at a directory of sockets.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace logrun_test {

class LogrunProcess {
 public:
  // `input` becomes its standard input; empty: /dev/null.
  LogrunProcess(const std::string& runtime_directory,
                std::vector<std::string> arguments,
                const std::string& input = "/dev/null");
  // Kills it where it still runs.
  ~LogrunProcess();
  LogrunProcess(const LogrunProcess&) = delete;
  LogrunProcess& operator=(const LogrunProcess&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  // Its exit status as a shell sees it; -1 when it does not end in time.
  int wait();
  // What it has printed so far, to both outputs.
  std::string printed() const;

 private:
  std::string printed_path_;
  pid_t pid_ = 0;
};

}  // namespace logrun_test
