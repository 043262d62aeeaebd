#include "logd/options.h"

#include <CLI/CLI.hpp>
#include <optional>
#include <sstream>

namespace logd {
namespace {

std::optional<Takeover> parse_takeover(std::string_view word) {
  if (word == "auto") return Takeover::kAuto;
  if (word == "yes") return Takeover::kYes;
  if (word == "no") return Takeover::kNo;
  return std::nullopt;
}

}  // namespace

logfmt::Result<Options> parse_options(int argc, const char* const* argv) {
  Options options;
  CLI::App app(
      "logd collects what programs log and keeps it searchable and small.\n"
      "It serves syslog, journald's native protocol and journald's stdout\n"
      "streams, and needs no configuration. Read with logq.");
  app.name("logd");
  app.set_version_flag("--version", "logd " LOGD_VERSION);
  app.add_option("--config", options.paths.config_file,
                 "Configuration file (TOML) in place of the default one")
      ->type_name("FILE");
  app.add_option("--state-dir", options.paths.state_dir,
                 "Where the logs are kept [LOGD_STATE_DIR, /var/log/logd]")
      ->type_name("DIR");
  app.add_option("--runtime-dir", options.paths.runtime_dir,
                 "Where the sockets are [LOGD_RUNTIME_DIR, /run/logd]")
      ->type_name("DIR");
  std::string takeover = "auto";
  app.add_option("--takeover", takeover,
                 "Serve /dev/log and journald's sockets too: auto where nobody "
                 "else does, yes or fail, no")
      ->type_name("auto|yes|no");
  app.add_flag("--check-config", options.check_config,
               "Check the configuration and end");
  app.add_flag("--daemonize", options.daemonize,
               "Go into the background; returns when the sockets accept");
  app.add_option("--pidfile", options.pidfile, "Write the process id there")
      ->type_name("FILE");
  app.add_option("--ready-fd", options.ready_fd,
                 "Write a newline to this descriptor when ready")
      ->type_name("N");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      std::ostringstream out;
      (void)app.exit(error, out, out);
      options.print = out.str();
      return options;
    }
    return logfmt::fail(logfmt::ErrorCode::kInvalidArgument,
                        std::string(error.what()) + " (see logd --help)");
  }
  const auto known = parse_takeover(takeover);
  if (!known) {
    return logfmt::fail(
        logfmt::ErrorCode::kInvalidArgument,
        "--takeover takes auto, yes or no, not \"" + takeover + "\"");
  }
  options.takeover = *known;
  return options;
}

}  // namespace logd
