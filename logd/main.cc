// logd: options, configuration, background, then Daemon::run. Exit status: 0,
// 1 for a failure at run time, 2 for wrong usage or configuration.
#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>

#include "logd/daemon.h"
#include "logd/daemonize.h"
#include "logd/notify.h"
#include "logd/options.h"

namespace {

enum ExitStatus { kDone = 0, kFailed = 1, kUsage = 2 };

int report(const logfmt::Error& error, ExitStatus status) {
  fmt::print(stderr, "logd: {}\n", error.message());
  return status;
}

int serve(const logd::Options& options, const logd::DaemonOptions& daemon,
          logd::StartReport background) {
  const auto refuse = [&](const logfmt::Error& error) {
    if (!options.daemonize) return report(error, kFailed);
    (void)background.failed(kFailed, "logd: " + error.message() + "\n");
    return static_cast<int>(kFailed);
  };
  logd::block_daemon_signals();
  auto notifier = logd::Notifier::from_environment();
  if (!notifier) return refuse(notifier.error());
  auto started = logd::Daemon::start(daemon, std::move(*notifier));
  if (!started) return refuse(started.error());
  // Only now: a daemon that cannot start must not touch another's file.
  std::optional<logd::PidFile> pidfile;
  if (!options.pidfile.empty()) {
    auto created = logd::PidFile::create(options.pidfile);
    if (!created) return refuse(created.error());
    pidfile.emplace(std::move(*created));
  }
  for (const std::string& note : (*started)->notes()) {
    fmt::print(stderr, "logd: {}\n", note);
  }
  (void)background.ready();
  if (options.ready_fd >= 0) (void)logd::signal_ready_fd(options.ready_fd);
  const auto status = (*started)->run();
  for (const std::string& line : (*started)->unsaid()) {
    fmt::print(stderr, "logd: {}\n", line);
  }
  if (!status) return report(status.error(), kFailed);
  return kDone;
}

int run(int argc, char** argv) {
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
  if (!options->daemonize) return serve(*options, daemon, {});
  auto forked = logd::daemonize();
  if (!forked) return report(forked.error(), kFailed);
  if (forked->waited) {
    if (!forked->error.empty()) fmt::print(stderr, "{}", forked->error);
    return forked->exit_status;
  }
  return serve(*options, daemon, std::move(forked->report));
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
