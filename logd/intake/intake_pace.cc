#include "logd/intake/intake_pace.h"

#include <time.h>

#include <algorithm>
#include <utility>

#include "logd/clock.h"

namespace logd {
namespace {

// More of them at once save little.
constexpr uint64_t kMessagesPerRound = 48;
// Rounds of a short queue are short however much there is to do.
constexpr uint64_t kFloodPerSecond = 150'000;
// After a longer silence the next message may be the only one.
constexpr uint64_t kSilenceUs = 2 * IntakePace::kRestUsMax;
// A shorter rest is not worth the timer.
constexpr uint64_t kRestUsMin = 60;

}  // namespace

// Half of a queue is left for a burst.
IntakePace::IntakePace(uint64_t queue)
    : worth_a_round_(
          std::clamp<uint64_t>(queue / 2, 1, kMessagesPerRound)) {}

uint64_t IntakePace::rest_us(uint64_t messages, uint64_t since_us) const {
  if (messages == 0 || messages >= worth_a_round_ || since_us > kSilenceUs) {
    return 0;
  }
  const uint64_t until_full_us = worth_a_round_ * since_us / messages;
  return until_full_us < kRestUsMin ? 0 : std::min(until_full_us, kRestUsMax);
}

bool IntakePace::rest(uint64_t messages) {
  const uint64_t now_us = monotonic_us();
  const uint64_t taken = messages - std::exchange(messages_, messages);
  const uint64_t since_us = now_us - std::exchange(ended_us_, now_us);
  const uint64_t nap_us =
      gauge_.is_busy(taken, now_us) ? rest_us(taken, since_us) : 0;
  if (nap_us > 0) {
    const timespec nap{.tv_sec = 0,
                       .tv_nsec = static_cast<long>(nap_us) * 1000};
    (void)nanosleep(&nap, nullptr);
  }
  return taken >= kMessagesPerRound ||
         taken * 1'000'000 > since_us * kFloodPerSecond;
}

}  // namespace logd
