// One file system call, or all from one on, that fail.
//
// Stands before another observer, which hears of what is done. Calls are
// counted from 0; to try each, count up until happened() stays false.
#pragma once

#include <atomic>
#include <ostream>
#include <vector>

#include "tests/faults/states/system_calls.h"

namespace logd::faults {

struct CallFault {
  enum class Effect : uint8_t {
    kRefused,      // no space, no descriptor or EIO, as the call has it
    kShortened,    // half of a write is done
    kInterrupted,  // EINTR
  };

  const char* name;
  Effect effect = Effect::kRefused;
  bool stays = false;  // all calls from then on
  // Only these are counted; all where there are none.
  std::vector<CallKind> kinds{};

  bool is_of_syncs() const {
    return !kinds.empty() && kinds.front() == CallKind::kSyncData;
  }
};

inline void PrintTo(const CallFault& fault, std::ostream* out) {
  *out << fault.name;
}

class FailingCalls : public CallObserver {
 public:
  FailingCalls(CallObserver& behind, const CallFault& fault, size_t at)
      : behind_(behind), fault_(fault), at_(at) {}

  bool happened() const { return happened_; }
  // While paused nothing is counted and nothing fails.
  void set_paused(bool paused) { paused_ = paused; }

  Verdict before(const Call& call) override;
  void after(const Call& call, ssize_t result) override {
    behind_.after(call, result);
  }

 private:
  bool is_due(const Call& call);

  CallObserver& behind_;
  const CallFault& fault_;
  size_t at_;
  size_t count_ = 0;
  std::atomic<bool> happened_ = false;
  std::atomic<bool> paused_ = false;
};

}  // namespace logd::faults
