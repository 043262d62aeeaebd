#include "query/output_stream.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace logq {

logfmt::Result<Flow> OutputStream::flush() {
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
