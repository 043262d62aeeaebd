#include "logd/run/stdin_copier.h"

#include <unistd.h>

#include <algorithm>

namespace logrun {
namespace {

constexpr std::chrono::seconds kSilence{1};
// How long a writer that does not fall silent is heard after a request to stop.
constexpr std::chrono::seconds kDrainMax{5};
constexpr std::chrono::seconds kFinishMax{5};

}  // namespace

StdinCopier::StdinCopier(const Uplink& uplink, Poller& poller,
                         SignalSource& signals)
    : poller_(poller),
      signals_(signals),
      lane_(logfmt::Fd(STDIN_FILENO), uplink.open(logd::StreamKind::kStdout, 0),
            poller) {}

LineCount StdinCopier::run() {
  Deadline finish_by;
  for (;;) {
    const auto now = Clock::now();
    take_signals(now);
    lane_.turn(now);
    const Deadline silence = end_of_silence(now);
    if (silence && now >= *silence) lane_.close_source();
    if (lane_.at_end() && !finish_by) finish_by = now + kFinishMax;
    if (lane_.done() || (finish_by && now >= *finish_by)) break;
    poller_.wait(earlier(earlier(lane_.deadline(now), silence), finish_by));
  }
  return lane_.stream().undelivered();
}

void StdinCopier::take_signals(Clock::time_point now) {
  while (const auto signal = signals_.take()) {
    if (*signal == SIGTERM || *signal == SIGINT || *signal == SIGHUP ||
        *signal == SIGQUIT) {
      stop_requested_at_ = now;
    }
  }
}

Deadline StdinCopier::end_of_silence(Clock::time_point now) const {
  if (!stop_requested_at_ || lane_.at_end()) return std::nullopt;
  return std::min(
      std::max(*stop_requested_at_, lane_.silent_since(now)) + kSilence,
      *stop_requested_at_ + kDrainMax);
}

}  // namespace logrun
