#include "query/output_stream.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace logq {

// With room for one buffer only, writer and reader would wait for each other
// after every one. The kernel refuses what is not a pipe, and users who have
// too much in pipes already: then it stays as it is.
void OutputStream::widen_pipe() {
  if (fcntl(fd_, F_GETPIPE_SZ) < kPipeBytes) {
    fcntl(fd_, F_SETPIPE_SZ, kPipeBytes);
  }
}

logfmt::Result<Flow> OutputStream::flush() {
  if (full() && !std::exchange(widened_, true)) widen_pipe();
  size_t written = 0;
  while (written < buffer_.size()) {
    const ssize_t count =
        write(fd_, buffer_.data() + written, buffer_.size() - written);
    if (count >= 0) {
      written += static_cast<size_t>(count);
    } else if (errno == EAGAIN) {
      pollfd writable{.fd = fd_, .events = POLLOUT, .revents = 0};
      poll(&writable, 1, -1);
    } else if (errno == EPIPE) {
      buffer_.clear();
      return Flow::kReaderGone;
    } else if (errno != EINTR) {
      return logfmt::fail_errno("cannot write the output");
    }
  }
  buffer_.clear();
  return Flow::kContinue;
}

}  // namespace logq
