#include "logd/run/supervisor.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace logrun {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// How long an inherited pipe must be silent after the main process's death.
constexpr seconds kSilence{1};
// How long a chatty inheritor may hold back the exit entry.
constexpr seconds kDrainMax{5};
// How long an event waits for the lines that were printed before it.
constexpr seconds kPatience{1};
// How long the last lines may take when all else is over: at least one more
// attempt to connect falls into it.
constexpr seconds kFinishMax{5};
// Streams of earlier runs that wait for the daemon, the present two included.
constexpr size_t kLanesMax = 8;

}  // namespace

Supervisor::Supervisor(const RunOptions& options, const Uplink& uplink,
                       Poller& poller, SignalSource& signals)
    : options_(options),
      uplink_(uplink),
      poller_(poller),
      signals_(signals),
      setup_{.command = options.command,
             .environment = child_environment(environ, options.environment),
             .directory = options.directory,
             .signal_mask = signals.original_mask()},
      source_{.unit = options.unit, .identifier = options.identifier},
      restart_delay_(options.restart_delay, options.restart_delay_max),
      events_(uplink.endpoints().native) {}

logfmt::Status Supervisor::start() {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  const auto now = Clock::now();
  LOGD_RETURN_IF_ERROR(start_command(now));
  turn(now);
  return {};
}

int Supervisor::run() {
  while (phase_ != Phase::kDone) {
    poller_.wait(deadline(Clock::now()));
    turn(Clock::now());
  }
  return exit_status_;
}

bool Supervisor::reaches_daemon() const {
  return std::all_of(lanes_.begin(), lanes_.end(), [](const OutputLane& lane) {
    return lane.stream().connected();
  });
}

LineCount Supervisor::undelivered() const {
  LineCount count = lost_;
  for (const OutputLane& lane : lanes_) count += lane.stream().undelivered();
  return count;
}

logfmt::Status Supervisor::start_command(Clock::time_point now) {
  auto child = start_child(setup_);
  if (!child) return logfmt::fail(child.error());
  main_pid_ = child->pid;
  group_ = child->pid;
  started_at_ = now;
  phase_ = Phase::kRunning;
  add_lane(std::move(child->out), logd::StreamKind::kStdout, main_pid_);
  add_lane(std::move(child->err), logd::StreamKind::kStderr, main_pid_);
  post(started_event(source_, main_pid_, options_.command, restarts_), now);
  starting_ = true;
  return {};
}

void Supervisor::restart(Clock::time_point now) {
  retire_lanes();
  const auto status = start_command(now);
  if (status) return;
  exit_status_ = start_error_status(status.error());
  const milliseconds delay = restart_delay_.next(seconds(0));
  restart_at_ = now + delay;
  ++restarts_;
  post(not_started_event(source_, status.error().message(), restarts_, delay),
       now);
}

void Supervisor::add_lane(logfmt::Fd source, logd::StreamKind kind, pid_t pid) {
  LogStream stream = uplink_.open(kind, pid);
  stream.add_lost(std::exchange(lost_, {}));
  lanes_.emplace_back(std::move(source), std::move(stream), poller_);
}

void Supervisor::retire_lanes() {
  for (OutputLane& lane : lanes_) lane.close_source();
  while (lanes_.size() + 2 > kLanesMax) {
    lost_ += lanes_.front().stream().undelivered();
    lanes_.erase(lanes_.begin());
  }
}

void Supervisor::turn(Clock::time_point now) {
  take_signals(now);
  if (starting_) {  // connect: only then is it known whether somebody listens
    for (OutputLane& lane : lanes_) lane.turn(now, false);
  }
  const bool may_read = !announces(now);
  for (OutputLane& lane : lanes_) lane.turn(now, may_read);
  Phase before = phase_;
  do {
    before = phase_;
    std::erase_if(lanes_, [](const OutputLane& lane) { return lane.done(); });
    send_events(now);
    advance(now);
  } while (phase_ != before);
}

void Supervisor::take_signals(Clock::time_point now) {
  while (const auto signal = signals_.take()) {
    if (*signal == SIGCHLD) {
      reap(now);
    } else if (*signal == SIGTERM || *signal == SIGINT) {
      stop_requested_ = true;
      end_group(*signal, now);
    } else if (*signal != SIGPIPE) {
      signal_group(*signal);
    }
  }
}

void Supervisor::reap(Clock::time_point now) {
  int status = 0;
  rusage usage{};
  for (pid_t pid = 0; (pid = wait4(-1, &status, WNOHANG, &usage)) > 0;) {
    if (pid != main_pid_) continue;
    ended_pid_ = std::exchange(main_pid_, 0);
    ended_at_ = now;
    ended_on_request_ = stop_requested_;
    exit_ = {.wait_status = status,
             .runtime = std::chrono::duration_cast<std::chrono::microseconds>(
                 now - started_at_),
             .rss_kb_max = usage.ru_maxrss};
    exit_status_ = exit_.shell_status();
    phase_ = Phase::kDraining;
  }
  // As soon as the group is empty its number may belong to somebody else.
  if (group_ != 0 && kill(-group_, 0) != 0 && errno == ESRCH) {
    group_ = 0;
    kill_at_.reset();
  }
}

