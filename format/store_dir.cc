#include "format/store_dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <tuple>

#include "format/layout.h"

namespace logfmt {
namespace {

constexpr char kLockName[] = "LOCK";
constexpr char kIdentityName[] = "STORE";
constexpr std::string_view kSegmentSuffix = ".seg";
constexpr std::string_view kWalSuffix = ".wal";
constexpr std::string_view kSetAsideSuffix = ".damaged";
constexpr size_t kSeqDigits = 16;
constexpr size_t kIdentityBytesMax = 256;

std::string seq_name(uint64_t seq, std::string_view suffix) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string name(kSeqDigits, '0');
  for (size_t i = kSeqDigits; i-- > 0; seq >>= 4) name[i] = kDigits[seq & 15];
  return name.append(suffix);
}

std::optional<StoreFile> parse_name(std::string_view name) {
  StoreFile file;
  if (name.ends_with(kSegmentSuffix)) {
    file.kind = StoreFileKind::kSegment;
  } else if (!name.ends_with(kWalSuffix)) {
    return std::nullopt;
  }
  if (name.size() != kSeqDigits + kWalSuffix.size()) return std::nullopt;
  const char* end = name.data() + kSeqDigits;
  const auto parsed = std::from_chars(name.data(), end, file.first_seq, 16);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  file.name = file.kind == StoreFileKind::kSegment
                  ? segment_name(file.first_seq)
                  : wal_name(file.first_seq);
  if (file.name != name) return std::nullopt;  // e.g. capital digits
  return file;
}

std::optional<StoreFile> parse_set_aside(std::string_view name) {
  if (!name.ends_with(kSetAsideSuffix)) return std::nullopt;
  auto file = parse_name(name.substr(0, name.size() - kSetAsideSuffix.size()));
  if (file) file->name = name;
  return file;
}

Result<Fd> open_directory(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return fail_errno("cannot open the store " + path);
  return Fd(fd);
}

// Held by the open file description: it dies with its last descriptor.
struct flock whole_file_lock() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

// mkdir -p; the last folder is ours and not for everyone.
Status make_directories(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  for (size_t at = 1; at <= path.size(); ++at) {
    if (at < path.size() && path[at] != '/') continue;
    const mode_t mode = at == path.size() ? 0750 : 0755;
    if (mkdir(path.substr(0, at).c_str(), mode) != 0 && errno != EEXIST) {
      return fail_errno("cannot make the directory " + path);
    }
  }
  return {};
}

}  // namespace

std::string wal_name(uint64_t first_seq) {
  return seq_name(first_seq, kWalSuffix);
}
std::string segment_name(uint64_t first_seq) {
  return seq_name(first_seq, kSegmentSuffix);
}

Result<StoreDir> StoreDir::open(const std::string& path) {
  auto dir = open_directory(path);
  if (!dir) return fail(std::move(dir.error()));
  StoreDir store(path, std::move(*dir));
  LOGD_RETURN_IF_ERROR(store.read_identity());
  return store;
}

Result<StoreDir> StoreDir::open_or_create(const std::string& path) {
  LOGD_RETURN_IF_ERROR(make_directories(path));
  auto dir = open_directory(path);
  if (!dir) return fail(std::move(dir.error()));
  StoreDir store(path, std::move(*dir));
  auto status = store.read_identity();
  if (!status && status.error().code == ErrorCode::kNotFound) {
    status = store.create_identity();
  }
  if (!status) return fail(std::move(status.error()));
  return store;
}

Status StoreDir::read_identity() {
  auto file = open_at(dir_.get(), kIdentityName, O_RDONLY);
  if (!file) {
    if (file.error().code == ErrorCode::kNotFound) {
      return fail(ErrorCode::kNotFound, "there is no store in " + path_);
    }
    return fail(std::move(file.error()));
  }
  std::string text;
  LOGD_RETURN_IF_ERROR(pread_up_to(file->get(), 0, kIdentityBytesMax, text));
  const std::string prefix =
      "logd store " + std::to_string(kFormatVersion) + " ";
  if (!text.starts_with("logd store ")) {
    return fail(ErrorCode::kCorrupt, path_ + "/STORE is not a store identity");
  }
  if (!text.starts_with(prefix)) {
    return fail(ErrorCode::kUnsupported,
                path_ + " was written by a newer version of logd");
  }
  const auto id = Id128::parse(text.substr(prefix.size(), 32));
  if (!id) {
    return fail(ErrorCode::kCorrupt, path_ + "/STORE holds no uuid");
  }
  id_ = *id;
  return {};
}

