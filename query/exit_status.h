// What logq's exit status says; scripts rely on the numbers.
#pragma once

namespace logq {

enum class ExitStatus : int {
  kShown = 0,
  kNothing = 1,  // nothing matched
  kFailure = 2,  // usage, or the question could not be answered
  kGap = 3,      // answered, but something is damaged or missing
};

}  // namespace logq