void Supervisor::end_group(int signal, Clock::time_point now) {
  if (group_ == 0) return;
  signal_group(signal);
  signal_group(SIGCONT);  // a stopped process would not see the signal
  if (!kill_at_) kill_at_ = now + options_.stop_timeout;
}

void Supervisor::signal_group(int signal) const {
  if (group_ != 0) kill(-group_, signal);
}

void Supervisor::advance(Clock::time_point now) {
  if (kill_at_ && now >= *kill_at_) {
    signal_group(SIGKILL);
    kill_at_.reset();
  }
  switch (phase_) {
    case Phase::kDraining:
      if (now >= drained_at(now)) conclude(now);
      break;
    case Phase::kServing:
      if (stop_requested_) {
        phase_ = Phase::kPausing;
      } else if (all_at_end() || !options_.daemonize) {
        finish(now);
      }
      break;
    case Phase::kPausing:
      if (group_ != 0) break;
      if (stop_requested_ && now >= drained_at(now)) finish(now);
      if (!stop_requested_ && now >= restart_at_) restart(now);
      break;
    case Phase::kFinishing:
      if ((lanes_.empty() && events_.empty()) || now >= finish_by_) {
        phase_ = Phase::kDone;
      }
      break;
    case Phase::kRunning:
    case Phase::kDone:
      break;
  }
}

void Supervisor::conclude(Clock::time_point now) {
  ExitFacts facts{.pid = ended_pid_,
                  .exit = exit_,
                  .requested = ended_on_request_,
                  .restart_delay = std::nullopt,
                  .restarts = restarts_};
  if (!stop_requested_ && should_restart(options_.restart, exit_)) {
    facts.restart_delay = restart_delay_.next(exit_.runtime);
    facts.restarts = ++restarts_;
    restart_at_ = ended_at_ + *facts.restart_delay;
    end_group(SIGTERM, now);
    phase_ = Phase::kPausing;
  } else {
    phase_ = stop_requested_ ? Phase::kPausing : Phase::kServing;
  }
  post(ended_event(source_, facts), now);
}

void Supervisor::finish(Clock::time_point now) {
  for (OutputLane& lane : lanes_) lane.close_source();
  finish_by_ = now + kFinishMax;
  phase_ = Phase::kFinishing;
}

bool Supervisor::all_at_end() const {
  return std::all_of(lanes_.begin(), lanes_.end(),
                     [](const OutputLane& lane) { return lane.at_end(); });
}

Clock::time_point Supervisor::drained_at(Clock::time_point now) const {
  if (all_at_end()) return ended_at_;
  auto silent_since = ended_at_;
  bool is_held_up = false;
  for (const OutputLane& lane : lanes_) {
    if (lane.at_end()) continue;
    silent_since = std::max(silent_since, lane.silent_since(now));
    is_held_up = is_held_up || lane.stream().room(now) == 0;
  }
  if (is_held_up) return silent_since + kSilence;
  return std::min(silent_since + kSilence, ended_at_ + kDrainMax);
}

void Supervisor::post(std::string event, Clock::time_point now) {
  events_.post(std::move(event));
  patience_ends_ = now + kPatience;
}

void Supervisor::send_events(Clock::time_point now) {
  if (!events_.empty()) {
    if (!reaches_daemon()) patience_ends_ = now + kPatience;
    if (!lines_are_ahead() || now >= patience_ends_) events_.turn(now);
  }
  if (starting_ && !announces(now)) {
    starting_ = false;
    for (OutputLane& lane : lanes_) lane.turn(now);
  }
}

// Lines wait until the start is in the log, so that it comes first there; but
// not for a daemon that is away or does not answer.
bool Supervisor::announces(Clock::time_point now) const {
  return starting_ && !events_.empty() && reaches_daemon() &&
         now < patience_ends_;
}

// An event is attributed by the streams' headers, and belongs behind the lines
// of a run that is over.
bool Supervisor::lines_are_ahead() const {
  return std::any_of(lanes_.begin(), lanes_.end(), [](const OutputLane& lane) {
    return lane.at_end() || !lane.stream().introduced();
  });
}

Deadline Supervisor::deadline(Clock::time_point now) const {
  Deadline due = earlier(phase_deadline(now), kill_at_);
  for (const OutputLane& lane : lanes_) {
    due = earlier(due, lane.deadline(now));
  }
  if (events_.empty()) return due;
  return earlier(
      due, lines_are_ahead() ? Deadline(patience_ends_) : events_.deadline());
}

Deadline Supervisor::phase_deadline(Clock::time_point now) const {
  switch (phase_) {
    case Phase::kDraining:
      return drained_at(now);
    case Phase::kPausing:
      if (group_ != 0) return std::nullopt;
      return stop_requested_ ? drained_at(now) : restart_at_;
    case Phase::kFinishing:
      return finish_by_;
    case Phase::kRunning:
    case Phase::kServing:
    case Phase::kDone:
      break;
  }
  return std::nullopt;
}

}  // namespace logrun
