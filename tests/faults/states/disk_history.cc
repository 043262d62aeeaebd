#include "tests/faults/states/disk_history.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "tests/format/testing/temp_dir.h"

namespace logd::faults {
namespace {

constexpr uint64_t kPageBytes = 4096;
constexpr uint64_t kSectorBytes = 512;
// Locks are all that it is for; whether it is there makes no difference.
constexpr std::string_view kLockName = "LOCK";
constexpr size_t kNever = std::numeric_limits<size_t>::max();

bool changes_something(CallKind kind) {
  switch (kind) {
    case CallKind::kCreate:
    case CallKind::kWrite:
    case CallKind::kCut:
    case CallKind::kReserve:
    case CallKind::kSyncData:
    case CallKind::kSyncAll:
    case CallKind::kRename:
    case CallKind::kRemove:
      return true;
    default:
      return false;
  }
}

bool is_sync(CallKind kind) {
  return kind == CallKind::kSyncData || kind == CallKind::kSyncAll;
}

bool has_name(CallKind kind) {
  return kind == CallKind::kCreate || kind == CallKind::kRename ||
         kind == CallKind::kRemove;
}

uint64_t inode_of(int fd) {
  struct stat status {};
  return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

// What a disk holds of one file.
struct StoredFile {
  std::string bytes{};
  uint64_t length = 0;

  void put(const Change& change) {
    if (bytes.size() < change.at) bytes.resize(change.at);
    bytes.replace(change.at, change.bytes.size(), change.bytes);
  }
  void set_length(uint64_t to) {
    length = to;
    if (bytes.size() > to) bytes.resize(to);
  }
  std::string visible() const {
    std::string all = bytes;
    all.resize(length);
    return all;
  }
};

}  // namespace

Directory read_directory(const std::string& path) {
  Directory files;
  for (const auto& item : std::filesystem::directory_iterator(path)) {
    const std::string name = item.path().filename();
    if (item.is_regular_file() && name != kLockName) {
      files[name] = logfmt::testing::read_whole(item.path());
    }
  }
  return files;
}

void write_directory(const std::string& path, const Directory& files) {
  std::filesystem::remove_all(path);
  std::filesystem::create_directory(path);
  for (const auto& [name, bytes] : files) {
    logfmt::testing::write_whole(path + "/" + name, bytes);
  }
}

bool Change::shares_sector(const Change& other) const {
  if (kind != Kind::kBytes || other.kind != Kind::kBytes ||
      file != other.file) {
    return false;
  }
  const auto first = [](const Change& c) { return c.at / kSectorBytes; };
  const auto last = [](const Change& c) {
    return (c.at + c.bytes.size() - 1) / kSectorBytes;
  };
  return first(*this) <= last(other) && first(other) <= last(*this);
}

DiskHistory::DiskHistory(const std::string& path) : path_(path) {
  struct stat status {};
  if (stat(path.c_str(), &status) == 0) inode_ = status.st_ino;
  for (const auto& [name, bytes] : read_directory(path)) {
    if (stat((path + "/" + name).c_str(), &status) != 0) continue;
    const int file = make_file(status.st_ino);
    names_[name] = file;
    lengths_.back() = bytes.size();
    add({.kind = Change::Kind::kLink, .file = file, .name = name});
    add({.kind = Change::Kind::kLength, .file = file, .at = bytes.size()});
    if (bytes.empty()) continue;
    add({.kind = Change::Kind::kBytes, .file = file, .bytes = bytes});
  }
  for (Change& change : changes_) change.settled_by = 0;
  notes_.push_back(0);  // all this was a call before the first
}

void DiskHistory::set_note(std::function<uint64_t()> note) {
  take_note();
  const std::lock_guard lock(note_mutex_);
  note_ = std::move(note);
}

void DiskHistory::take_note() {
  const std::lock_guard lock(note_mutex_);
  if (note_) last_note_ = std::max(last_note_, note_());
}

uint64_t DiskHistory::note_of(size_t calls) const {
  return calls < notes_.size() ? notes_[calls] : last_note_;
}

Verdict DiskHistory::before(const Call& call) {
  if (!changes_something(call.kind) || !is_ours(call)) return {};
  take_note();
  if (calls() >= killed_at_) return {.error = EIO};
  struct stat status {};
  existed_ = call.kind == CallKind::kCreate &&
             fstatat(call.fd, std::string(call.name).c_str(), &status,
                     AT_SYMLINK_NOFOLLOW) == 0;
  return {.pretend = call.kind == CallKind::kReserve || is_sync(call.kind)};
}

void DiskHistory::after(const Call& call, ssize_t result) {
  if (!changes_something(call.kind) || !is_ours(call) || is_dead()) return;
  if (is_sync(call.kind)) {
    sync(call, result == 0);
  } else if (result < 0 || call.kind == CallKind::kReserve ||
             (call.kind == CallKind::kCreate && existed_)) {
    return;
  } else {
    record(call, result);
  }
  notes_.push_back(last_note_);
}

bool DiskHistory::is_ours(const Call& call) const {
  if (call.name == kLockName) return false;
  const uint64_t inode = inode_of(call.fd);
  if (inode == inode_) return has_name(call.kind) || call.name.empty();
  return !has_name(call.kind) && files_.contains(inode);
}

void DiskHistory::record(const Call& call, ssize_t result) {
  const std::string name(call.name);
  switch (call.kind) {
    case CallKind::kCreate: {
      const int file = make_file(inode_of(static_cast<int>(result)));
      names_[name] = file;
      return add({.kind = Change::Kind::kLink, .file = file, .name = name});
    }
    case CallKind::kWrite:
      return record_write(call, static_cast<uint64_t>(result));
    case CallKind::kCut: {
      const int file = file_of(call.fd);
      lengths_[static_cast<size_t>(file)] = call.offset;
      return add(
          {.kind = Change::Kind::kLength, .file = file, .at = call.offset});
    }
    case CallKind::kRename: {
      const int file = names_[name];
      names_.erase(name);
      names_[std::string(call.new_name)] = file;
      return add({.kind = Change::Kind::kMove,
                  .file = file,
                  .name = name,
                  .new_name = std::string(call.new_name)});
    }
    case CallKind::kRemove:
      names_.erase(name);
      return add({.kind = Change::Kind::kUnlink, .name = name});
    default:
      return;
  }
}

void DiskHistory::record_write(const Call& call, uint64_t written) {
  const int file = file_of(call.fd);
  uint64_t& length = lengths_[static_cast<size_t>(file)];
  const uint64_t end = call.offset + written;
  if (end > length) {
    length = end;
    add({.kind = Change::Kind::kLength, .file = file, .at = end});
  }
  const uint64_t last_page = (end - 1) / kPageBytes;
  for (uint64_t at = call.offset; at < end;) {
    const uint64_t piece =
        at / kPageBytes == last_page ? kSectorBytes : kPageBytes;
    const uint64_t piece_end = std::min(end, (at / piece + 1) * piece);
    add({.kind = Change::Kind::kBytes,
         .file = file,
         .at = at,
         .bytes =
             std::string(call.bytes.substr(at - call.offset, piece_end - at))});
    at = piece_end;
  }
}

void DiskHistory::add(Change change) {
  change.call = calls();
  changes_.push_back(std::move(change));
}

void DiskHistory::sync(const Call& call, bool succeeded) {
  const bool names = inode_of(call.fd) == inode_;
  const int file = names ? 0 : file_of(call.fd);
  for (Change& change : changes_) {
    const bool meant =
        names ? change.is_name() : !change.is_name() && change.file == file;
    if (!meant || change.given_up || change.settled_by != kNever) continue;
    if (succeeded) {
      change.settled_by = calls();
    } else {
      change.given_up = true;
    }
  }
}

int DiskHistory::file_of(int fd) const { return files_.at(inode_of(fd)); }

int DiskHistory::make_file(uint64_t inode) {
  const int file = static_cast<int>(lengths_.size());
  files_[inode] = file;
  lengths_.push_back(0);
  return file;
}

Directory DiskHistory::state(size_t calls,
                             const std::vector<size_t>& missing) const {
  std::map<int, StoredFile> files;
  std::map<std::string, int> names;
  for (size_t i = 0; i < changes_.size(); ++i) {
    const Change& change = changes_[i];
    if (change.call >= calls) break;
    if (std::binary_search(missing.begin(), missing.end(), i)) continue;
    switch (change.kind) {
      case Change::Kind::kBytes:
        files[change.file].put(change);
        break;
      case Change::Kind::kLength:
        files[change.file].set_length(change.at);
        break;
      case Change::Kind::kLink:
        names[change.name] = change.file;
        break;
      case Change::Kind::kMove:
        names.erase(change.name);
        names[change.new_name] = change.file;
        break;
      case Change::Kind::kUnlink:
        names.erase(change.name);
        break;
    }
  }
  Directory directory;
  for (const auto& [name, file] : names) {
    directory[name] = files[file].visible();
  }
  return directory;
}

}  // namespace logd::faults
