#include "query/environment.h"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

namespace logq {
namespace {

constexpr char kSystemStateDir[] = "/var/log/logd";

}  // namespace

Environment process_environment() {
  using std::chrono::duration_cast;
  using std::chrono::microseconds;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {
      .now_us = static_cast<uint64_t>(duration_cast<microseconds>(now).count()),
      .uid = getuid(),
      .euid = geteuid(),
      .stdout_is_terminal = isatty(STDOUT_FILENO) == 1,
      .variable =
          [](const char* name) {
            const char* value = std::getenv(name);
            return std::string(value != nullptr ? value : "");
          },
      .directory_exists =
          [](const std::string& path) {
            struct stat info {};
            return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
          }};
}

std::string default_runtime_dir(const Environment& environment) {
  if (auto said = environment.variable("LOGD_RUNTIME_DIR"); !said.empty()) {
    return said;
  }
  if (default_state_dir(environment) == kSystemStateDir) return "/run/logd";
  std::string base = environment.variable("XDG_RUNTIME_DIR");
  if (base.empty()) base = "/run/user/" + std::to_string(environment.euid);
  return base + "/logd";
}

std::string default_state_dir(const Environment& environment) {
  if (auto said = environment.variable("LOGD_STATE_DIR"); !said.empty()) {
    return said;
  }
  const std::string system_dir = kSystemStateDir;
  if (environment.euid == 0) return system_dir;
  std::string base = environment.variable("XDG_STATE_HOME");
  if (base.empty()) {
    const std::string home = environment.variable("HOME");
    if (home.empty()) return system_dir;
    base = home + "/.local/state";
  }
  std::string own_dir = base + "/logd";
  return environment.directory_exists(own_dir) ? own_dir : system_dir;
}

}  // namespace logq
