#include "query/engine/value_search.h"

#include <deque>

#include "query/engine/read_ahead.h"
#include "query/engine/snapshot.h"

namespace logq {
namespace {

using logfmt::fail;
using logfmt::Result;
using logfmt::SegmentReader;

void add_gaps(std::vector<logfmt::Gap> gaps, DistinctValues& out) {
  for (auto& gap : gaps) out.gaps.push_back(std::move(gap));
}

// One run over the files of a store.
class Run {
 public:
  Run(const ValueSearch& search, Snapshot snapshot, DistinctValues& out)
      : search_(search), snapshot_(std::move(snapshot)), out_(out) {}

  void file(size_t index) {
    const SnapshotFile& file = snapshot_.files()[index];
    if (file.gap) {
      out_.gaps.push_back(*file.gap);
    } else if (file.kind == logfmt::StoreFileKind::kWal) {
      if (auto wal = snapshot_.take_wal(index)) read_wal(*wal);
    } else {
      open_segment(index);
    }
  }

 private:
  void read_wal(logfmt::WalReader& wal) {
    if (!wal.refresh()) return;
    for (logfmt::EntryView entry; wal.next(entry);) {
      search_.from_entry(entry, out_);
    }
    add_gaps(wal.take_gaps(), out_);
  }

  void open_segment(size_t index) {
    const SnapshotFile& file = snapshot_.files()[index];
    const auto segment = snapshot_.open_segment(index);
    if (!segment) {
      if (segment.error().code != logfmt::ErrorCode::kNotFound) {
        out_.gaps.push_back(snapshot_.file_gap(file.name, file.range.begin,
                                               segment.error().message()));
      }
      return;
    }
    read_segment(*segment);
    if (auto hole = snapshot_.hole_behind(index, *segment)) {
      out_.gaps.push_back(std::move(*hole));
    }
  }

  void read_segment(const SegmentReader& segment) {
    add_gaps(segment.gaps(), out_);
    const BlockMask left = search_.from_segment(segment, out_);
    std::deque<size_t> begun;
    const auto join_oldest = [&] {
      join(blocks_.pop(), segment, begun.front());
      begun.pop_front();
    };
    for (size_t i = 0; i < segment.blocks().size(); ++i) {
      if ((left >> i & 1) == 0) continue;
      while (!blocks_.has_room()) join_oldest();
      blocks_.push([this, &segment, i] { return read_block(segment, i); },
                   segment.blocks()[i].header.payload_bytes);
      begun.push_back(i);
    }
    while (!begun.empty()) join_oldest();
  }

  Result<DistinctValues> read_block(const SegmentReader& segment,
                                    size_t index) const {
    DistinctValues found;
    LOGD_RETURN_IF_ERROR(search_.from_block(segment, index, found));
    return found;
  }

  void join(const Result<DistinctValues>& found, const SegmentReader& segment,
            size_t index) {
    if (!found) {
      out_.gaps.push_back(segment.block_gap(index, found.error().message()));
      return;
    }
    for (const std::string& value : found->values) out_.add(value);
    out_.complete = out_.complete && found->complete;
  }

  const ValueSearch& search_;
  Snapshot snapshot_;
  DistinctValues& out_;
  ReadAhead<Result<DistinctValues>> blocks_;
};

}  // namespace

logfmt::Status ValueSearch::run(const logfmt::StoreDir& store,
                                DistinctValues& out) const {
  auto snapshot = Snapshot::take(store);
  if (!snapshot) return fail(std::move(snapshot.error()));
  const size_t files = snapshot->files().size();
  Run run(*this, std::move(*snapshot), out);
  for (size_t i = 0; i < files; ++i) run.file(i);
  return {};
}

}  // namespace logq
