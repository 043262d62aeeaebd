// Gives memory that is free back to the system. Encoding a block takes much of
// it for a moment, and the next block may be hours away.
#pragma once

#include <malloc.h>

namespace logd {

inline void give_back_free_memory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace logd
