// Memory that runs out: from the N-th allocation by C++ code on there is none.
//
// Process-wide; meant for a child process that ends by it.
#pragma once

#include <cstddef>

namespace logd::faults {

// From now on so many allocations succeed.
void let_memory_run_out_after(size_t allocations);
// How many there were since.
size_t count_allocations();

}  // namespace logd::faults
