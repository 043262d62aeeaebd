// A store directory: which files are in it, whose it is, and who writes it.
//
//   LOCK                    byte 0 is locked (F_OFD_SETLK) by the writer while
//                           it runs, byte 1 by whoever removes or replaces
//                           segments, for milliseconds
//   STORE                   uuid and format version
//   <first_seq:016x>.seg    blocks
//   <first_seq:016x>.wal    the tail
//   <first_seq:016x>-<end_seq:016x>.merged
//                           a segment that has come in place of all segments
//                           that begin in this range, while they are removed
//   *.tmp                   a segment being rewritten, by the name of its input
//
// Files of other names are left alone. const members may be called from any
// thread.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "format/file.h"
#include "format/id128.h"
#include "format/result.h"
#include "format/store_names.h"

namespace logfmt {

// What tells a file from another one that has come in its place.
struct FileIdentity {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint64_t bytes = 0;
  int64_t changed_ns = 0;

  auto operator<=>(const FileIdentity&) const = default;
};

struct StoreFile {
  StoreFileKind kind = StoreFileKind::kWal;
  uint64_t first_seq = 0;
  std::string name{};
  uint64_t disk_bytes = 0;  // allocated, as du counts
  FileIdentity identity{};
  // Of a merged segment under its passing name; 0 of all others.
  uint64_t merged_end_seq = 0;
};

class StoreDir {
 public:
  // kNotFound where there is no store.
  static Result<StoreDir> open(const std::string& path);
  // Makes directory (0750) and STORE where they are missing.
  static Result<StoreDir> open_or_create(const std::string& path);

  // Becomes the writer; kInvalidArgument where another process is.
  Status lock();
  // Gives directory, LOCK and STORE to that group, and what is made from now
  // on, so that its members can read the store.
  Status share_with_group(gid_t group) const;
  // Whether some process holds that lock now; whether this object does.
  bool has_writer() const;
  bool is_writer() const { return lock_.valid(); }
  // The descriptor that holds the lock, for a process that shares it; and the
  // other way round. -1: none.
  int lock_fd() const { return lock_.get(); }
  void adopt_lock(Fd lock) { lock_ = std::move(lock); }
  // The right to remove and replace sealed segments, for as long as the answer
  // lives: look whether they are what they were, act, and let go. kIo where
  // somebody keeps it for seconds.
  Result<Fd> lock_files() const;

  int fd() const { return dir_.get(); }
  const Id128& id() const { return id_; }
  const std::string& path() const { return path_; }

  // Segments and WALs, each kind in order of first_seq, segments first. A
  // merged segment is listed as a segment, under the name that it has now.
  Result<std::vector<StoreFile>> list() const;
  // kNotFound where there is no such file.
  Result<FileIdentity> identify(const std::string& name) const;
  // Files that were set aside; they take space like all others.
  Result<std::vector<StoreFile>> list_set_aside() const;
  Status remove(const std::string& name) const;
  // Replaces what has that name.
  Status rename(const std::string& from, const std::string& to) const;
  // Files that are being written to replace others, or were when somebody
  // died.
  Result<std::vector<std::string>> list_asides() const;
  // Allocated bytes; 0 where there is no such file.
  uint64_t disk_bytes(const std::string& name) const;
  // The segments in whose place a listed merged one stands.
  Result<std::vector<StoreFile>> list_covered(const StoreFile& merged) const;
  // Renames a file to NAME.damaged, which list() passes over; the new name.
  Result<std::string> set_aside(const std::string& name) const;
  // Makes names that were created, renamed or removed durable.
  Status sync_names() const { return sync_all(dir_.get()); }

 private:
  StoreDir(std::string path, Fd dir)
      : path_(std::move(path)), dir_(std::move(dir)) {}
  Result<std::vector<std::string>> names() const;
  Result<std::vector<StoreFile>> list_named(
      std::optional<StoreName> (*parse)(std::string_view)) const;
  bool stands_for_its_range(const StoreFile& merged) const;
  Status read_identity();
  Status create_identity();
  Status write_identity();

  std::string path_;
  Fd dir_;
  Fd lock_;
  Id128 id_{};
};

}  // namespace logfmt
