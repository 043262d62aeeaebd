#include "format/store_dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <tuple>

#include "format/file_header.h"

namespace logfmt {
namespace {

constexpr char kLockName[] = "LOCK";
constexpr char kIdentityName[] = "STORE";
constexpr size_t kIdentityBytesMax = 256;

Result<Fd> open_directory(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return fail_errno("cannot open the store " + path);
  return Fd(fd);
}

// Byte 0 is the writer's, byte 1 is for removing and replacing files. Locks
// are held by the open file description: they die with its last descriptor.
struct flock lock_of_byte(off_t byte) {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = byte;
  lock.l_len = 1;
  return lock;
}
constexpr off_t kWriterByte = 0;
constexpr off_t kFilesByte = 1;

int64_t changed_ns(const struct stat& status) {
  return int64_t{status.st_mtim.tv_sec} * 1'000'000'000 +
         status.st_mtim.tv_nsec;
}

FileIdentity identity_of(const struct stat& status) {
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .bytes = static_cast<uint64_t>(status.st_size),
          .changed_ns = changed_ns(status)};
}

bool is_covered(const StoreFile& file, const StoreFile& merged) {
  return file.kind == StoreFileKind::kSegment &&
         file.first_seq >= merged.first_seq &&
         file.first_seq < merged.merged_end_seq && file.name != merged.name;
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
  struct flock byte = lock_of_byte(kWriterByte);
  if (fcntl(file->get(), F_OFD_SETLK, &byte) != 0) {
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
  struct flock byte = lock_of_byte(kWriterByte);
  return fcntl(file->get(), F_OFD_GETLK, &byte) == 0 && byte.l_type != F_UNLCK;
}

Result<Fd> StoreDir::lock_files() const {
  constexpr int kTriesMax = 2000;
  constexpr useconds_t kPauseUs = 1000;
  auto file = open_at(dir_.get(), kLockName, O_RDWR | O_CREAT);
  if (!file) return file;
  struct flock byte = lock_of_byte(kFilesByte);
  for (int tries = 0; tries < kTriesMax; ++tries) {
    if (fcntl(file->get(), F_OFD_SETLK, &byte) == 0) return file;
    if (errno != EAGAIN && errno != EACCES && errno != EINTR) break;
    usleep(kPauseUs);
  }
  return fail_errno("cannot lock the files of the store " + path_);
}

// A listing takes several reads of a large directory, and what is renamed
// between two of them may be seen twice or not at all: then it is read again.
Result<std::vector<std::string>> StoreDir::names() const {
  constexpr int kTriesMax = 10;
  std::vector<std::string> names;
  for (int tries = 0; tries < kTriesMax; ++tries) {
    names.clear();
    const int fd = openat(dir_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return fail_errno("cannot list the store " + path_);
    const std::unique_ptr<DIR, int (*)(DIR*)> dir(fdopendir(fd), closedir);
    if (!dir) {
      (void)close(fd);
      return fail_errno("cannot list the store " + path_);
    }
    struct stat before {};
    struct stat after {};
    if (fstat(fd, &before) != 0) return fail_errno("cannot stat " + path_);
    errno = 0;
    while (const dirent* item = readdir(dir.get())) {
      names.emplace_back(item->d_name);
    }
    if (errno != 0 || fstat(fd, &after) != 0) {
      return fail_errno("cannot list the store " + path_);
    }
    if (changed_ns(before) == changed_ns(after)) break;
  }
  return names;
}

Result<FileIdentity> StoreDir::identify(const std::string& name) const {
  struct stat status {};
  if (fstatat(dir_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return fail_errno("cannot stat " + name);
  }
  return identity_of(status);
}

Result<std::vector<StoreFile>> StoreDir::list_named(
    std::optional<StoreName> (*parse)(std::string_view)) const {
  const auto all = names();
  if (!all) return fail(all.error());
  std::vector<StoreFile> files;
  for (const std::string& name : *all) {
    const auto parsed = parse(name);
    struct stat status {};
    if (!parsed ||
        fstatat(dir_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      continue;
    }
    files.push_back(
        {.kind = parsed->kind,
         .first_seq = parsed->first_seq,
         .name = name,
         .disk_bytes = static_cast<uint64_t>(status.st_blocks) * 512,
         .identity = identity_of(status),
         .merged_end_seq = parsed->merged_end_seq});
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) {
    return std::tie(a.kind, a.first_seq) < std::tie(b.kind, b.first_seq);
  });
  return files;
}

// A name alone must not hide other files.
bool StoreDir::stands_for_its_range(const StoreFile& merged) const {
  const auto file = open_at(dir_.get(), merged.name, O_RDONLY);
  std::string bytes;
  if (!file || !pread_up_to(file->get(), 0, kFileHeaderBytes, bytes)) {
    return false;
  }
  const auto header = decode_file_header(bytes, kSegmentMagic, id_);
  return header && header->first_seq == merged.first_seq &&
         header->end_seq == merged.merged_end_seq;
}

Result<std::vector<StoreFile>> StoreDir::list() const {
  auto files = list_named(parse_store_name);
  if (!files) return files;
  std::vector<StoreFile> merged;
  std::erase_if(*files, [&](const StoreFile& file) {
    if (file.merged_end_seq == 0) return false;
    if (!stands_for_its_range(file)) return true;
    merged.push_back(file);
    return false;
  });
  std::erase_if(*files, [&](const StoreFile& file) {
    return std::any_of(
        merged.begin(), merged.end(),
        [&](const StoreFile& whole) { return is_covered(file, whole); });
  });
  return files;
}

Result<std::vector<StoreFile>> StoreDir::list_covered(
    const StoreFile& merged) const {
  auto files = list_named(parse_store_name);
  if (!files) return files;
  std::erase_if(
      *files, [&](const StoreFile& file) { return !is_covered(file, merged); });
  return files;
}

Result<std::vector<StoreFile>> StoreDir::list_set_aside() const {
  return list_named(parse_damaged_name);
}

Result<std::vector<std::string>> StoreDir::list_asides() const {
  auto all = names();
  if (!all) return all;
  std::erase_if(*all,
                [](const std::string& name) { return !is_aside_name(name); });
  return all;
}

uint64_t StoreDir::disk_bytes(const std::string& name) const {
  constexpr uint64_t kUnitBytes = 512;  // of st_blocks, stat(2)
  struct stat status {};
  if (fstatat(fd(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return 0;
  return static_cast<uint64_t>(status.st_blocks) * kUnitBytes;
}

Result<std::string> StoreDir::set_aside(const std::string& name) const {
  std::string aside = damaged_name(name);
  LOGD_RETURN_IF_ERROR(rename(name, aside));
  return aside;
}

Status StoreDir::rename(const std::string& from, const std::string& to) const {
  if (renameat(dir_.get(), from.c_str(), dir_.get(), to.c_str()) != 0) {
    return fail_errno("cannot rename " + from + " to " + to);
  }
  return {};
}

Status StoreDir::remove(const std::string& name) const {
  if (unlinkat(dir_.get(), name.c_str(), 0) != 0 && errno != ENOENT) {
    return fail_errno("cannot remove " + name);
  }
  return {};
}

}  // namespace logfmt
