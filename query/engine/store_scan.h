// Walks the matching entries of one store, forwards or backwards.
//
// Stands between two entries, as an editor's cursor does: next() passes over
// the one behind, previous() over the one before, so a walk can turn round
// anywhere. A long walk reads and matches blocks ahead in threads of its own,
// which end with it (read_ahead.h bounds them); what it gives and reports, and
// in which order, is what one thread would.
//
// An entry is valid until the next call. One thread calls. The matcher must
// outlive the scan.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "query/engine/batch.h"
#include "query/engine/file_parts.h"
#include "query/engine/matcher.h"
#include "query/engine/read_ahead.h"
#include "query/engine/snapshot.h"

namespace logq {

enum class Direction { kForward, kBackward };

class StoreScan {
 public:
  // Walks one way all through, or to and fro once: a snapshot for the latter
  // needs two passes over its WALs. With a limit, no more than so many entries
  // are taken, and one more looked at, before the walk ends or turns.
  StoreScan(Snapshot snapshot, const Matcher& matcher, Direction first,
            std::optional<uint64_t> limit = std::nullopt);

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
  // A part of a file, or before the first one or behind the last.
  struct Place {
    int64_t file = -1;  // -1: before the first; files().size(): behind the last
    int64_t part = 0;
    std::shared_ptr<const FileParts> parts{};
  };

  bool step(Direction direction);
  bool enter_next_part(Direction direction);
  void look_ahead(Direction direction);
  bool move(Place& place, Direction direction) const;
  void leave_part();
  void load_part();
  void load_block(const FileParts& parts, size_t index);
  void load_wal(size_t file);
  void report_damage(size_t file, logfmt::WalReader& read);
  void report(logfmt::Gap gap);

  Snapshot snapshot_;
  const Matcher* matcher_;
  std::optional<uint64_t> limit_;
  Direction limit_direction_;
  Place place_;
  std::deque<Place> ahead_;  // behind place_, in that direction
  Direction ahead_direction_;
  Batch batch_;
  size_t at_ = 0;  // in the batch: entries before the cursor
  std::vector<uint64_t> wal_end_seqs_;  // by file; 0: not read yet
  std::optional<WalScan> tail_;
  std::vector<logfmt::Gap> gaps_;
  std::vector<std::pair<std::string, uint64_t>> reported_;
  ReadAhead<logfmt::Result<Batch>> batches_;  // of the blocks of ahead_
};

}  // namespace logq
