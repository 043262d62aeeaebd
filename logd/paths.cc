#include "logd/paths.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <system_error>

namespace logd {
namespace {

namespace fs = std::filesystem;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The XDG specification wants relative paths ignored.
fs::path xdg_dir(const std::string& said, const fs::path& fallback) {
  const fs::path dir(said);
  return dir.is_absolute() ? dir : fallback;
}

fs::path below_home(const Environment& environment, const char* rest) {
  const fs::path home(environment.home);
  return home.is_absolute() ? home / rest : fs::path();
}

// Where things are when neither options nor LOGD_* variables say it. A path
// that cannot be known is "".
Paths default_paths(const Environment& environment) {
  if (environment.euid == 0)
    return {.config = {.file = "/etc/logd/logd.toml",
                       .drop_in_dir = "/etc/logd/conf.d"},
            .runtime_dir = "/run/logd",
            .state_dir = "/var/log/logd"};
  const auto in_logd = [](const fs::path& dir) {
    return dir.empty() ? dir : dir / "logd";
  };
  const auto config = in_logd(
      xdg_dir(environment.xdg_config_home, below_home(environment, ".config")));
  const auto state = in_logd(xdg_dir(environment.xdg_state_home,
                                     below_home(environment, ".local/state")));
  const auto runtime =
      in_logd(xdg_dir(environment.xdg_runtime_dir,
                      fmt::format("/run/user/{}", environment.euid)));
  Paths paths{.config = {}, .runtime_dir = runtime, .state_dir = state};
  if (!config.empty())
    paths.config = {.file = config / "logd.toml",
                    .drop_in_dir = config / "conf.d"};
  return paths;
}

}  // namespace

Environment process_environment() {
  std::error_code error;  // a removed directory: relative paths then fail
  auto working_dir = fs::current_path(error);
  return {.euid = geteuid(),
          .working_dir = error ? "/" : std::move(working_dir),
          .home = variable("HOME"),
          .logd_runtime_dir = variable("LOGD_RUNTIME_DIR"),
          .logd_state_dir = variable("LOGD_STATE_DIR"),
          .xdg_config_home = variable("XDG_CONFIG_HOME"),
          .xdg_runtime_dir = variable("XDG_RUNTIME_DIR"),
          .xdg_state_home = variable("XDG_STATE_HOME")};
}

logfmt::Result<Paths> resolve_paths(const PathOptions& options,
                                    const Environment& environment) {
  auto paths = default_paths(environment);
  // A later word wins.
  for (const auto* said : {&environment.logd_state_dir, &options.state_dir})
    if (!said->empty()) paths.state_dir = environment.working_dir / *said;
  for (const auto* said : {&environment.logd_runtime_dir, &options.runtime_dir})
    if (!said->empty()) paths.runtime_dir = environment.working_dir / *said;
  if (!options.config_file.empty())
    paths.config = {.file = environment.working_dir / options.config_file,
                    .file_required = true};
  if (paths.state_dir.empty())
    return logfmt::fail(
        logfmt::ErrorCode::kInvalidArgument,
        "no place for the logs: neither XDG_STATE_HOME nor HOME is set; "
        "use --state-dir DIR");
  return paths;
}

}  // namespace logd
