#include "tests/faults/states/failing_memory.h"

#include <dlfcn.h>

#include <atomic>
#include <limits>
#include <new>

#include "tests/faults/states/system_calls.h"

namespace logd::faults {
namespace {

std::atomic<size_t> allowed = std::numeric_limits<size_t>::max();
std::atomic<size_t> counted = 0;

}  // namespace

void let_memory_run_out_after(size_t allocations) {
  counted = 0;
  allowed = allocations;
}

size_t count_allocations() { return counted; }

// In place of the operator of this mangled name, for the libraries too.
extern "C" void* allocate(std::size_t bytes) asm("_Znwm");
extern "C" void* allocate(std::size_t bytes) {
  using Allocate = void* (*)(std::size_t);
  static const auto real =
      reinterpret_cast<Allocate>(dlsym(RTLD_NEXT, "_Znwm"));
  // The recorder is no part of what is tested.
  if (!is_within_observer() && counted++ >= allowed) throw std::bad_alloc();
  return real(bytes);
}

}  // namespace logd::faults