// Two daemons that start at once have to agree on one uuid.
Status StoreDir::create_identity() {
  LOGD_RETURN_IF_ERROR(lock());
  auto status = read_identity();
  if (!status && status.error().code == ErrorCode::kNotFound) {
    status = write_identity();
  }
  lock_.reset();
  return status;
}

// Written aside and renamed: a reader finds all of it or nothing.
Status StoreDir::write_identity() {
  const std::string aside = std::string(kIdentityName) + ".new";
  auto file = open_at(dir_.get(), aside, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (!file) return fail(std::move(file.error()));
  id_ = Id128::random();
  LOGD_RETURN_IF_ERROR(pwrite_all(
      file->get(), 0,
      "logd store " + std::to_string(kFormatVersion) + " " + id_.hex() + "\n"));
  LOGD_RETURN_IF_ERROR(sync_all(file->get()));
  if (renameat(dir_.get(), aside.c_str(), dir_.get(), kIdentityName) != 0) {
    return fail_errno("cannot name " + path_ + "/STORE");
  }
  return sync_names();
}

Status StoreDir::lock() {
  if (lock_.valid()) return {};
  auto file = open_at(dir_.get(), kLockName, O_RDWR | O_CREAT);
  if (!file) return fail(std::move(file.error()));
  struct flock whole = whole_file_lock();
  if (fcntl(file->get(), F_OFD_SETLK, &whole) != 0) {
    if (errno != EAGAIN && errno != EACCES) {
      return fail_errno("cannot lock the store " + path_);
    }
    return fail(ErrorCode::kInvalidArgument,
                "another logd is writing the store " + path_);
  }
  lock_ = std::move(*file);
  return {};
}

Status StoreDir::share_with_group(gid_t group) const {
  constexpr mode_t kInheritedGroup = 02750;
  constexpr auto kKeepOwner = static_cast<uid_t>(-1);
  for (const char* name : {kLockName, kIdentityName}) {
    if (fchownat(dir_.get(), name, kKeepOwner, group, AT_SYMLINK_NOFOLLOW) !=
            0 &&
        errno != ENOENT) {
      return fail_errno("cannot give " + path_ + "/" + name + " to a group");
    }
  }
  if (fchown(dir_.get(), kKeepOwner, group) != 0 ||
      fchmod(dir_.get(), kInheritedGroup) != 0) {
    return fail_errno("cannot give the store " + path_ + " to a group");
  }
  return {};
}

bool StoreDir::has_writer() const {
  if (lock_.valid()) return true;
  const auto file = open_at(dir_.get(), kLockName, O_RDONLY);
  if (!file) return false;
  // Asking must not lock, or a reader could make a starting writer give up.
  struct flock whole = whole_file_lock();
  return fcntl(file->get(), F_OFD_GETLK, &whole) == 0 &&
         whole.l_type != F_UNLCK;
}

Result<std::vector<StoreFile>> StoreDir::list_named(
    std::optional<StoreFile> (*parse)(std::string_view)) const {
  const int fd = openat(dir_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return fail_errno("cannot list the store " + path_);
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(fdopendir(fd), closedir);
  if (!dir) {
    (void)close(fd);
    return fail_errno("cannot list the store " + path_);
  }
  std::vector<StoreFile> files;
  while (true) {
    errno = 0;
    const dirent* item = readdir(dir.get());
    if (item == nullptr && errno != 0) {
      return fail_errno("cannot list the store " + path_);
    }
    if (item == nullptr) break;
    auto file = parse(item->d_name);
    if (!file) continue;
    struct stat status {};
    if (fstatat(fd, item->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
    file->disk_bytes = static_cast<uint64_t>(status.st_blocks) * 512;
    files.push_back(std::move(*file));
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) {
    return std::tie(a.kind, a.first_seq) < std::tie(b.kind, b.first_seq);
  });
  return files;
}

Result<std::vector<StoreFile>> StoreDir::list() const {
  return list_named(parse_name);
}

Result<std::vector<StoreFile>> StoreDir::list_set_aside() const {
  return list_named(parse_set_aside);
}

Result<std::string> StoreDir::set_aside(const std::string& name) const {
  std::string aside = name + std::string(kSetAsideSuffix);
  if (renameat(dir_.get(), name.c_str(), dir_.get(), aside.c_str()) != 0) {
    return fail_errno("cannot rename " + name + " to " + aside);
  }
  return aside;
}

Status StoreDir::remove(const std::string& name) const {
  if (unlinkat(dir_.get(), name.c_str(), 0) != 0 && errno != ENOENT) {
    return fail_errno("cannot remove " + name);
  }
  return {};
}

}  // namespace logfmt
