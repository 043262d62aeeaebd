// logrun: puts a process under logd.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "logd/run/pid_file.h"
#include "logd/run/start_gate.h"
#include "logd/run/stdin_copier.h"
#include "logd/run/supervisor.h"

namespace logrun {
namespace {

constexpr int kFailed = 125;

void complain(std::string_view message) {
  fmt::print(stderr, "logrun: {}\n", message);
}

void report_undelivered(const LineCount& count, const Endpoints& endpoints) {
  if (count == LineCount{}) return;
  complain(
      fmt::format("{} lines ({} bytes) could not be delivered: no log "
                  "daemon took them at {}",
                  count.lines, count.bytes, endpoints.stream));
}

int fail_start(StartGate& gate, int status, const std::string& message) {
  complain(message);
  gate.open(status);
  return status;
}

// A caller may have closed some of the descriptors 0 to 2. Then they would be
// given to pipes and sockets, which the command or a message must not meet.
void open_standard_descriptors() {
  int fd = STDIN_FILENO;
  while (fd >= 0 && fd <= STDERR_FILENO) fd = open("/dev/null", O_RDWR);
  if (fd >= 0) close(fd);
}

struct Connections {
  Poller poller;
  SignalSource signals;
  Endpoints endpoints;
};

logfmt::Result<Connections> prepare() {
  auto endpoints = find_endpoints();
  if (!endpoints) return logfmt::fail(endpoints.error());
  auto poller = Poller::create();
  if (!poller) return logfmt::fail(poller.error());
  auto signals = SignalSource::create(*poller);
  if (!signals) return logfmt::fail(signals.error());
  return Connections{std::move(*poller), std::move(*signals),
                     std::move(*endpoints)};
}

int run_command(const RunOptions& options, Connections& connections,
                StartGate& gate) {
  const Uplink uplink(options, connections.endpoints, connections.poller);
  Supervisor supervisor(options, uplink, connections.poller,
                        connections.signals);
  const auto started = supervisor.start();
  if (!started) {
    return fail_start(gate, start_error_status(started.error()),
                      started.error().message());
  }
  if (!supervisor.reaches_daemon()) {
    complain(
        fmt::format("no log daemon answers at {}; lines wait in memory "
                    "until one does",
                    connections.endpoints.stream));
  }
  gate.open(0);
  const int status = supervisor.run();
  report_undelivered(supervisor.undelivered(), connections.endpoints);
  return status;
}

int copy_stdin(const RunOptions& options, Connections& connections) {
  const Uplink uplink(options, connections.endpoints, connections.poller);
  StdinCopier copier(uplink, connections.poller, connections.signals);
  const LineCount undelivered = copier.run();
  report_undelivered(undelivered, connections.endpoints);
  return undelivered == LineCount{} ? 0 : kFailed;
}

int run(const RunOptions& options) {
  StartGate gate;
  if (options.daemonize) {
    const auto status = gate.detach();
    if (!status) return fail_start(gate, kFailed, status.error().message());
    if (*status) return **status;
  }
  std::optional<PidFile> pid_file;
  if (!options.pid_file.empty()) {
    auto claimed = PidFile::claim(options.pid_file);
    if (!claimed) return fail_start(gate, kFailed, claimed.error().message());
    pid_file.emplace(std::move(*claimed));
  }
  auto connections = prepare();
  if (!connections) {
    return fail_start(gate, kFailed, connections.error().message());
  }
  return options.pipe ? copy_stdin(options, *connections)
                      : run_command(options, *connections, gate);
}

int main_of(std::span<const char* const> arguments) {
  const auto invocation = parse_options(arguments);
  if (!invocation) {
    complain(invocation.error().message());
    return kFailed;
  }
  if (!invocation->text.empty()) {
    fmt::print("{}", invocation->text);
    return 0;
  }
  return run(invocation->options);
}

}  // namespace
}  // namespace logrun

int main(int argc, char** argv) {
  logrun::open_standard_descriptors();
  try {
    const std::span<const char* const> words(argv, static_cast<size_t>(argc));
    return logrun::main_of(words.subspan(argc > 0 ? 1 : 0));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "logrun: %s\n", error.what());
    return 125;
  }
}
