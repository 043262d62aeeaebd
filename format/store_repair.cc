#include "format/store_repair.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "format/checksum.h"
#include "format/segment_check.h"
#include "format/segment_writer.h"
#include "format/store_names.h"
#include "format/wal_check.h"

namespace logfmt {
namespace {

constexpr size_t kCopyBytes = 1 << 20;

// A block as a writer would hand it over, its header anew.
Result<EncodedBlock> read_encoded(const SegmentReader& segment,
                                  const BlockRef& ref, uint64_t seed) {
  EncodedBlock block{.header = ref.header, .bytes = ref.header.encode(seed)};
  std::string parts;
  const size_t head_bytes = block.bytes.size();
  LOGD_RETURN_IF_ERROR(pread_exactly(segment.fd(), ref.offset + head_bytes,
                                     ref.header.block_bytes() - head_bytes,
                                     parts));
  const auto& last = ref.header.parts[kBlockParts - 1];
  const uint64_t used =
      ref.header.part_offset(BlockPart::kNumbers) + last.stored_bytes;
  block.bytes += parts;
  block.bytes.resize(used);
  block.bytes.resize(ref.header.block_bytes(), '\0');
  return block;
}

std::string entries_text(uint64_t count) {
  return std::to_string(count) + (count == 1 ? " entry" : " entries");
}

// Mends one segment. What it makes aside is removed with it, unless it was
// put in place.
class SegmentRepair {
 public:
  SegmentRepair(const StoreDir& store, const StoreFile& file)
      : store_(store), file_(file), seed_(checksum_seed(store.id())) {}
  ~SegmentRepair() {
    if (!copy_.empty()) (void)store_.remove(copy_);
    if (writer_) (void)store_.remove(writer_->name());
  }
  SegmentRepair(const SegmentRepair&) = delete;
  SegmentRepair& operator=(const SegmentRepair&) = delete;

  Result<RepairStep> run() {
    auto segment = open();
    if (!segment) return fail(std::move(segment.error()));
    if (segment->header().first_seq != file_.first_seq) {
      return left("it was renamed; its name was " +
                  segment_name(segment->header().first_seq));
    }
    const bool whole = check_blocks(*segment);
    if (good_.empty()) return left("nothing in it can be read");
    LOGD_RETURN_IF_ERROR(create(*segment, whole));
    LOGD_RETURN_IF_ERROR(copy_blocks(*segment));
    LOGD_RETURN_IF_ERROR(writer_->seal());
    keep_owner();
    return put_in_place(whole);
  }

 private:
  RepairStep left(std::string why) const {
    return {.name = file_.name,
            .outcome = RepairOutcome::kLeft,
            .what = std::move(why)};
  }

  // By its own header, or else by a copy that was given another.
  Result<SegmentReader> open() {
    auto segment = SegmentReader::open(store_.fd(), file_.name, store_.id());
    if (segment || segment.error().code != ErrorCode::kCorrupt) return segment;
    LOGD_RETURN_IF_ERROR(copy_with_header());
    return SegmentReader::open(store_.fd(), copy_, store_.id());
  }

  Status copy_with_header() {
    const auto from = open_at(store_.fd(), file_.name, O_RDONLY);
    if (!from) return fail(from.error());
    copy_ = aside_name(file_.name);
    const auto to = open_at(store_.fd(), copy_, O_RDWR | O_CREAT | O_EXCL);
    if (!to) return fail(to.error());
    const FileHeader header{.magic = kSegmentMagic,
                            .store = store_.id(),
                            .first_seq = file_.first_seq};
    LOGD_RETURN_IF_ERROR(pwrite_all(to->get(), 0, header.encode()));
    std::string bytes;
    for (uint64_t at = kFileHeaderBytes;; at += bytes.size()) {
      LOGD_RETURN_IF_ERROR(pread_up_to(from->get(), at, kCopyBytes, bytes));
      if (bytes.empty()) return {};
      LOGD_RETURN_IF_ERROR(pwrite_all(to->get(), at, bytes));
    }
  }

  // Whether nothing is missing.
  bool check_blocks(const SegmentReader& segment) {
    for (size_t i = 0; i < segment.blocks().size(); ++i) {
      auto check = check_block(segment.fd(), segment.blocks()[i], seed_);
      if (!check) continue;
      entries_ += check->rows;
      good_.push_back({i, std::move(*check)});
    }
    return good_.size() == segment.blocks().size() && segment.gaps().empty() &&
           !segment.unfinished();
  }

  // Of what is lost the new file says, as one that was rewritten, that nothing
  // is to be expected there.
  Status create(const SegmentReader& segment, bool whole) {
    const FileHeader& header = segment.header();
    auto writer = SegmentWriter::create_aside(
        store_, {.name = aside_name(file_.name),
                 .first_seq = file_.first_seq,
                 .end_seq = whole ? header.end_seq : segment.next_seq(),
                 .level = header.level,
                 .created_us = header.created_us});
    if (!writer) return fail(std::move(writer.error()));
    writer_.emplace(std::move(*writer));
    return {};
  }

