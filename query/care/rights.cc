#include "query/care/rights.h"

#include <sys/stat.h>
#include <unistd.h>

namespace logq {

logfmt::Status check_owner(const logfmt::StoreDir& store) {
  struct stat status {};
  if (fstat(store.fd(), &status) != 0) {
    return logfmt::fail_errno("cannot see whose " + store.path() + " is");
  }
  if (geteuid() == 0 || geteuid() == status.st_uid) return {};
  return logfmt::fail(
      logfmt::ErrorCode::kInvalidArgument,
      "only root and the owner of " + store.path() + " may remove entries");
}

}  // namespace logq
