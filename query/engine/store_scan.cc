#include "query/engine/store_scan.h"

#include <algorithm>

#include "query/engine/text_candidates.h"

namespace logq {

using logfmt::EntryView;
using logfmt::Gap;
using logfmt::StoreFileKind;

namespace {

// Gaps among them: where much is damaged, they must not pile up.
constexpr size_t kPartsAheadMax = 8;

}  // namespace

StoreScan::StoreScan(Snapshot snapshot, const Matcher& matcher, Direction first,
                     std::optional<uint64_t> limit)
    : snapshot_(std::move(snapshot)),
      matcher_(&matcher),
      limit_(limit),
      limit_direction_(first),
      ahead_direction_(first),
      wal_end_seqs_(snapshot_.files().size(), 0) {
  if (first == Direction::kBackward) {
    place_.file = static_cast<int64_t>(snapshot_.files().size());
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

// To the nearest part in that direction that holds a match.
bool StoreScan::step(Direction direction) {
  leave_part();
  if (direction != ahead_direction_) {
    ahead_.clear();
    batches_.clear();
    ahead_direction_ = direction;
  }
  while (enter_next_part(direction)) {
    load_part();
    if (batch_.size() == 0) {
      leave_part();
      continue;
    }
    at_ = direction == Direction::kForward ? 0 : batch_.size();
    return true;
  }
  return false;
}

bool StoreScan::enter_next_part(Direction direction) {
  look_ahead(direction);
  if (ahead_.empty()) {
    (void)move(place_, direction);
    return false;
  }
  place_ = std::move(ahead_.front());
  ahead_.pop_front();
  return true;
}

void StoreScan::look_ahead(Direction direction) {
  Place place = ahead_.empty() ? place_ : ahead_.back();
  while (batches_.has_room() && ahead_.size() < kPartsAheadMax &&
         move(place, direction)) {
    ahead_.push_back(place);
    const Part& part = (*place.parts)[static_cast<size_t>(place.part)];
    if (part.kind != Part::Kind::kBlock) continue;
    BlockScope scope = part.scope;
    if (limit_ && direction == limit_direction_) {
      // One more is looked at where several stores are merged; behind the
      // greatest number there is none.
      scope.matches_max = std::max(*limit_, *limit_ + 1);
      scope.last_ones = direction == Direction::kBackward;
    }
    const auto job = [parts = place.parts, index = part.index, scope,
                      matcher = matcher_]() -> logfmt::Result<Batch> {
      auto block = read_if_candidate(parts->segment(), index, matcher->text());
      if (!block) return logfmt::fail(std::move(block.error()));
      if (!*block) return Batch();
      return Batch::of_block(std::move(**block), *matcher, scope);
    };
    const auto& header = place.parts->segment().blocks()[part.index].header;
    batches_.push(job, header.payload_bytes);
  }
}

// To the nearest part; false, and beyond all files, if there is none.
bool StoreScan::move(Place& place, Direction direction) const {
  const int64_t by = direction == Direction::kForward ? 1 : -1;
  const auto files = static_cast<int64_t>(snapshot_.files().size());
  place.part += by;
  const auto parts = [&] {
    return place.parts ? static_cast<int64_t>(place.parts->size()) : 0;
  };
  while (place.part < 0 || place.part >= parts()) {
    place.parts.reset();
    place.file = std::clamp(place.file + by, int64_t{-1}, files);
    if (place.file < 0 || place.file >= files) return false;
    place.parts = std::make_shared<const FileParts>(
        snapshot_, static_cast<size_t>(place.file), *matcher_);
    place.part = by > 0 ? 0 : parts() - 1;
  }
  return true;
}

void StoreScan::leave_part() {
  if (place_.file + 1 == static_cast<int64_t>(snapshot_.files().size())) {
    if (auto wal = batch_.take_wal()) tail_ = std::move(wal);
  }
  batch_ = {};
  at_ = 0;
}

void StoreScan::load_part() {
  const Part& part = (*place_.parts)[static_cast<size_t>(place_.part)];
  switch (part.kind) {
    case Part::Kind::kBlock:
      return load_block(*place_.parts, part.index);
    case Part::Kind::kWal:
      return load_wal(place_.parts->file());
    case Part::Kind::kGap:
      return report(place_.parts->gap(part));
  }
}

void StoreScan::load_block(const FileParts& parts, size_t index) {
  auto batch = batches_.pop();
  if (!batch) {
    return report(parts.segment().block_gap(index, batch.error().message()));
  }
  batch_ = std::move(*batch);
}

void StoreScan::load_wal(size_t file) {
  auto wal = snapshot_.take_wal(file);
  if (!wal) return;
  if (const auto status = wal->refresh(); !status) {
    return report(snapshot_.file_gap(wal->name(), wal->next_seq(),
                                     status.error().message()));
  }
  // A second pass must not meet entries that the first one could not. Behind
  // the file's range are frames that were written to the wrong place.
  uint64_t& end_seq = wal_end_seqs_[file];
  const uint64_t range_end = snapshot_.files()[file].range.end;
  const uint64_t limit =
      end_seq == 0 ? range_end : std::min(range_end, end_seq);
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
