// Errors are values: every fallible call of the project returns a Result.
//
// An Error says what went wrong, where (errno, byte offset) and what was
// expected. It carries no history and is reported once, by the caller that
// decides what happens next. Library code never prints it.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>

namespace logfmt {

enum class ErrorCode {
  kCorrupt,          // a checksum or a length contradicts the bytes
  kTruncated,        // the data ends before the structure does
  kUnsupported,      // written by a newer version (unknown incompatible flag)
  kInvalidArgument,  // the caller's input is not acceptable
  kNotFound,         // a file or name does not exist
  kIo,               // the operating system refused; see Error::sys_errno
  kLimit,            // a named limit of limits.h would be exceeded
  kChanged,          // the file is not the one that was listed; list anew
  kCancelled,        // the caller asked to stop
};

struct Error {
  ErrorCode code = ErrorCode::kIo;
  int sys_errno = 0;     // 0 where the operating system was not involved
  uint64_t offset = 0;   // byte offset in the input, where that makes sense
  std::string detail{};  // for a person: what, where, what was expected

  // One line for a person: the detail, and the operating system's reason.
  std::string message() const;
};

// tl::expected that must not be ignored.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

using Status = Result<void>;

inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}
tl::unexpected<Error> fail(ErrorCode code, std::string detail,
                           uint64_t offset = 0);
// An error of the operating system; takes the reason from errno.
tl::unexpected<Error> fail_errno(std::string detail);

}  // namespace logfmt

#define LOGD_RETURN_IF_ERROR(expr)                       \
  do {                                                   \
    if (auto status_ = (expr); !status_)                 \
      return ::logfmt::fail(std::move(status_.error())); \
  } while (false)
