// Runs one command, restarts it, and sends what it prints to the log daemon.
//
// One thread and one loop: after each wake-up every part gets a turn. The
// command's life goes through phases:
//
//   running   the main process is alive
//   draining  it has ended; its last words are read: to the end of both
//             pipes, or to a second of silence where others hold them open
//   serving   nothing will be restarted, but processes it left behind still
//             print; only with --daemonize, otherwise logrun ends here
//   pausing   the rest of its process group is terminated, then the restart
//             delay passes; or, when stopping, logrun ends
//   finishing what is still undelivered gets a last, bounded time
//
// The exit entry goes out after the lines of the process that ended, as far
// as the daemon takes them within a second. Orphans of the command become
// logrun's children (it is a subreaper) and are reaped.
#pragma once

#include <sys/types.h>

#include <optional>
#include <vector>

#include "format/result.h"
#include "logd/run/child.h"
#include "logd/run/child_exit.h"
#include "logd/run/event_queue.h"
#include "logd/run/options.h"
#include "logd/run/output_lane.h"
#include "logd/run/run_events.h"
#include "logd/run/signal_source.h"
#include "logd/run/uplink.h"

namespace logrun {

class Supervisor {
 public:
  // All but `options` are kept by reference and must outlive the supervisor.
  Supervisor(const RunOptions& options, const Uplink& uplink, Poller& poller,
             SignalSource& signals);

  // The first start; an error is for the user (see start_error_status).
  logfmt::Status start();
  // Returns when all is over, with the status for logrun itself.
  int run();

  bool reaches_daemon() const;
  // What run() had to leave behind.
  LineCount undelivered() const;

 private:
  enum class Phase {
    kRunning,
    kDraining,
    kServing,
    kPausing,
    kFinishing,
    kDone
  };

  logfmt::Status start_command(Clock::time_point now);
  void restart(Clock::time_point now);
  void add_lane(logfmt::Fd source, logd::StreamKind kind, pid_t pid);
  void retire_lanes();

  void turn(Clock::time_point now);
  void take_signals(Clock::time_point now);
  void reap(Clock::time_point now);
  void end_group(int signal, Clock::time_point now);
  void signal_group(int signal) const;

  void advance(Clock::time_point now);
  void conclude(Clock::time_point now);
  void finish(Clock::time_point now);
  bool all_at_end() const;
  Clock::time_point drained_at(Clock::time_point now) const;

  void post(std::string event, Clock::time_point now);
  void send_events(Clock::time_point now);
  bool lines_are_ahead() const;
  bool announces(Clock::time_point now) const;
  Deadline deadline(Clock::time_point now) const;
  Deadline phase_deadline(Clock::time_point now) const;

  RunOptions options_;
  const Uplink& uplink_;
  Poller& poller_;
  SignalSource& signals_;
  ChildSetup setup_{};
  EventSource source_{};
  RestartDelay restart_delay_;

  Phase phase_ = Phase::kRunning;
  pid_t main_pid_ = 0;
  pid_t group_ = 0;  // 0 once no process of it is left
  Clock::time_point started_at_{};
  pid_t ended_pid_ = 0;
  Clock::time_point ended_at_{};
  ChildExit exit_{};
  int exit_status_ = 0;
  uint64_t restarts_ = 0;
  bool stop_requested_ = false;
  bool ended_on_request_ = false;
  Deadline kill_at_{};
  Clock::time_point restart_at_{};
  Clock::time_point finish_by_{};

  std::vector<OutputLane> lanes_{};
  LineCount lost_{};  // of lanes that had to be given up
  EventQueue events_;
  Clock::time_point patience_ends_{};
  bool starting_ = false;  // the start has not been announced yet
};

}  // namespace logrun
