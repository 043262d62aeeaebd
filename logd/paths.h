// Where the daemon's files are, for root and for everybody else.
//
// A pure function of the command line and the environment. Each path is taken
// from the first that says it: the command line, LOGD_STATE_DIR or
// LOGD_RUNTIME_DIR, and then /etc, /var/log and /run for root, the XDG base
// directories for others. All paths are absolute, because a daemon leaves the
// directory it was started in.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "format/result.h"
#include "logd/config.h"

namespace logd {

// What the process was started with; "" is unset.
struct Environment {
  uid_t euid = 0;
  std::filesystem::path working_dir = "/";
  std::string home{};
  std::string logd_runtime_dir{};
  std::string logd_state_dir{};
  std::string xdg_config_home{};
  std::string xdg_runtime_dir{};
  std::string xdg_state_home{};
};
Environment process_environment();

// What a person said on the command line; "" is nothing.
struct PathOptions {
  std::string config_file{};
  std::string runtime_dir{};
  std::string state_dir{};
};

struct Paths {
  ConfigPaths config;
  std::filesystem::path runtime_dir;
  std::filesystem::path state_dir;
};

// Drop-ins lie beside the default file only: --config FILE means that file
// and nothing else.
logfmt::Result<Paths> resolve_paths(const PathOptions& options,
                                    const Environment& environment);

}  // namespace logd
