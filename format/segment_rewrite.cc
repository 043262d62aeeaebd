#include "format/segment_rewrite.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "format/block_builder.h"
#include "format/checksum.h"
#include "format/segment_reader.h"
#include "format/segment_writer.h"
#include "format/unit_use.h"
#include "format/wal_reader.h"

namespace logfmt {
namespace {

tl::unexpected<Error> changed(const std::string& name) {
  return fail(ErrorCode::kChanged,
              name + " was replaced or removed meanwhile; list the store anew");
}

// Where a file is not there any more that was listed.
tl::unexpected<Error> cannot_open(const std::string& name, Error error) {
  if (error.code == ErrorCode::kNotFound) return changed(name);
  return fail(std::move(error));
}

// What replaces a file belongs to whom the file belongs to: root may rewrite
// what the daemon's user has to read.
void keep_owner(const StoreDir& store, const std::string& from,
                const std::string& to) {
  struct stat status {};
  if (fstatat(store.fd(), from.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return;
  }
  [[maybe_unused]] const int result =
      fchownat(store.fd(), to.c_str(), status.st_uid, status.st_gid,
               AT_SYMLINK_NOFOLLOW);
}

// The steps behind the renaming that made the merged segment count. Each can
// be repeated. The caller holds the files' lock.
Status complete_merge(const StoreDir& store, const StoreFile& merged) {
  const auto covered = store.list_covered(merged);
  if (!covered) return fail(covered.error());
  for (const StoreFile& file : *covered) {
    LOGD_RETURN_IF_ERROR(store.remove(file.name));
  }
  // Or a power cut could bring a removed one back beside the whole.
  LOGD_RETURN_IF_ERROR(store.sync_names());
  LOGD_RETURN_IF_ERROR(
      store.rename(merged.name, segment_name(merged.first_seq)));
  return store.sync_names();
}

class Rewriter {
 public:
  Rewriter(const StoreDir& store, std::span<const StoreFile> inputs,
           const RewritePolicy& policy)
      : store_(store),
        inputs_(inputs),
        policy_(policy),
        builder_(checksum_seed(store.id())) {}

  Result<RewriteOutcome> run() {
    auto status = prepare();
    if (status) status = copy();
    if (status) status = commit();
    if (!status) {
      if (writer_) (void)store_.remove(writer_->name());
      return fail(std::move(status.error()));
    }
    return outcome_;
  }

 private:
  bool is_wal() const { return inputs_[0].kind == StoreFileKind::kWal; }

  Status prepare() {
    if (inputs_.empty()) {
      return fail(ErrorCode::kInvalidArgument, "nothing to rewrite");
    }
    for (const StoreFile& input : inputs_) {
      outcome_.bytes_before += input.identity.bytes;
    }
    LOGD_RETURN_IF_ERROR(is_wal() ? open_wal() : open_segments());
    if (end_seq_ <= first_seq_) return {};  // a WAL that segments hold
    auto writer = SegmentWriter::create_aside(
        store_, {.name = aside_name(inputs_[0].name),
                 .first_seq = first_seq_,
                 .end_seq = end_seq_,
                 .level = level_in_header(),
                 .created_us = policy_.now_us});
    if (!writer) return fail(std::move(writer.error()));
    writer_.emplace(std::move(*writer));
    keep_owner(store_, inputs_[0].name, writer_->name());
    return {};
  }

  uint32_t level_in_header() const {
    return static_cast<uint32_t>(policy_.level);
  }

  Status open_segments() {
    for (const StoreFile& input : inputs_) {
      auto segment = SegmentReader::open(store_.fd(), input.name, store_.id());
      if (!segment) return cannot_open(input.name, std::move(segment.error()));
      LOGD_RETURN_IF_ERROR(check_segment(*segment));
      end_seq_ = segment->next_seq();
      segments_.push_back(std::move(*segment));
    }
    first_seq_ = inputs_[0].first_seq;
    if (end_seq_ > first_seq_) return {};
    return fail(ErrorCode::kInvalidArgument,
                inputs_[0].name + " holds no entries yet");
  }

  Status check_segment(const SegmentReader& segment) const {
    if (!segment.gaps().empty() ||
        (!segment.sealed() && segment.tail_bytes() > 0)) {
      return fail(ErrorCode::kCorrupt,
                  segment.name() + " is damaged and stays as it is");
    }
    if (!segment.sealed() && (!store_.is_writer() || inputs_.size() > 1)) {
      return fail(ErrorCode::kInvalidArgument,
                  segment.name() + " may still be written; seal it first");
    }
    if (!segments_.empty() &&
        segments_.back().next_seq() != segment.header().first_seq) {
      return fail(ErrorCode::kInvalidArgument,
                  "entries are missing between " + segments_.back().name() +
                      " and " + segment.name() + "; they stay apart");
    }
    return {};
  }

  // A reader takes what is below the end of the newest segment from segments.
  // So no WAL may be left behind, and none gives what is in them already.
  Status open_wal() {
    const std::string& name = inputs_[0].name;
    const auto files = store_.list();
    if (!files) return fail(files.error());
    const auto oldest = std::find_if(
        files->begin(), files->end(),
        [](const StoreFile& file) { return file.kind == StoreFileKind::kWal; });
    if (!store_.is_writer() || inputs_.size() > 1 || oldest == files->end() ||
        oldest->name != name) {
      return fail(ErrorCode::kInvalidArgument,
                  name +
                      " is not the oldest write-ahead log, or a daemon "
                      "writes; only that one can become a segment");
    }
    auto wal = WalReader::open(store_.fd(), name, store_.id());
    if (!wal) return cannot_open(name, std::move(wal.error()));
    LOGD_RETURN_IF_ERROR(wal->refresh());
    first_seq_ = inputs_[0].first_seq;
    if (oldest != files->begin()) {
      const auto newest =
          SegmentReader::open(store_.fd(), (oldest - 1)->name, store_.id());
      if (!newest) return fail(newest.error());
      first_seq_ = std::max(first_seq_, newest->next_seq());
    }
    return measure_wal(std::move(*wal));
  }

  // Reads it to its end once, which tells whether all of it can be read.
  Status measure_wal(WalReader wal) {
    EntryView entry;
    while (wal.next(entry)) continue;
    end_seq_ = wal.next_seq();
    if (wal.closed() && wal.take_gaps().empty() && !wal.open_gap()) return {};
    return fail(ErrorCode::kCorrupt,
                wal.name() +
                    " is damaged or was not closed and stays as it "
                    "is; logd takes it in when it starts");
  }

  Status copy() {
    if (!writer_) return {};
    LOGD_RETURN_IF_ERROR(is_wal() ? copy_wal() : copy_segments());
    if (!builder_.empty()) LOGD_RETURN_IF_ERROR(append_block());
    LOGD_RETURN_IF_ERROR(writer_->seal());
    outcome_.bytes_after = writer_->bytes();
    return {};
  }

  Status copy_segments() {
    for (const SegmentReader& segment : segments_) {
      for (size_t i = 0; i < segment.blocks().size(); ++i) {
        LOGD_RETURN_IF_ERROR(check_cancelled());
        auto block = segment.read_block(i);
        if (!block) return fail(std::move(block.error()));
        LOGD_RETURN_IF_ERROR(block->load_payloads());
        for (size_t row = 0; row < block->rows(); ++row) {
          LOGD_RETURN_IF_ERROR(take(block->entry(row)));
        }
      }
    }
    return {};
  }

  Status copy_wal() {
    auto wal = WalReader::open(store_.fd(), inputs_[0].name, store_.id());
    if (!wal) return cannot_open(inputs_[0].name, std::move(wal.error()));
    LOGD_RETURN_IF_ERROR(wal->refresh());
    EntryView entry;
    while (wal->next(entry)) {
      if (entry.seq >= first_seq_) LOGD_RETURN_IF_ERROR(take(entry));
    }
    return {};
  }

  Status take(const EntryView& entry) {
    if (policy_.keep && !policy_.keep(entry)) {
      ++outcome_.entries_dropped;
      return {};
    }
    ++outcome_.entries_kept;
    if (!builder_.accepts(entry)) LOGD_RETURN_IF_ERROR(append_block());
    builder_.add(entry);
    tally_.add(entry);
    return {};
  }

  Status append_block() {
    LOGD_RETURN_IF_ERROR(check_cancelled());
    const EncodedBlock block = builder_.finish(policy_.level);
    return writer_->append(block, tally_.take());
  }

  Status check_cancelled() const {
    if (!policy_.cancelled || !policy_.cancelled()) return {};
    return fail(ErrorCode::kCancelled, "rewriting was called off");
  }

  Status commit() {
    const auto lock = store_.lock_files();
    if (!lock) return fail(lock.error());
    for (const StoreFile& input : inputs_) {
      const auto now = store_.identify(input.name);
      if (!now) return cannot_open(input.name, now.error());
      if (*now != input.identity) return changed(input.name);
    }
    if (is_wal()) return commit_wal();
    if (inputs_.size() == 1) return take_name(inputs_[0].name);
    const StoreFile merged{.kind = StoreFileKind::kSegment,
                           .first_seq = first_seq_,
                           .name = merged_name(first_seq_, end_seq_),
                           .merged_end_seq = end_seq_};
    LOGD_RETURN_IF_ERROR(take_name(merged.name));
    return complete_merge(store_, merged);
  }

  Status commit_wal() {
    if (writer_) LOGD_RETURN_IF_ERROR(take_name(segment_name(first_seq_)));
    LOGD_RETURN_IF_ERROR(store_.remove(inputs_[0].name));
    return store_.sync_names();
  }

  Status take_name(const std::string& name) {
    auto status = store_.rename(writer_->name(), name);
    if (!status) return cannot_open(writer_->name(), std::move(status.error()));
    return store_.sync_names();
  }

  const StoreDir& store_;
  std::span<const StoreFile> inputs_;
  const RewritePolicy& policy_;
  std::vector<SegmentReader> segments_;
  uint64_t first_seq_ = 0;
  uint64_t end_seq_ = 0;
  BlockBuilder builder_;
  UnitTally tally_;
  std::optional<SegmentWriter> writer_;
  RewriteOutcome outcome_;
};

}  // namespace

Result<RewriteOutcome> rewrite(const StoreDir& store,
                               std::span<const StoreFile> inputs,
                               const RewritePolicy& policy) {
  return Rewriter(store, inputs, policy).run();
}

Status finish_rewrites(const StoreDir& store) {
  const auto lock = store.lock_files();
  if (!lock) return fail(lock.error());
  const auto asides = store.list_asides();
  if (!asides) return fail(asides.error());
  for (const std::string& name : *asides) {
    LOGD_RETURN_IF_ERROR(store.remove(name));
  }
  const auto files = store.list();
  if (!files) return fail(files.error());
  for (const StoreFile& file : *files) {
    if (file.merged_end_seq == 0) continue;
    // Whoever gave it that name may have died before the disk knew of it.
    LOGD_RETURN_IF_ERROR(store.sync_names());
    LOGD_RETURN_IF_ERROR(complete_merge(store, file));
  }
  return {};
}

}  // namespace logfmt
