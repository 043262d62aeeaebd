// What a store holds at one moment: its files, in order of sequence numbers.
//
// WALs are opened before the segments are listed. The encoder may move a WAL's
// entries into a segment meanwhile: then they are in both, and the WAL's are
// dropped; they are never in neither. Of the segments only the newest is
// opened at once, the others when they are needed: there may be thousands.
// Meanwhile a segment may be rewritten, or merged with its neighbours. So a
// listed segment stands for a range of numbers: if its file is gone, the one
// that holds the range by then is opened in its place. If none does, it was
// vacuumed.
//
// A writer numbers entries without holes from one file to the next. Where a
// file's entries end before the next file begins, the end of that file or a
// whole file between the two is lost. Nothing older than the oldest file is
// missed: that was vacuumed.
//
// The StoreDir must outlive the snapshot. One thread.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "format/gap.h"
#include "format/segment_reader.h"
#include "format/store_dir.h"
#include "format/wal_reader.h"

namespace logq {

// Sequence numbers from `begin` on and below `end`.
struct SeqRange {
  uint64_t begin = 0;
  uint64_t end = std::numeric_limits<uint64_t>::max();

  bool contains(uint64_t seq) const { return seq >= begin && seq < end; }
};

struct SnapshotFile {
  logfmt::StoreFileKind kind = logfmt::StoreFileKind::kSegment;
  std::string name{};
  SeqRange range{};
  // Readers of a WAL that nobody has used yet, one for each pass over it.
  std::vector<logfmt::WalReader> wal_passes{};
  // Why the file cannot be read, if so.
  std::optional<logfmt::Gap> gap{};
};

class Snapshot {
 public:
  // A reader of a WAL goes over it once, and its name may vanish: a caller
  // that needs to go over the WALs again says so here.
  static logfmt::Result<Snapshot> take(const logfmt::StoreDir& store,
                                       size_t wal_passes = 1);

  const std::vector<SnapshotFile>& files() const { return files_; }
  // What holds the file's range now: it may go beyond on either side and have
  // another name. kNotFound for a segment that was vacuumed, kInvalidArgument
  // for a WAL.
  logfmt::Result<logfmt::SegmentReader> open_segment(size_t file) const;
  // A reader from the first frame on; none left after so many passes.
  std::optional<logfmt::WalReader> take_wal(size_t file);

  // WAL entries below this number are in segments.
  uint64_t wal_from_seq() const { return wal_from_seq_; }
  // Whether the store was being written when the snapshot was taken.
  bool has_writer() const { return has_writer_; }
  const logfmt::StoreDir& store() const { return *store_; }

  // The gap that a file leaves which could not be opened.
  logfmt::Gap file_gap(const std::string& name, uint64_t first_seq,
                       const std::string& cause) const;
  // What is missing between a file and the next one, if anything is. `end`:
  // the bytes behind the last entry that can be read, and as first_seq the
  // number that should come next.
  std::optional<logfmt::Gap> hole_behind(size_t file, logfmt::Gap end) const;
  std::optional<logfmt::Gap> hole_behind(
      size_t file, const logfmt::SegmentReader& segment) const;
  // 0 behind the last file.
  uint64_t next_file_seq(size_t file) const;

 private:
  explicit Snapshot(const logfmt::StoreDir& store) : store_(&store) {}

  logfmt::Result<bool> open_wals(size_t passes);
  logfmt::Result<bool> open_wal(const logfmt::StoreFile& listed, size_t passes);
  logfmt::Result<bool> list_segments();
  logfmt::Result<logfmt::StoreFile> holder_of(uint64_t seq) const;
  void set_end_seqs(uint64_t segments_end_seq);

  const logfmt::StoreDir* store_;
  std::vector<SnapshotFile> files_;
  std::vector<std::string> segments_before_;  // as listed with the WALs
  uint64_t wal_from_seq_ = 0;
  bool has_writer_ = false;
};

}  // namespace logq
