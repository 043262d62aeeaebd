#include "logd/intake/intake_pace.h"

#include <time.h>

#include <algorithm>
#include <utility>

#include "logd/clock.h"

namespace logd {
namespace {

// Worth a round; a socket's queue holds several times as many.
constexpr uint64_t kMessagesPerRound = 48;
// After a longer silence the next message may be the only one.
constexpr uint64_t kSilenceUs = 2'000;
// A shorter rest is not worth the timer.
constexpr uint64_t kRestUsMin = 60;

}  // namespace

uint64_t IntakePace::rest_us(uint64_t messages, uint64_t since_us) {
  if (messages == 0 || messages >= kMessagesPerRound || since_us > kSilenceUs) {
    return 0;
  }
  const uint64_t until_full_us = kMessagesPerRound * since_us / messages;
  return until_full_us < kRestUsMin ? 0 : std::min(until_full_us, kRestUsMax);
}

bool IntakePace::rest(uint64_t messages) {
  const uint64_t now_us = monotonic_us();
  const uint64_t taken = messages - std::exchange(messages_, messages);
  const uint64_t nap_us =
      gauge_.is_busy(taken, now_us) ? rest_us(taken, now_us - ended_us_) : 0;
  if (nap_us > 0) {
    const timespec nap{.tv_sec = 0,
                       .tv_nsec = static_cast<long>(nap_us) * 1000};
    (void)nanosleep(&nap, nullptr);
  }
  ended_us_ = now_us;
  return taken >= kMessagesPerRound;
}

}  // namespace logd
