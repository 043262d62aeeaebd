// The process that was started, that the pid file and the service manager
// name, and that nothing can make crash: it reads no message and touches no
// store. It starts the worker, which does everything, and starts another one
// when it dies. What both hold, it has the service manager keep
// (descriptor_store.h).
//
// Both share one table of descriptors (clone(2), CLONE_FILES). So whatever a
// worker has opened outlives it, whether it had time to say so or not: no
// socket is ever closed, no connection lost, and the lock on the store stays
// held. What a new worker has to know is in the landing zone.
//
// A worker that does not turn its loop for kStuckAfter although something waits
// is killed; the zone makes that safe. Signals are passed on to it: HUP, USR1,
// USR2, RTMIN+1; TERM and INT end both. On RTMIN+2 the worker ends in order,
// and the keeper's caller executes the program anew.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <vector>

#include "format/file.h"
#include "format/result.h"
#include "logd/keeper/descriptor_store.h"
#include "logd/notify.h"
#include "logd/zone/landing_zone.h"

namespace logd {

// The worker's exit status when it ended to make way for another program.
inline constexpr int kHandedOver = 75;

// What a worker sends when the zone holds other sockets or streams than before.
// It is for the keeper alone.
inline constexpr std::string_view kHeldChanged = "LOGD_HELD=changed";

// Blocks in this thread, and those it starts, the signals that the keeper or a
// worker wait for; before any thread is started.
void block_daemon_signals();
// The kernel's SIGRTMIN+1 and +2 as C libraries number them; functions there.
int sync_signal();
int hand_over_signal();

class Keeper {
 public:
  struct Outcome {
    bool is_worker = false;   // this is the worker; `link` is its line
    logfmt::Fd link{};        // what it sends there goes to the manager
    std::vector<int> kept{};  // descriptors that are the keeper's
    bool has_store = false;   // a manager may keep what is held
    int exit_status = 0;      // of the keeper
    bool hand_over = false;   // the program is to be executed anew
  };

  // What happens once, when the first worker says that it is ready: an error
  // ends both. `closes`: descriptors that are done with then.
  struct FirstReady {
    std::function<logfmt::Status()> call{};
    std::vector<int> closes{};
  };

  // What is open now is the keeper's and stays open.
  Keeper(TakenZone& taken, Notifier manager, FirstReady first_ready);

  // Returns in the keeper at the end, and in each worker at its start. There
  // nothing may be destroyed that the keeper goes on using: it ends by _exit.
  logfmt::Result<Outcome> run();

 private:
  using Clock = std::chrono::steady_clock;

  logfmt::Status prepare();
  logfmt::Result<bool> start_worker();
  logfmt::Status watch();
  Clock::time_point restart_at();
  void wait_until(Clock::time_point moment);
  void on_signals();
  void on_signal(int number);
  logfmt::Status on_messages();
  logfmt::Status on_message(std::string_view message);
  void store_held();
  void store_last();
  void reap();
  void look_after(bool loop_ready);
  bool loop_waits() const;
  int timeout_ms() const;

  LandingZone& zone_;
  Notifier manager_;
  DescriptorStore store_;
  FirstReady first_ready_;
  std::vector<int> kept_;
  logfmt::Fd signals_;
  logfmt::Fd link_;  // the keeper's end
  logfmt::Fd worker_link_;
  pid_t worker_ = 0;
  int wait_status_ = 0;
  bool ready_ = false;  // this worker is
  bool stopping_ = false;
  bool handing_over_ = false;
  unsigned failures_ = 0;  // starts in a row that did not get ready
  unsigned restarts_ = 0;  // within the second that began at
  Clock::time_point second_{};
  bool held_changed_ = true;  // or not all of it is stored
  Clock::time_point store_at_{};
  std::chrono::milliseconds store_delay_{};
  // Something waits for the worker: since when, and its beats then.
  bool suspect_ = false;
  Clock::time_point suspect_since_{};
  uint64_t suspect_beats_ = 0;
  bool killed_stuck_ = false;
};

}  // namespace logd
