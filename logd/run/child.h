// Starts a command in its own session, its outputs on two pipes.
//
// Its own session means: no terminal can hang up on it, and its process
// group, whose id is the child's pid, can be signalled as a whole.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <span>
#include <string>
#include <vector>

#include "format/file.h"
#include "format/result.h"

namespace logrun {

struct Child {
  pid_t pid = 0;
  logfmt::Fd out{};  // read ends
  logfmt::Fd err{};
};

struct ChildSetup {
  std::vector<std::string> command{};      // looked up in its own PATH
  std::vector<std::string> environment{};  // "NAME=value", all of it
  std::string directory{};                 // empty: where logrun is
  sigset_t signal_mask{};
};

// Succeeds only when the command's program is running.
logfmt::Result<Child> start_child(const ChildSetup& setup);

// Exit status of logrun for an error of start_child, as env(1) has it: 127
// where the program does not exist, 126 where it cannot be executed, 125 for
// all that is not the program's fault.
int start_error_status(const logfmt::Error& error);

// `inherited` with `settings` ("NAME=value") in it, and PYTHONUNBUFFERED=1
// unless either says otherwise: what Python prints through a pipe would be
// lost when it crashes.
std::vector<std::string> child_environment(
    const char* const* inherited, std::span<const std::string> settings);

}  // namespace logrun