  Status copy_blocks(const SegmentReader& segment) {
    for (GoodBlock& good : good_) {
      auto block = read_encoded(segment, segment.blocks()[good.index], seed_);
      if (!block) return fail(std::move(block.error()));
      block->names = std::move(good.check.names);
      LOGD_RETURN_IF_ERROR(writer_->append(*block, good.check.uses));
    }
    return {};
  }

  // What replaces a file belongs to whom the file belongs to.
  void keep_owner() const {
    struct stat status {};
    if (fstatat(store_.fd(), file_.name.c_str(), &status,
                AT_SYMLINK_NOFOLLOW) != 0) {
      return;
    }
    [[maybe_unused]] const int result =
        fchownat(store_.fd(), writer_->name().c_str(), status.st_uid,
                 status.st_gid, AT_SYMLINK_NOFOLLOW);
  }

  // `whole`: all of its blocks could be read.
  Result<RepairStep> put_in_place(bool whole) {
    const auto lock = store_.lock_files();
    if (!lock) return fail(lock.error());
    const auto now = store_.identify(file_.name);
    if (!now || *now != file_.identity) {
      return left("it was replaced meanwhile; run --repair again");
    }
    RepairStep step{
        .name = file_.name,
        .outcome = whole ? RepairOutcome::kMended : RepairOutcome::kPartly,
        .entries = entries_,
        .what = whole
                    ? "its " + entries_text(entries_) + " have a new footer"
                    : entries_text(entries_) + " could be read and are in it"};
    // What cannot be derived stays: under a second name first, so that the
    // old bytes are there at any moment.
    if (const bool derivable = whole && copy_.empty(); !derivable) {
      const std::string kept = damaged_name(file_.name);
      step.what += "; the old file is kept as " + kept;
      if (linkat(store_.fd(), file_.name.c_str(), store_.fd(), kept.c_str(),
                 0) != 0) {
        if (errno == EEXIST) return left(kept + " exists; move it away first");
        return fail_errno("cannot name " + kept);
      }
    }
    LOGD_RETURN_IF_ERROR(store_.sync_names());
    LOGD_RETURN_IF_ERROR(store_.rename(writer_->name(), file_.name));
    LOGD_RETURN_IF_ERROR(store_.sync_names());
    writer_.reset();
    return step;
  }

  const StoreDir& store_;
  const StoreFile& file_;
  uint64_t seed_;
  std::string copy_;
  std::optional<SegmentWriter> writer_;
  struct GoodBlock {
    size_t index;  // in the old file
    BlockCheck check;
  };
  std::vector<GoodBlock> good_;
  uint64_t entries_ = 0;
};

Result<RepairStep> visit_segment(StoreDir& store, const StoreFile& file,
                                 bool newest) {
  const auto check = check_segment(store, file);
  RepairStep step{.name = file.name, .outcome = RepairOutcome::kLeft};
  if (!check && check.error().code == ErrorCode::kNotFound) {
    step.what = "it was removed or replaced meanwhile";
    return step;
  }
  if (!check) {
    step.what = check.error().message();
    return step;
  }
  step.entries = check->entries;
  const bool open_ended = newest && !check->closed && check->tail_begin > 0;
  if (check->gaps.empty() && (check->closed || open_ended)) {
    step.outcome = RepairOutcome::kSound;
    return step;
  }
  // Nobody may begin to write a file that is not sealed.
  if (open_ended && !store.lock()) {
    step.what = "logd is writing it; stop logd first";
    return step;
  }
  auto repaired = SegmentRepair(store, file).run();
  if (repaired) return repaired;
  step.what = repaired.error().message();
  return step;
}

Result<RepairStep> visit_wal(const StoreDir& store, const StoreFile& file) {
  RepairStep step{.name = file.name, .outcome = RepairOutcome::kLeft};
  auto wal = WalReader::open(store.fd(), file.name, store.id());
  const auto check =
      wal ? check_wal(*wal, file) : Result<FileCheck>(fail(wal.error()));
  if (!check) {
    step.what = check.error().message() + "; logd sets it aside when it starts";
    return step;
  }
  step.entries = check->entries;
  if (!check->gaps.empty()) {
    step.what = "it is damaged; logd takes in what can be read when it starts";
  } else if (check->closed || store.has_writer()) {
    step.outcome = RepairOutcome::kSound;
  } else {
    step.what = "it was not closed; logd takes it in when it starts";
  }
  return step;
}

}  // namespace

Result<std::vector<RepairStep>> repair_store(StoreDir& store) {
  const auto files = store.list();
  if (!files) return fail(files.error());
  std::vector<RepairStep> steps;
  for (size_t i = 0; i < files->size(); ++i) {
    const StoreFile& file = (*files)[i];
    const bool newest =
        i + 1 == files->size() || (*files)[i + 1].kind != file.kind;
    auto step = file.kind == StoreFileKind::kWal
                    ? visit_wal(store, file)
                    : visit_segment(store, file, newest);
    if (!step) return fail(std::move(step.error()));
    steps.push_back(std::move(*step));
  }
  return steps;
}

}  // namespace logfmt
