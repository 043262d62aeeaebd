#include "query/engine/snapshot.h"

#include <fcntl.h>

#include <cerrno>
#include <iterator>

#include "format/layout.h"

namespace logq {
namespace {

using logfmt::ErrorCode;
using logfmt::fail;
using logfmt::Result;
using logfmt::SegmentReader;
using logfmt::StoreFile;
using logfmt::StoreFileKind;
using logfmt::WalReader;

// Each retry means that a file was moved between listing and opening; the
// encoder does not move that many in a row.
constexpr int kListTriesMax = 20;

// Not damage but the reader's own trouble: no rights, no descriptors left.
bool is_ours(const logfmt::Error& error) {
  return error.sys_errno == EACCES || error.sys_errno == EPERM ||
         error.sys_errno == EMFILE || error.sys_errno == ENFILE;
}

uint64_t size_of(const logfmt::StoreDir& store, const std::string& name) {
  const auto file = logfmt::open_at(store.fd(), name, O_RDONLY);
  if (!file) return 0;
  return logfmt::file_bytes(file->get()).value_or(0);
}

}  // namespace

Result<Snapshot> Snapshot::take(const logfmt::StoreDir& store,
                                size_t wal_passes) {
  for (int tries = 0; tries < kListTriesMax; ++tries) {
    Snapshot snapshot(store);
    // Asked before anything is read: a writer that ends later closes its WAL,
    // but perhaps not before we have read it.
    snapshot.has_writer_ = store.has_writer();
    auto whole = snapshot.open_wals(wal_passes);
    if (whole && *whole) whole = snapshot.list_segments();
    if (!whole) return fail(std::move(whole.error()));
    if (*whole) return snapshot;
  }
  return fail(ErrorCode::kIo, "the files of " + store.path() +
                                  " change faster than they can be opened");
}

logfmt::Gap Snapshot::file_gap(const std::string& name, uint64_t first_seq,
                               const std::string& cause) const {
  return {.file = name,
          .begin = 0,
          .end = size_of(*store_, name),
          .first_seq = first_seq,
          .cause = cause};
}

uint64_t Snapshot::next_file_seq(size_t file) const {
  return file + 1 < files_.size() ? files_[file + 1].first_seq : 0;
}

std::optional<logfmt::Gap> Snapshot::hole_behind(size_t file,
                                                 logfmt::Gap end) const {
  const uint64_t next_seq = next_file_seq(file);
  if (next_seq <= end.first_seq) return std::nullopt;
  end.last_seq = next_seq - 1;
  end.cause = "what comes before " + files_[file + 1].name + " is missing";
  return end;
}

std::optional<logfmt::Gap> Snapshot::hole_behind(
    size_t file, const SegmentReader& segment) const {
  return hole_behind(file, {.file = segment.name(),
                            .begin = segment.valid_bytes(),
                            .end = segment.valid_bytes() + segment.tail_bytes(),
                            .first_seq = segment.next_seq()});
}

// False: a file vanished, and the list is to be made anew.
Result<bool> Snapshot::open_wals(size_t passes) {
  const auto listed = store_->list();
  if (!listed) return fail(listed.error());
  for (const StoreFile& file : *listed) {
    if (file.kind != StoreFileKind::kWal) continue;
    auto whole = open_wal(file, passes);
    if (!whole || !*whole) return whole;
  }
  return true;
}

Result<bool> Snapshot::open_wal(const StoreFile& listed, size_t passes) {
  SnapshotFile file{.kind = StoreFileKind::kWal,
                    .name = listed.name,
                    .first_seq = listed.first_seq};
  for (size_t i = 0; i < passes; ++i) {
    auto wal = WalReader::open(store_->fd(), listed.name, store_->id());
    if (wal) {
      file.wal_passes.push_back(std::move(*wal));
      continue;
    }
    if (wal.error().code == ErrorCode::kNotFound) return false;
    if (is_ours(wal.error())) return fail(std::move(wal.error()));
    // A file that is just being made has no header yet, and no entries.
    if (wal.error().code == ErrorCode::kTruncated && has_writer_) return true;
    file.wal_passes.clear();
    file.gap = file_gap(listed.name, listed.first_seq, wal.error().message());
    break;
  }
  files_.push_back(std::move(file));
  return true;
}

Result<bool> Snapshot::list_segments() {
  const auto listed = store_->list();
  if (!listed) return fail(listed.error());
  std::vector<SnapshotFile> segments;
  for (const StoreFile& file : *listed) {
    if (file.kind != StoreFileKind::kSegment) continue;
    segments.push_back({.kind = StoreFileKind::kSegment,
                        .name = file.name,
                        .first_seq = file.first_seq});
  }
  const size_t listed_count = segments.size();
  for (size_t i = listed_count; i-- > 0;) {
    auto newest =
        SegmentReader::open(store_->fd(), segments[i].name, store_->id());
    if (newest) {
      wal_from_seq_ = newest->next_seq();
      break;
    }
    const logfmt::Error& error = newest.error();
    if (error.code == ErrorCode::kNotFound) return false;
    if (is_ours(error)) return fail(std::move(newest.error()));
    if (i + 1 == listed_count && error.code == ErrorCode::kTruncated &&
        has_writer_) {
      segments.pop_back();  // just being made, as above
      continue;
    }
    segments[i].gap =
        file_gap(segments[i].name, segments[i].first_seq, error.message());
  }
  files_.insert(files_.begin(), std::make_move_iterator(segments.begin()),
                std::make_move_iterator(segments.end()));
  set_end_seqs(wal_from_seq_);
  return true;
}

// A file ends where the next of its kind begins; segments and WALs overlap.
void Snapshot::set_end_seqs(uint64_t segments_end_seq) {
  for (size_t i = 0; i < files_.size(); ++i) {
    const bool last_of_kind =
        i + 1 == files_.size() || files_[i + 1].kind != files_[i].kind;
    if (!last_of_kind) {
      files_[i].end_seq = files_[i + 1].first_seq;
    } else if (files_[i].kind == StoreFileKind::kSegment && !files_[i].gap) {
      files_[i].end_seq = segments_end_seq;
    }
  }
}

Result<SegmentReader> Snapshot::open_segment(size_t file) const {
  if (files_[file].kind != StoreFileKind::kSegment) {
    return fail(ErrorCode::kInvalidArgument,
                files_[file].name + " is no segment");
  }
  return SegmentReader::open(store_->fd(), files_[file].name, store_->id());
}

std::optional<WalReader> Snapshot::take_wal(size_t file) {
  auto& passes = files_[file].wal_passes;
  if (passes.empty()) return std::nullopt;
  WalReader wal = std::move(passes.back());
  passes.pop_back();
  return wal;
}

}  // namespace logq
