// Where memory comes from, and giving it back to the system when it is free.
// Encoding a block takes much of it for a moment, and the next block may be
// hours away.
#pragma once

#include <malloc.h>

namespace logd {

// Before the first thread is started. glibc otherwise has a heap for each
// thread, and gives the free end of none but the first back: 12 MB for the
// encoder's, 9 for idle care's. Threads that allocate much are few. Buffers
// that grow are mapped, so that they move without a copy and leave no holes:
// the encoder's peak is 3 MB lower.
inline void share_one_heap() {
#ifdef __GLIBC__
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_THRESHOLD, 256 << 10);
  mallopt(M_TRIM_THRESHOLD, 4 << 20);
#endif
}

inline void give_back_free_memory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace logd
