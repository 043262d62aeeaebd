#include "query/engine/snapshot.h"

#include <fcntl.h>

#include <algorithm>
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

// A file under another one's name would be taken for the entries of that one.
template <class Reader>
Result<Reader> open_listed(const logfmt::StoreDir& store,
                           const std::string& name, uint64_t first_seq) {
  auto file = Reader::open(store.fd(), name, store.id());
  if (file && file->header().first_seq != first_seq) {
    return fail(ErrorCode::kCorrupt,
                "the file has another one's name: it begins with entry " +
                    std::to_string(file->header().first_seq));
  }
  return file;
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
  return file + 1 < files_.size() ? files_[file + 1].range.begin : 0;
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
  // Without a writer there is no WAL either from which it could be finished.
  if (file + 1 == files_.size() && !has_writer_ && segment.unfinished()) {
    return segment.unfinished();
  }
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
    if (file.kind == StoreFileKind::kSegment) {
      segments_before_.push_back(file.name);
      continue;
    }
    auto whole = open_wal(file, passes);
    if (!whole || !*whole) return whole;
  }
  return true;
}

Result<bool> Snapshot::open_wal(const StoreFile& listed, size_t passes) {
  SnapshotFile file{.kind = StoreFileKind::kWal,
                    .name = listed.name,
                    .range = {.begin = listed.first_seq}};
  for (size_t i = 0; i < passes; ++i) {
    auto wal = open_listed<WalReader>(*store_, listed.name, listed.first_seq);
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
                        .range = {.begin = file.first_seq}});
  }
  // Between the two lists files were renamed. Either list may have missed one
  // of those: a directory is not read at one moment.
  if (!std::equal(segments.begin(), segments.end(), segments_before_.begin(),
                  segments_before_.end(),
                  [](const SnapshotFile& segment, const std::string& name) {
                    return segment.name == name;
                  })) {
    return false;
  }
  const size_t listed_count = segments.size();
  for (size_t i = listed_count; i-- > 0;) {
    auto newest = open_listed<SegmentReader>(*store_, segments[i].name,
                                             segments[i].range.begin);
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
        file_gap(segments[i].name, segments[i].range.begin, error.message());
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
      files_[i].range.end = files_[i + 1].range.begin;
    } else if (files_[i].kind == StoreFileKind::kSegment && !files_[i].gap) {
      files_[i].range.end = segments_end_seq;
    }
  }
}

Result<SegmentReader> Snapshot::open_segment(size_t file) const {
  const SnapshotFile& listed = files_[file];
  if (listed.kind != StoreFileKind::kSegment) {
    return fail(ErrorCode::kInvalidArgument, listed.name + " is no segment");
  }
  auto segment =
      open_listed<SegmentReader>(*store_, listed.name, listed.range.begin);
  for (int tries = 0; tries < kListTriesMax; ++tries) {
    if (segment || segment.error().code != ErrorCode::kNotFound) return segment;
    const auto holder = holder_of(listed.range.begin);
    if (!holder) return fail(holder.error());
    segment =
        open_listed<SegmentReader>(*store_, holder->name, holder->first_seq);
    if (segment && segment->next_seq() <= listed.range.begin) {
      return fail(ErrorCode::kNotFound, listed.name + " was removed");
    }
  }
  return segment;
}

// kNotFound where all segments begin behind that number.
Result<StoreFile> Snapshot::holder_of(uint64_t seq) const {
  auto listed = store_->list();
  if (!listed) return fail(std::move(listed.error()));
  const auto holder = std::find_if(
      listed->rbegin(), listed->rend(), [&](const StoreFile& file) {
        return file.kind == StoreFileKind::kSegment && file.first_seq <= seq;
      });
  if (holder == listed->rend()) {
    return fail(ErrorCode::kNotFound, "no segment holds these entries");
  }
  return std::move(*holder);
}

std::optional<WalReader> Snapshot::take_wal(size_t file) {
  auto& passes = files_[file].wal_passes;
  if (passes.empty()) return std::nullopt;
  WalReader wal = std::move(passes.back());
  passes.pop_back();
  return wal;
}

}  // namespace logq
