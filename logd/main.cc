// logd: options, configuration, background, then a keeper and its worker. Exit
// status: 0, 1 for a failure at run time, 2 for wrong usage or configuration.
#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>

#include "logd/daemon.h"
#include "logd/daemonize.h"
#include "logd/keeper/keeper.h"
#include "logd/keeper/reexecution.h"
#include "logd/keeper/returned_descriptors.h"
#include "logd/notify.h"
#include "logd/options.h"

namespace {

enum ExitStatus { kDone = 0, kFailed = 1, kUsage = 2 };

void print_lines(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) fmt::print(stderr, "logd: {}\n", line);
}

int report(const logfmt::Error& error, ExitStatus status) {
  fmt::print(stderr, "logd: {}\n", error.message());
  return status;
}

// In the worker. Never returns: what it shares with the keeper must not be
// destroyed at its end.
[[noreturn]] void serve(logd::DaemonOptions options, logd::LandingZone& zone,
                        logd::Keeper::Outcome worker,
                        logd::StartReport& background) {
  const bool first = zone.state().starts == 1;
  if (!first) {
    // What was right when the first one started may have been changed since.
    if (auto config = logd::load_config(options.paths.config)) {
      options.config = std::move(*config);
    }
  }
  auto started = logd::Daemon::start(
      std::move(options),
      {.zone = zone,
       .notifier = logd::Notifier::through(std::move(worker.link)),
       .kept = std::move(worker.kept),
       .has_store = worker.has_store});
  if (!started) {
    (void)background.failed(kFailed,
                            "logd: " + started.error().message() + "\n");
    (void)report(started.error(), kFailed);
    _exit(kFailed);
  }
  print_lines((*started)->notes());
  const auto end = (*started)->run();
  print_lines((*started)->unsaid());
  if (!end) {
    (void)report(end.error(), kFailed);
    _exit(kFailed);
  }
  if (*end == logd::DaemonEnd::kHandedOver) _exit(logd::kHandedOver);
  if (*end == logd::DaemonEnd::kLeft) _exit(kDone);
  started->reset();
  _exit(kDone);
}

logfmt::Status announce(const logd::Options& options,
                        logd::StartReport& background) {
  LOGD_RETURN_IF_ERROR(background.ready());
  if (options.ready_fd < 0) return {};
  return logd::signal_ready_fd(options.ready_fd);
}

logfmt::Result<logd::TakenZone> take_zone(logd::Reexecution& program,
                                          size_t line_bytes_max) {
  if (program.happened()) return program.take_zone(line_bytes_max);
  return logd::ReturnedDescriptors::from_environment().take_zone(
      line_bytes_max);
}

int keep(const logd::Options& options, const logd::DaemonOptions& daemon,
         logd::Reexecution& program, logd::StartReport background) {
  const auto refuse = [&](const logfmt::Error& error) {
    (void)background.failed(kFailed, "logd: " + error.message() + "\n");
    return report(error, kFailed);
  };
  logd::block_daemon_signals();
  auto taken = take_zone(program, daemon.config.intake.line_bytes_max);
  if (!taken) return refuse(taken.error());
  print_lines(taken->notes);
  std::optional<logd::PidFile> pidfile;
  if (!options.pidfile.empty()) {
    auto created = logd::PidFile::create(options.pidfile);
    if (!created) return refuse(created.error());
    pidfile.emplace(std::move(*created));
  }
  auto manager = logd::Notifier::from_environment();
  if (!manager) return refuse(manager.error());
  logd::Keeper keeper(*taken, std::move(*manager),
                      {.call = [&] { return announce(options, background); },
                       .closes = {options.ready_fd, background.fd()}});
  while (true) {
    auto outcome = keeper.run();
    if (!outcome) return refuse(outcome.error());
    if (outcome->is_worker) {
      serve(daemon, taken->zone, std::move(*outcome), background);
    }
    if (!outcome->hand_over) return outcome->exit_status;
    // It goes on as it is where the new program cannot be executed.
    (void)report(program.execute(taken->zone), kFailed);
  }
}

int run(int argc, char** argv) {
  logd::Reexecution program(argc, argv);
  auto options = logd::parse_options(argc, argv);
  if (!options) return report(options.error(), kUsage);
  if (!options->print.empty()) {
    fmt::print("{}", options->print);
    return kDone;
  }
  const auto paths =
      logd::resolve_paths(options->paths, logd::process_environment());
  if (!paths) return report(paths.error(), kUsage);
  const auto config = logd::load_config(paths->config);
  if (!config) return report(config.error(), kUsage);
  if (options->check_config) {
    const bool there = std::filesystem::exists(paths->config.file);
    fmt::print("{}: {}\n", paths->config.file.string(),
               there ? "the configuration is valid"
                     : "there is no such file; the defaults hold");
    return kDone;
  }
  const logd::DaemonOptions daemon{
      .paths = *paths, .config = *config, .takeover = options->takeover};
  if (!options->pidfile.empty()) {  // the background has another directory
    options->pidfile = std::filesystem::absolute(options->pidfile);
  }
  if (program.happened()) {
    options->ready_fd = -1;
    if (options->daemonize) std::filesystem::current_path("/");
    return keep(*options, daemon, program, {});
  }
  if (!options->daemonize) return keep(*options, daemon, program, {});
  auto forked = logd::daemonize();
  if (!forked) return report(forked.error(), kFailed);
  if (forked->waited) {
    if (!forked->error.empty()) fmt::print(stderr, "{}", forked->error);
    return forked->exit_status;
  }
  return keep(*options, daemon, program, std::move(forked->report));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "logd: {}\n", error.what());
    return kFailed;
  }
}
