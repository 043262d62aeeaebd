// Signals as data: they are blocked and read from a signalfd.
//
// Created once, before the first child. A child must be given the mask that
// was in force before (original_mask), or it could not be terminated.
// SIGPIPE is blocked as well: a write to a closed pipe is an errno here.
#pragma once

#include <signal.h>

#include <optional>

#include "format/file.h"
#include "format/result.h"
#include "logd/run/poller.h"

namespace logrun {

class SignalSource {
 public:
  static logfmt::Result<SignalSource> create(Poller& poller);

  // The next signal that has arrived, none when all have been taken.
  std::optional<int> take();
  const sigset_t& original_mask() const { return original_mask_; }

 private:
  SignalSource(logfmt::Fd fd, const sigset_t& original_mask)
      : fd_(std::move(fd)), original_mask_(original_mask) {}

  logfmt::Fd fd_;
  sigset_t original_mask_;
};

}  // namespace logrun
