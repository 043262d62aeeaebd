// How long the intake leaves messages in their sockets, so that it takes more
// of them at once: a round of its loop costs more than a message does.
//
// While little comes, each message is taken at once (BusyGauge), and so is
// everything when there is more than a round takes. In between, at some
// thousand messages a second, the intake rests for up to kRestUsMax after a
// round, but never until a socket's queue is full, which would make senders
// wait. Nothing is stamped later for that, the kernel stamps when a message is
// sent. One thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "logd/busy_gauge.h"

namespace logd {

class IntakePace {
 public:
  static constexpr uint64_t kRestUsMax = 2'000;

  // `queue`: how many datagrams a socket holds.
  explicit IntakePace(uint64_t queue);

  // After a round. `messages`: how many were taken so far. True where that is
  // all that the intake can do.
  bool rest(uint64_t messages);
  // For how long, when it is busy and so many came since the last round ended.
  uint64_t rest_us(uint64_t messages, uint64_t since_us) const;

 private:
  uint64_t worth_a_round_;
  BusyGauge gauge_{};
  uint64_t messages_ = 0;
  uint64_t ended_us_ = 0;
};

}  // namespace logd
