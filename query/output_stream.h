// The one place where logq writes what it shows: a buffer in front of a
// descriptor. Printers append to buffer(); after an entry it is flushed if it
// is full().
//
// SIGPIPE must be ignored. A reader that has gone away (`logq | head`) is not
// an error but Flow::kReaderGone: stop quietly.
#pragma once

#include <string>

#include "format/result.h"

namespace logq {

enum class Flow { kContinue, kReaderGone };

class OutputStream {
 public:
  // Does not own `fd`, which may be non-blocking.
  explicit OutputStream(int fd) : fd_(fd) {}
  OutputStream(const OutputStream&) = delete;
  OutputStream& operator=(const OutputStream&) = delete;

  std::string& buffer() { return buffer_; }
  bool full() const { return buffer_.size() >= kBufferBytes; }
  logfmt::Result<Flow> flush();

 private:
  static constexpr size_t kBufferBytes = 64 << 10;
  static constexpr int kPipeBytes = 1 << 20;

  void widen_pipe();

  int fd_;
  bool widened_ = false;
  std::string buffer_{};
};

}  // namespace logq
