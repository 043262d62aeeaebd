// Small pieces of a store's life, one for each thing that changes its files.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "tests/faults/states/stage.h"

namespace logd::faults {

struct Workload {
  const char* name;
  // Before the recording begins.
  std::function<void(Stage&)> prepare{};
  std::function<void(Stage&)> run;
  bool restarts = false;  // a daemon follows another in run()
  // A short run tries a kill at each so manieth call: a daemon that cannot
  // write what it has committed gives up only after a second.
  size_t kill_step = 5;
};

const std::vector<Workload>& workloads();

// For the names of tests.
inline void PrintTo(const Workload& workload, std::ostream* out) {
  *out << workload.name;
}

}  // namespace logd::faults
