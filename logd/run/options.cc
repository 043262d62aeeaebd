#include "logd/run/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <string_view>

#include "logd/intake/stream_header.h"
#include "logd/run/span.h"
#include "logd/run/unit_name.h"

namespace logrun {
namespace {

using logfmt::ErrorCode;
using logfmt::fail;
using logfmt::Result;
using logfmt::Status;

// As typed; checked and converted after CLI11 has sorted the words.
struct RawOptions {
  std::string unit{};
  std::string identifier{};
  std::string priority = "info";
  std::string restart = "no";
  std::string restart_delay = "1s";
  std::string restart_delay_max = "5m";
  std::string stop_timeout = "90s";
};

struct LevelName {
  std::string_view name;
  int level;
};

constexpr std::array kLevelNames = {
    LevelName{"emerg", 0},   LevelName{"panic", 0}, LevelName{"alert", 1},
    LevelName{"crit", 2},    LevelName{"err", 3},   LevelName{"error", 3},
    LevelName{"warning", 4}, LevelName{"warn", 4},  LevelName{"notice", 5},
    LevelName{"info", 6},    LevelName{"debug", 7},
};

void declare(CLI::App& app, RawOptions& raw, RunOptions& options) {
  app.set_version_flag("--version", "logrun " LOGD_VERSION);
  app.add_option("-u,--unit", raw.unit,
                 "Unit whose log this is; \"bot\" means \"bot.service\"");
  app.add_option("-t,--identifier", raw.identifier,
                 "Name shown with each line (default: the command's)");
  app.add_option("-p,--priority", raw.priority,
                 "Level of lines without a <N> prefix: emerg to debug, 0 to 7")
      ->capture_default_str();
  app.add_option("--restart", raw.restart,
                 "When to start the command again: no, on-failure, always")
      ->capture_default_str();
  app.add_option("--restart-sec", raw.restart_delay,
                 "Delay before the first restart; doubles while the command "
                 "keeps ending soon")
      ->capture_default_str();
  app.add_option("--restart-max-delay", raw.restart_delay_max,
                 "What that delay grows to")
      ->capture_default_str();
  app.add_option("--stop-timeout", raw.stop_timeout,
                 "Time between SIGTERM and SIGKILL when stopping")
      ->capture_default_str();
  app.add_flag("-d,--daemonize", options.daemonize,
               "Run in the background; return once the command runs");
  app.add_option("--pidfile", options.pid_file,
                 "File to keep logrun's own pid in");
  app.add_option("--chdir", options.directory, "Directory to run in");
  app.add_option("--env", options.environment,
                 "NAME=VALUE for the command's environment; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  app.add_flag("--pipe", options.pipe, "Log standard input; no command");
}

Status convert_times(const RawOptions& raw, RunOptions& options) {
  struct Item {
    const char* option;
    const std::string& text;
    std::chrono::milliseconds& value;
  };
  for (const Item& item :
       {Item{"--restart-sec", raw.restart_delay, options.restart_delay},
        Item{"--restart-max-delay", raw.restart_delay_max,
             options.restart_delay_max},
        Item{"--stop-timeout", raw.stop_timeout, options.stop_timeout}}) {
    const auto span = parse_span(item.text);
    if (!span) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{}: {}", item.option, span.error().detail));
    }
    item.value = *span;
  }
  return {};
}

Status convert_restart(const std::string& text, RunOptions& options) {
  if (text == "no") {
    options.restart = RestartPolicy::kNo;
  } else if (text == "on-failure") {
    options.restart = RestartPolicy::kOnFailure;
  } else if (text == "always") {
    options.restart = RestartPolicy::kAlways;
  } else {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("--restart: \"{}\" is not known; expected no, "
                            "on-failure or always",
                            text));
  }
  return {};
}

Status check_environment(const RunOptions& options) {
  for (const std::string& setting : options.environment) {
    const size_t equals = setting.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("--env: \"{}\" is not a setting; expected "
                              "NAME=VALUE",
                              setting));
    }
  }
  return {};
}

