// When a command that has ended is started again, and how long after.
#pragma once

#include <chrono>

#include "logd/run/child_exit.h"

namespace logrun {

enum class RestartPolicy { kNo, kOnFailure, kAlways };

bool should_restart(RestartPolicy policy, const ChildExit& exit);

// The delay before each restart. It doubles while the command keeps ending
// soon after its start and is the first delay again once the command has
// run longer than a minute, or than the delay where that is longer.
class RestartDelay {
 public:
  static constexpr std::chrono::seconds kLongRunMin{60};

  RestartDelay(std::chrono::milliseconds first, std::chrono::milliseconds max);

  // The delay to keep after a run of this length.
  std::chrono::milliseconds next(std::chrono::microseconds runtime);

 private:
  std::chrono::milliseconds first_;
  std::chrono::milliseconds max_;
  std::chrono::milliseconds last_{0};
  bool started_ = false;
};

}  // namespace logrun
