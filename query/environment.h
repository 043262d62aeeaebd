// What logq is told by its process: the clock, who runs it, the variables.
// Gathered once in main(), handed to pure functions, made up by tests.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>

namespace logq {

struct Environment {
  uint64_t now_us = 0;
  uid_t uid = 0;
  uid_t euid = 0;
  bool stdout_is_terminal = false;
  // The value of a variable, "" where it is not set.
  std::function<std::string(const char*)> variable;
  std::function<bool(const std::string&)> directory_exists;
};

Environment process_environment();

// Where logq looks without -D: LOGD_STATE_DIR; for a user that is not root, the
// store of an own logd under XDG_STATE_HOME if there is one; else
// /var/log/logd.
std::string default_state_dir(const Environment& environment);

// Where the logd that writes that store has its sockets: LOGD_RUNTIME_DIR; for
// a user's own store, the user's runtime directory; else /run/logd.
std::string default_runtime_dir(const Environment& environment);

}  // namespace logq
