// What was done to a directory, call by call, and what a disk may hold of it
// after the power failed.
//
// A disk promises less than a running kernel shows. A call consists of
// *changes*, each of which reaches the disk by itself, early, late or never:
// a file's length; each 4 KiB of what was written, and of the last of these
// each 512 bytes; a name that is made, moved or removed. Only a sync settles
// them: fsync or fdatasync of the file for what is in it, fsync of the
// directory for names. Until then any may be missing while later ones are
// there; where a length came without its bytes, there are zeros.
//
// A sync that fails settles nothing, and no later one makes up for it: the
// kernel takes what it could not write for written.
//
// A change to bytes goes with those before it to the same sector: a disk does
// not write a sector as it never was in memory.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "tests/faults/states/system_calls.h"

namespace logd::faults {

// A directory's files: name -> bytes.
using Directory = std::map<std::string, std::string>;

Directory read_directory(const std::string& path);
void write_directory(const std::string& path, const Directory& files);

struct Change {
  enum class Kind : uint8_t { kBytes, kLength, kLink, kMove, kUnlink };

  Kind kind = Kind::kBytes;
  size_t call = 0;  // index of the call that made it
  int file = 0;     // of all kinds but kUnlink
  uint64_t at = 0;  // kBytes: offset; kLength: the length
  std::string bytes{};
  std::string name{};
  std::string new_name{};  // kMove
  // The call that settled it.
  size_t settled_by = std::numeric_limits<size_t>::max();
  bool given_up = false;  // by a sync that failed

  bool is_name() const { return kind >= Kind::kLink; }
  bool is_settled(size_t calls) const { return settled_by < calls; }
  // Both are bytes of one sector of one file.
  bool shares_sector(const Change& other) const;
};

class DiskHistory : public CallObserver {
 public:
  // Of the directory as it is now: all of that is settled.
  explicit DiskHistory(const std::string& path);

  // Asked before each call that changes something, and when it is replaced;
  // notes never fall, and note_of() has them.
  void set_note(std::function<uint64_t()> note);
  // After so many calls the process is as good as dead: they all fail, and
  // nothing is done any more until it is revived.
  void kill_at(size_t calls) { killed_at_ = calls; }
  size_t killed_at() const { return killed_at_; }
  bool is_dead() const { return calls() >= killed_at_; }
  void revive() { killed_at_ = std::numeric_limits<size_t>::max(); }

  size_t calls() const { return notes_.size(); }
  // The note of that moment: before the call of this index, or the last.
  uint64_t note_of(size_t calls) const;
  const std::vector<Change>& changes() const { return changes_; }
  // What is there after so many calls but for the changes of these indices.
  Directory state(size_t calls, const std::vector<size_t>& missing) const;

  Verdict before(const Call& call) override;
  void after(const Call& call, ssize_t result) override;

 private:
  bool is_ours(const Call& call) const;
  void record(const Call& call, ssize_t result);
  void record_write(const Call& call, uint64_t written);
  void add(Change change);
  void sync(const Call& call, bool succeeded);
  void take_note();
  int file_of(int fd) const;
  int make_file(uint64_t inode);

  std::string path_;
  uint64_t inode_ = 0;  // the directory's
  std::mutex note_mutex_;
  std::function<uint64_t()> note_;
  std::vector<Change> changes_;
  std::vector<uint64_t> notes_;
  uint64_t last_note_ = 0;
  std::atomic<size_t> killed_at_ = std::numeric_limits<size_t>::max();
  std::map<uint64_t, int> files_;  // by inode
  std::map<std::string, int> names_;
  std::vector<uint64_t> lengths_;  // by file, as the kernel shows it
  bool existed_ = false;           // what the call at hand would create
};

}  // namespace logd::faults
