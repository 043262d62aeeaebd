// Stores made for tests: entries that own their bytes, written through the
// writers of format/ into a directory that ends with the test.
#pragma once

#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "format/entry.h"
#include "format/gap.h"
#include "format/segment_writer.h"
#include "format/store_dir.h"
#include "format/wal_writer.h"
#include "query/engine/query.h"

namespace logq_test {

struct MadeEntry {
  uint64_t seq = 0;
  logfmt::Id128 boot{};
  uint64_t realtime_us = 0;
  uint64_t monotonic_us = 0;
  uint8_t priority = 6;
  uint32_t pid = 0;
  std::string context{};
  std::string payload{};

  logfmt::EntryView view() const;
  bool operator==(const MadeEntry&) const = default;
};

using Entries = std::span<const MadeEntry>;

MadeEntry copy_of(const logfmt::EntryView& entry);
// For messages of failed tests.
std::ostream& operator<<(std::ostream& out, const MadeEntry& entry);
logfmt::Id128 boot_number(uint8_t number);
std::string fields(const std::vector<logfmt::Field>& list);
// An entry of second `seq` with a message, of the unit (if any).
MadeEntry entry_of(uint64_t seq, std::string_view unit,
                   std::string_view message);

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

enum class Ending { kSealed, kOpen };

// One WAL that a test writes to.
class MadeWal {
 public:
  MadeWal(const logfmt::StoreDir& store, uint64_t first_seq,
          const logfmt::Id128& boot);

  void add(Entries entries);  // one frame
  void close();
  const std::string& name() const { return writer_.name(); }

 private:
  logfmt::WalWriter writer_;
  logfmt::FrameBuilder builder_;
  std::vector<std::unique_ptr<logfmt::WalContext>> contexts_;
  uint64_t next_seq_;
  uint64_t batch_ = 0;
};

class MadeStore {
 public:
  MadeStore();

  const logfmt::StoreDir& dir() const { return dir_; }
  std::string path_of(const std::string& name) const {
    return dir_.path() + "/" + name;
  }
  // Name of the file. A block is cut after `rows_max`.
  std::string add_segment(Entries entries, size_t rows_max = 65536,
                          Ending ending = Ending::kSealed);
  std::string add_wal(Entries entries, Ending ending = Ending::kSealed,
                      size_t frame_rows = 3);
  // From then on the store has a living writer.
  void lock();

 private:
  TempDir temp_;
  logfmt::StoreDir dir_;
};

// Inverts every bit of one byte.
void flip_byte(const std::string& path, uint64_t offset);

struct Answer {
  std::vector<MadeEntry> entries{};
  std::vector<uint64_t> seqs{};
  std::vector<std::string> messages{};
  std::vector<logfmt::Gap> gaps{};
  logfmt::Status status{};
};
Answer ask(const MadeStore& store, const logq::Query& query);

}  // namespace logq_test
