// The states in which a power cut may leave a directory: all that was done up
// to some call, but for what was not settled by then and did not reach the
// disk.
//
// All subsets are too many, and faults need few changes to go missing: at each
// call all, none, each one alone, each one alone kept, all from each one on,
// all before each one, all of a kind, and, where asked for, a number of random
// subsets.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/faults/states/disk_history.h"

namespace logd::faults {

struct CrashState {
  size_t calls = 0;
  std::vector<size_t> missing{};  // indices of changes, sorted
  uint64_t note = 0;              // DiskHistory::note_of that moment

  std::string describe(const DiskHistory& history) const;
};

struct CrashChoice {
  // Of more unsettled changes only so many are chosen from, evenly spread.
  size_t changes_max = 24;
  size_t random_subsets = 0;  // at each call
  uint64_t seed = 1;
  size_t first_call = 1;  // behind what was there at the start
};

// Calls `check` for each state that differs from all before it in what is in
// the directory or in its note, until it returns false; returns how many.
size_t for_each_crash_state(
    const DiskHistory& history, const CrashChoice& choice,
    const std::function<bool(const CrashState&, const Directory&)>& check);

}  // namespace logd::faults
