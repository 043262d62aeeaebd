#include "logd/run/restart_policy.h"

#include <algorithm>

namespace logrun {

bool should_restart(RestartPolicy policy, const ChildExit& exit) {
  if (policy == RestartPolicy::kOnFailure) return !exit.succeeded();
  return policy == RestartPolicy::kAlways;
}

RestartDelay::RestartDelay(std::chrono::milliseconds first,
                           std::chrono::milliseconds max)
    : first_(std::min(first, max)), max_(max) {}

std::chrono::milliseconds RestartDelay::next(
    std::chrono::microseconds runtime) {
  const bool was_quick =
      started_ &&
      runtime <= std::max<std::chrono::microseconds>(kLongRunMin, last_);
  started_ = true;
  last_ = was_quick ? std::min(last_ * 2, max_) : first_;
  return last_;
}

}  // namespace logrun
