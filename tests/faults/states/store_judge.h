// Judges what a power cut has left of a store, as a user would: by logq's
// search before anybody mended anything, again after recovery, and again when
// the next daemon has stored and encoded something.
//
// Each time: nothing is shown that was not stored, byte for byte, in order and
// once; what was reported durable is there; what is missing between entries is
// owned up to, and in the end nothing else is; what was erased stays away.
// Recovery never fails and gives no number again that anybody could have seen.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "format/gap.h"
#include "format/store_dir.h"
#include "tests/faults/states/crash_states.h"
#include "tests/faults/states/stage.h"

namespace logd::faults {

// What logq would show.
struct Shown {
  std::map<uint64_t, std::string> entries{};
  std::vector<logfmt::Gap> gaps{};
  std::string error{};  // where it could not, or showed something impossible

  bool owns_up_to(uint64_t seq) const;
};
Shown show_all(const logfmt::StoreDir& store);

class StoreJudge {
 public:
  explicit StoreJudge(const Story& story) : story_(story) {}

  ::testing::AssertionResult judge(const CrashState& state,
                                   const Directory& files);
  // A directory in which a process died but the kernel did not.
  ::testing::AssertionResult judge(const std::string& path,
                                   const CrashState& state);

 private:
  ::testing::AssertionResult judge_shown(const Shown& shown,
                                         const CrashState& state) const;
  // Nothing is missing but what may be.
  bool is_whole(const Shown& shown, const CrashState& state) const;
  ::testing::AssertionResult judge_recovery(const std::string& path,
                                            const CrashState& state,
                                            Shown& before);
  ::testing::AssertionResult judge_next_life(const std::string& path,
                                             const Shown& before,
                                             const CrashState& state);

  const Story& story_;
  bool damage_told_ = false;  // by an event, of the state at hand
  testing::TempDir scratch_;
};

}  // namespace logd::faults
