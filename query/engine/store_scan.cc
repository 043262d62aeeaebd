#include "query/engine/store_scan.h"

#include <algorithm>

namespace logq {

using logfmt::EntryView;
using logfmt::Gap;
using logfmt::StoreFileKind;

StoreScan::StoreScan(Snapshot snapshot, const Matcher& matcher, Direction first)
    : snapshot_(std::move(snapshot)),
      matcher_(&matcher),
      wal_end_seqs_(snapshot_.files().size(), 0) {
  if (first == Direction::kBackward) {
    file_ = static_cast<int64_t>(snapshot_.files().size());
  }
}

bool StoreScan::next(EntryView& entry) {
  if (at_ == batch_.size() && !step(Direction::kForward)) return false;
  entry = batch_.entry(at_++);
  return true;
}

bool StoreScan::previous(EntryView& entry) {
  if (at_ == 0 && !step(Direction::kBackward)) return false;
  entry = batch_.entry(--at_);
  return true;
}

bool StoreScan::in_files() const {
  return file_ >= 0 && file_ < static_cast<int64_t>(snapshot_.files().size());
}

// To the nearest part in that direction that holds a match.
bool StoreScan::step(Direction direction) {
  const int64_t by = direction == Direction::kForward ? 1 : -1;
  const auto file_count = static_cast<int64_t>(snapshot_.files().size());
  while (true) {
    leave_part();
    part_ += by;
    while (part_ < 0 || part_ >= static_cast<int64_t>(parts_.size())) {
      file_ = std::clamp(file_ + by, int64_t{-1}, file_count);
      open_file();
      if (!in_files()) return false;
      part_ = by > 0 ? 0 : static_cast<int64_t>(parts_.size()) - 1;
    }
    load_part();
    if (batch_.size() == 0) continue;
    at_ = by > 0 ? 0 : batch_.size();
    return true;
  }
}

void StoreScan::leave_part() {
  if (file_ + 1 == static_cast<int64_t>(snapshot_.files().size())) {
    if (auto wal = batch_.take_wal()) tail_ = std::move(wal);
  }
  batch_ = {};
  at_ = 0;
}

void StoreScan::open_file() {
  parts_.clear();
  part_ = 0;
  file_gaps_.clear();
  segment_.reset();
  if (!in_files()) return;
  const auto index = static_cast<size_t>(file_);
  const auto& file = snapshot_.files()[index];
  const uint64_t end_seq =
      std::max(file.end_seq, snapshot_.next_file_seq(index));
  if (end_seq <= matcher_->after_seq() + 1) return;
  if (file.gap) {
    add_gap_part(*file.gap);
  } else if (file.kind == StoreFileKind::kWal) {
    parts_.push_back({.kind = Part::Kind::kWal});
  } else {
    open_segment();
  }
}

void StoreScan::open_segment() {
  const auto file_index = static_cast<size_t>(file_);
  const auto& file = snapshot_.files()[file_index];
  auto segment = snapshot_.open_segment(file_index);
  if (!segment) {
    if (segment.error().code == logfmt::ErrorCode::kNotFound) return;
    add_gap_part(snapshot_.file_gap(file.name, file.first_seq,
                                    segment.error().message()));
    return;
  }
  segment_.emplace(std::move(*segment));
  const auto& blocks = segment_->blocks();
  for (size_t i = 0; i < blocks.size(); ++i) {
    // A block that was added after the snapshot: its entries are in a WAL.
    if (blocks[i].header.first_seq >= file.end_seq) break;
    if (!matcher_->wants_block(blocks[i].header)) continue;
    parts_.push_back(
        {.kind = Part::Kind::kBlock, .offset = blocks[i].offset, .index = i});
  }
  for (const Gap& gap : segment_->gaps()) add_gap_part(gap);
  if (auto hole = snapshot_.hole_behind(file_index, *segment_)) {
    add_gap_part(std::move(*hole));
  }
  std::sort(parts_.begin(), parts_.end(),
            [](const Part& a, const Part& b) { return a.offset < b.offset; });
}

void StoreScan::add_gap_part(Gap gap) {
  parts_.push_back({.kind = Part::Kind::kGap,
                    .offset = gap.begin,
                    .index = file_gaps_.size()});
  file_gaps_.push_back(std::move(gap));
}

void StoreScan::load_part() {
  const Part& part = parts_[static_cast<size_t>(part_)];
  switch (part.kind) {
    case Part::Kind::kBlock:
      return load_block(part.index);
    case Part::Kind::kWal:
      return load_wal();
    case Part::Kind::kGap:
      return report(file_gaps_[part.index]);
  }
}

void StoreScan::load_block(size_t index) {
  auto block = segment_->read_block(index);
  if (!block) {
    return report(segment_->block_gap(index, block.error().message()));
  }
  auto batch = Batch::of_block(std::move(*block), *matcher_);
  if (!batch) {
    return report(segment_->block_gap(index, batch.error().message()));
  }
  batch_ = std::move(*batch);
}

void StoreScan::load_wal() {
  const auto file = static_cast<size_t>(file_);
  auto wal = snapshot_.take_wal(file);
  if (!wal) return;
  if (const auto status = wal->refresh(); !status) {
    return report(snapshot_.file_gap(wal->name(), wal->next_seq(),
                                     status.error().message()));
  }
  // A second pass must not meet entries that the first one could not.
  uint64_t& end_seq = wal_end_seqs_[file];
  const uint64_t limit =
      end_seq == 0 ? std::numeric_limits<uint64_t>::max() : end_seq;
  batch_ = Batch::of_wal(WalScan(std::move(*wal), snapshot_.wal_from_seq()),
                         *matcher_, limit);
  if (end_seq == 0) end_seq = batch_.wal().next_seq();
  report_damage(file, batch_.wal());
}

// Of a WAL that has been read to its end.
void StoreScan::report_damage(size_t file, logfmt::WalReader& read) {
  Gap end{.file = read.name(),
          .begin = read.valid_bytes(),
          .end = read.valid_bytes() + read.tail_bytes(),
          .first_seq = std::max(read.next_seq(), snapshot_.wal_from_seq()),
          .cause = "tail not closed"};
  for (Gap& gap : read.take_gaps()) {
    const uint64_t behind = gap.last_seq ? *gap.last_seq + 1 : 0;
    end.first_seq = std::max(*end.first_seq, behind);
    report(std::move(gap));
  }
  if (auto hole = snapshot_.hole_behind(file, end)) {
    report(std::move(*hole));
  } else if (!read.closed() && !snapshot_.has_writer()) {
    report(std::move(end));
  }
}

void StoreScan::report(Gap gap) {
  std::pair<std::string, uint64_t> place(gap.file, gap.begin);
  if (std::find(reported_.begin(), reported_.end(), place) != reported_.end()) {
    return;
  }
  reported_.push_back(std::move(place));
  gaps_.push_back(std::move(gap));
}

uint64_t StoreScan::end_seq() {
  uint64_t end_seq = snapshot_.wal_from_seq();
  const auto& files = snapshot_.files();
  for (size_t i = 0; i < files.size(); ++i) {
    end_seq = std::max(end_seq, wal_end_seqs_[i]);
  }
  if (files.empty() || files.back().kind != StoreFileKind::kWal ||
      wal_end_seqs_.back() != 0) {
    return end_seq;
  }
  auto wal = snapshot_.take_wal(files.size() - 1);
  if (!wal || !wal->refresh()) return end_seq;
  for (EntryView entry; wal->next(entry);) {
  }
  return std::max(end_seq, wal->next_seq());
}

}  // namespace logq
