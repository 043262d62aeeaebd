// A store directory: which files are in it, whose it is, and who writes it.
//
//   LOCK                    locked (F_OFD_SETLK) by the writer while it runs
//   STORE                   uuid and format version
//   <first_seq:016x>.seg    blocks
//   <first_seq:016x>.wal    the tail
//
// Files of other names are left alone. const members may be called from any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "format/file.h"
#include "format/id128.h"
#include "format/result.h"

namespace logfmt {

enum class StoreFileKind : uint8_t { kSegment, kWal };

struct StoreFile {
  StoreFileKind kind = StoreFileKind::kWal;
  uint64_t first_seq = 0;
  std::string name{};
  uint64_t disk_bytes = 0;  // allocated, as du counts
};

std::string wal_name(uint64_t first_seq);
std::string segment_name(uint64_t first_seq);

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
  // Whether some process holds the lock now.
  bool has_writer() const;

  int fd() const { return dir_.get(); }
  const Id128& id() const { return id_; }
  const std::string& path() const { return path_; }

  // Segments and WALs, each kind in order of first_seq, segments first.
  Result<std::vector<StoreFile>> list() const;
  // Files that were set aside; they take space like all others.
  Result<std::vector<StoreFile>> list_set_aside() const;
  Status remove(const std::string& name) const;
  // Renames a file to NAME.damaged, which list() passes over; the new name.
  Result<std::string> set_aside(const std::string& name) const;
  // Makes names that were created, renamed or removed durable.
  Status sync_names() const { return sync_all(dir_.get()); }

 private:
  StoreDir(std::string path, Fd dir)
      : path_(std::move(path)), dir_(std::move(dir)) {}
  Result<std::vector<StoreFile>> list_named(
      std::optional<StoreFile> (*parse)(std::string_view)) const;
  Status read_identity();
  Status create_identity();
  Status write_identity();

  std::string path_;
  Fd dir_;
  Fd lock_;
  Id128 id_{};
};

}  // namespace logfmt
