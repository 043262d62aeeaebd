#include "format/identity_repair.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <set>

#include "format/file_header.h"
#include "format/store_dir.h"
#include "format/store_names.h"

namespace logfmt {
namespace {

constexpr char kIdentityName[] = "STORE";
constexpr char kAsideName[] = "STORE.new";
constexpr char kDamagedName[] = "STORE.damaged";

// The store that a file says it belongs to, if its header checks.
std::optional<Id128> owner_of_file(int dir_fd, const std::string& name,
                                   StoreFileKind kind) {
  constexpr size_t kStoreAt = 24;
  const auto file = open_at(dir_fd, name, O_RDONLY);
  std::string bytes;
  if (!file || !pread_exactly(file->get(), 0, kFileHeaderBytes, bytes)) {
    return std::nullopt;
  }
  Id128 store;
  bytes.copy(reinterpret_cast<char*>(store.bytes.data()), store.bytes.size(),
             kStoreAt);
  const auto& magic = kind == StoreFileKind::kWal ? kWalMagic : kSegmentMagic;
  if (!decode_file_header(bytes, magic, store)) return std::nullopt;
  return store;
}

Result<std::set<Id128>> owners(int dir_fd, const std::string& path) {
  std::set<Id128> found;
  std::error_code error;
  for (std::filesystem::directory_iterator at(path, error), end;
       !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename();
    const auto parsed = parse_store_name(name);
    if (!parsed) continue;
    if (auto owner = owner_of_file(dir_fd, name, parsed->kind)) {
      found.insert(*owner);
    }
  }
  if (error) {
    return fail({.code = ErrorCode::kIo,
                 .sys_errno = error.value(),
                 .detail = "cannot list " + path});
  }
  return found;
}

Status write_identity(int dir_fd, const Id128& id) {
  const auto file =
      open_at(dir_fd, kAsideName, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (!file) return fail(file.error());
  LOGD_RETURN_IF_ERROR(pwrite_all(
      file->get(), 0,
      "logd store " + std::to_string(kFormatVersion) + " " + id.hex() + "\n"));
  LOGD_RETURN_IF_ERROR(sync_all(file->get()));
  // What is there stays under another name, unless an older one has it.
  if (linkat(dir_fd, kIdentityName, dir_fd, kDamagedName, 0) != 0 &&
      errno != ENOENT && errno != EEXIST) {
    return fail_errno("cannot name STORE.damaged");
  }
  if (renameat(dir_fd, kAsideName, dir_fd, kIdentityName) != 0) {
    return fail_errno("cannot name STORE");
  }
  return sync_all(dir_fd);
}

}  // namespace

Result<std::optional<Id128>> repair_identity(const std::string& path) {
  const Fd dir(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!dir.valid()) return fail_errno("cannot open the store " + path);
  const auto found = owners(dir.get(), path);
  if (!found) return fail(found.error());
  auto store = StoreDir::open(path);
  if (!store && store.error().code != ErrorCode::kNotFound &&
      store.error().code != ErrorCode::kCorrupt) {
    return fail(std::move(store.error()));
  }
  if (store && (found->empty() || found->contains(store->id()))) {
    return std::nullopt;
  }
  if (found->size() != 1) {
    return fail(ErrorCode::kCorrupt,
                path +
                    ": STORE cannot be made anew: the files that can be "
                    "read name " +
                    std::to_string(found->size()) +
                    " stores; expected exactly one");
  }
  if (store) LOGD_RETURN_IF_ERROR(store->lock());
  LOGD_RETURN_IF_ERROR(write_identity(dir.get(), *found->begin()));
  return *found->begin();
}

}  // namespace logfmt
