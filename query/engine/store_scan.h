// Walks the matching entries of one store, forwards or backwards.
//
// Stands between two entries, as an editor's cursor does: next() passes over
// the one behind, previous() over the one before, so a walk can turn round
// anywhere. At any time one block, or one WAL, is in memory.
//
// An entry is valid until the next call. One thread. The matcher must outlive
// the scan.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "query/engine/batch.h"
#include "query/engine/matcher.h"
#include "query/engine/snapshot.h"

namespace logq {

enum class Direction { kForward, kBackward };

class StoreScan {
 public:
  // Walks one way all through, or to and fro once: a snapshot for the latter
  // needs two passes over its WALs.
  StoreScan(Snapshot snapshot, const Matcher& matcher, Direction first);

  bool next(logfmt::EntryView& entry);
  bool previous(logfmt::EntryView& entry);

  // Damage met since the last call; each gap once.
  std::vector<logfmt::Gap> take_gaps() { return std::exchange(gaps_, {}); }
  // The number behind the newest entry that the scan knows of, matching or
  // not. Reads the newest WAL if the walk has not done so.
  uint64_t end_seq();
  // After a whole walk forwards: the newest WAL, read up to end_seq().
  std::optional<WalScan> take_tail() {
    return std::exchange(tail_, std::nullopt);
  }

 private:
  struct Part {
    enum class Kind { kBlock, kWal, kGap } kind;
    uint64_t offset = 0;
    size_t index = 0;  // of the block, or in file_gaps_
  };

  bool step(Direction direction);
  void leave_part();
  void open_file();
  void open_segment();
  void add_gap_part(logfmt::Gap gap);
  void load_part();
  void load_block(size_t index);
  void load_wal();
  void report_damage(size_t file, logfmt::WalReader& read);
  void report(logfmt::Gap gap);
  bool in_files() const;

  Snapshot snapshot_;
  const Matcher* matcher_;
  int64_t file_ = -1;  // -1 before the first, files().size() behind the last
  int64_t part_ = 0;
  std::vector<Part> parts_;  // of the file
  std::vector<logfmt::Gap> file_gaps_;
  std::optional<logfmt::SegmentReader> segment_;
  Batch batch_;
  size_t at_ = 0;  // in the batch: entries before the cursor
  std::vector<uint64_t> wal_end_seqs_;  // by file; 0: not read yet
  std::optional<WalScan> tail_;
  std::vector<logfmt::Gap> gaps_;
  std::vector<std::pair<std::string, uint64_t>> reported_;
};

}  // namespace logq
