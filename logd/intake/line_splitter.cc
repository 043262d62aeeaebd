#include "logd/intake/line_splitter.h"

namespace logd {
namespace {

// An idle stream keeps a buffer up to this size for its next split line.
constexpr size_t kIdleBytesMax = 4096;

}  // namespace

void LineSplitter::clear_pending() {
  pending_.clear();
  if (pending_.capacity() > kIdleBytesMax) pending_.shrink_to_fit();
}

}  // namespace logd
