// logrun's command line.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "format/result.h"
#include "logd/run/restart_policy.h"

namespace logrun {

struct RunOptions {
  std::string unit{};        // full name ("bot.service"), or empty
  std::string identifier{};  // never empty
  int priority = 6;          // of lines without a <N> prefix
  RestartPolicy restart = RestartPolicy::kNo;
  std::chrono::milliseconds restart_delay{1000};
  std::chrono::milliseconds restart_delay_max{300000};
  std::chrono::milliseconds stop_timeout{90000};
  bool daemonize = false;
  bool pipe = false;  // log stdin; there is no command
  std::string pid_file{};
  std::string directory{};
  std::vector<std::string> environment{};  // "NAME=value"
  std::vector<std::string> command{};
};

struct Invocation {
  RunOptions options{};
  std::string text{};  // not empty: the answer to --help or --version
};

// The options end at the first "--" or at the first word that is no option;
// all that follows is the command. `arguments` is argv without the program.
logfmt::Result<Invocation> parse_options(
    std::span<const char* const> arguments);

// "err", "error" or "3": a syslog level, 0 to 7.
logfmt::Result<int> parse_priority(std::string_view text);

}  // namespace logrun
