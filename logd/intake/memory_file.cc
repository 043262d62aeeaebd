#include "logd/intake/memory_file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <climits>

#include "format/file.h"
#include "format/limits.h"

namespace logd {
namespace {

using logfmt::ErrorCode;
using logfmt::fail;

bool fully_sealed(int fd) {
  constexpr int kSeals =
      F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  const int seals = fcntl(fd, F_GET_SEALS);
  return seals >= 0 && (seals & kSeals) == kSeals;
}

bool in_public_directory(int fd) {
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  std::array<char, PATH_MAX> path{};
  const ssize_t length = readlink(link.c_str(), path.data(), path.size());
  if (length <= 0) return false;
  const std::string_view target(path.data(), static_cast<size_t>(length));
  const auto directory = target.substr(0, target.rfind('/'));
  return directory == "/dev/shm" || directory == "/tmp" ||
         directory == "/var/tmp";
}

// Reading such a file waits for another process or machine, for ever if that
// wants it: the intake must not.
bool served_by_somebody(int fd) {
  constexpr long kFuseMagic = 0x65735546;
  struct statfs filesystem {};
  if (fstatfs(fd, &filesystem) != 0) return true;
  return filesystem.f_type == kFuseMagic ||
         filesystem.f_type == NFS_SUPER_MAGIC;
}

}  // namespace

logfmt::Status read_entry_file(int fd, bool sender_is_root, std::string& out) {
  struct stat status {};
  if (fstat(fd, &status) != 0) {
    return logfmt::fail_errno("cannot stat the file of an entry");
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::kInvalidArgument,
                "an entry's descriptor is not a regular file");
  }
  if (!fully_sealed(fd) && !sender_is_root && !in_public_directory(fd)) {
    return fail(ErrorCode::kInvalidArgument,
                "an entry's file is neither sealed nor in a public directory");
  }
  if (!sender_is_root && served_by_somebody(fd)) {
    return fail(ErrorCode::kInvalidArgument,
                "an entry's file is on a file system that may block");
  }
  // Room for the framing around a value of the largest size.
  constexpr auto kBytesMax = static_cast<off_t>(logfmt::kEntryBytesMax + 65536);
  if (status.st_size > kBytesMax) {
    return fail(ErrorCode::kLimit, "an entry's file is larger than an entry");
  }
  return logfmt::pread_up_to(fd, 0, static_cast<size_t>(status.st_size), out);
}

}  // namespace logd
