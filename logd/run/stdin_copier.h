// `logrun --pipe`: sends standard input to the log daemon until its end.
//
// A signal to stop (TERM, INT, HUP, QUIT) is taken as "no more is to come":
// what the writer still says, until a second of silence, is not lost.
#pragma once

#include "logd/run/output_lane.h"
#include "logd/run/signal_source.h"
#include "logd/run/uplink.h"

namespace logrun {

class StdinCopier {
 public:
  // All are kept by reference and must outlive the copier.
  StdinCopier(const Uplink& uplink, Poller& poller, SignalSource& signals);

  // Returns what could not be delivered.
  LineCount run();

 private:
  void take_signals(Clock::time_point now);
  Deadline end_of_silence(Clock::time_point now) const;

  Poller& poller_;
  SignalSource& signals_;
  OutputLane lane_;
  Deadline stop_requested_at_{};
};

}  // namespace logrun