Status check_command(const RunOptions& options) {
  if (!options.pipe && options.command.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "there is no command; expected logrun [OPTIONS] -- COMMAND "
                "[ARGUMENTS], or --pipe to log standard input");
  }
  if (options.pipe && !options.command.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("--pipe logs standard input and runs nothing; "
                            "remove it, or the command \"{}\"",
                            options.command.front()));
  }
  if (options.pipe && options.daemonize) {
    return fail(ErrorCode::kInvalidArgument,
                "--pipe cannot read its input in the background; remove "
                "--daemonize");
  }
  return {};
}

Status convert_names(const RawOptions& raw, RunOptions& options) {
  if (!raw.unit.empty()) {
    const auto unit = full_unit_name(raw.unit);
    if (!unit) return fail(unit.error());
    options.unit = *unit;
  }
  options.identifier = raw.identifier;
  if (options.identifier.empty() && !options.command.empty()) {
    const std::string& program = options.command.front();
    options.identifier = program.substr(program.rfind('/') + 1);
  }
  if (options.identifier.empty()) {
    options.identifier = options.unit.substr(0, options.unit.rfind('.'));
  }
  if (options.identifier.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "--pipe needs to know whose log this is; give --unit or "
                "--identifier");
  }
  constexpr size_t kBytesMax = logd::StreamHeader::kLineBytesMax;
  if (options.identifier.size() > kBytesMax ||
      options.identifier.find('\n') != std::string::npos) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the identifier must be one line of at most {} "
                            "bytes; give another with --identifier",
                            kBytesMax));
  }
  return {};
}

Status convert(const RawOptions& raw, RunOptions& options) {
  LOGD_RETURN_IF_ERROR(check_command(options));
  LOGD_RETURN_IF_ERROR(convert_names(raw, options));
  LOGD_RETURN_IF_ERROR(convert_times(raw, options));
  LOGD_RETURN_IF_ERROR(convert_restart(raw.restart, options));
  LOGD_RETURN_IF_ERROR(check_environment(options));
  const auto priority = parse_priority(raw.priority);
  if (!priority) return fail(priority.error());
  options.priority = *priority;
  return {};
}

}  // namespace

Result<int> parse_priority(std::string_view text) {
  if (text.size() == 1 && text[0] >= '0' && text[0] <= '7') {
    return text[0] - '0';
  }
  for (const LevelName& level : kLevelNames) {
    if (level.name == text) return level.level;
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("--priority: \"{}\" is not a level; expected emerg, "
                          "alert, crit, err, warning, notice, info, debug or "
                          "0 to 7",
                          text));
}

Result<Invocation> parse_options(std::span<const char* const> arguments) {
  CLI::App app("Runs a command and sends what it prints to logd.", "logrun");
  app.footer(
      "The command follows the options:\n"
      "  logrun -u bot --restart always -d -- python3 bot.py\n"
      "  logrun -u bot --pipe < bot.out");
  app.prefix_command();
  RawOptions raw;
  Invocation invocation;
  RunOptions& options = invocation.options;
  declare(app, raw, options);

  const auto dashes =
      std::find(arguments.begin(), arguments.end(), std::string_view("--"));
  std::vector<std::string> words(arguments.begin(), dashes);
  std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
  try {
    app.parse(std::move(words));
  } catch (const CLI::CallForHelp&) {
    invocation.text = app.help();
    return invocation;
  } catch (const CLI::CallForVersion& version) {
    invocation.text = fmt::format("{}\n", version.what());
    return invocation;
  } catch (const CLI::ParseError& error) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}; see logrun --help", error.what()));
  }
  options.command = app.remaining();
  if (!options.command.empty() && options.command.front().starts_with('-')) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the option {} is not known; see logrun --help",
                            options.command.front()));
  }
  const auto rest = dashes == arguments.end() ? dashes : dashes + 1;
  // Without a command before it, "--" only ends the options.
  options.command.insert(options.command.end(),
                         options.command.empty() ? rest : dashes,
                         arguments.end());
  LOGD_RETURN_IF_ERROR(convert(raw, options));
  return invocation;
}

}  // namespace logrun
