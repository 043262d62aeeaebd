#include "format/result.h"

#include <cerrno>
#include <cstring>

namespace logfmt {

std::string Error::message() const {
  if (sys_errno == 0) return detail;
  return detail + ": " + std::strerror(sys_errno);
}

tl::unexpected<Error> fail(ErrorCode code, std::string detail,
                           uint64_t offset) {
  return fail(
      Error{.code = code, .offset = offset, .detail = std::move(detail)});
}

tl::unexpected<Error> fail_errno(std::string detail) {
  const int saved = errno;
  const auto code = saved == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
  return fail(
      Error{.code = code, .sys_errno = saved, .detail = std::move(detail)});
}

}  // namespace logfmt
