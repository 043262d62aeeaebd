#include "format/segment_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include "format/checksum.h"
#include "format/limits.h"
#include "format/segment_reader.h"

namespace logfmt {
namespace {

void collect_names(const BlockReader& block, BlockNames& names) {
  for (size_t i = 0; i < block.context_count(); ++i) {
    for (const Field& field : block.context_fields(static_cast<uint32_t>(i))) {
      names.add_context_field(field);
    }
  }
  for (size_t row = 0; row < block.rows(); ++row) {
    for (const Field& field : FieldList(block.payload(row))) {
      names.add_payload_field(field);
    }
  }
}

}  // namespace

Result<SegmentWriter> SegmentWriter::create_file(const StoreDir& store,
                                                 const std::string& name,
                                                 const FileHeader& header) {
  auto file = open_at(store.fd(), name, O_RDWR | O_CREAT | O_EXCL);
  if (!file) return fail(std::move(file.error()));
  SegmentWriter writer(std::move(*file), name, checksum_seed(store.id()));
  writer.created_us_ = header.created_us;
  if (auto status = writer.write_at_end(header.encode()); !status) {
    (void)store.remove(name);
    return fail(std::move(status.error()));
  }
  return writer;
}

Result<SegmentWriter> SegmentWriter::create(const StoreDir& store,
                                            uint64_t first_seq,
                                            uint64_t now_us) {
  auto writer = create_file(store, segment_name(first_seq),
                            {.magic = kSegmentMagic,
                             .store = store.id(),
                             .first_seq = first_seq,
                             .created_us = now_us});
  if (!writer) return writer;
  auto status = sync_all(writer->file_.get());
  if (status) status = store.sync_names();
  if (!status) {
    (void)store.remove(writer->name());
    return fail(std::move(status.error()));
  }
  return writer;
}

Result<SegmentWriter> SegmentWriter::create_aside(
    const StoreDir& store, const RewrittenSegment& segment) {
  auto writer = create_file(store, segment.name,
                            {.magic = kSegmentMagic,
                             .level = segment.level,
                             .store = store.id(),
                             .end_seq = segment.end_seq,
                             .first_seq = segment.first_seq,
                             .created_us = segment.created_us});
  if (writer) writer->synced_per_block_ = false;
  return writer;
}

Result<SegmentWriter> SegmentWriter::resume(const StoreDir& store,
                                            const std::string& name,
                                            Tail tail) {
  auto reader = SegmentReader::open(store.fd(), name, store.id());
  if (!reader) return fail(std::move(reader.error()));
  if (reader->sealed()) {
    return fail(ErrorCode::kInvalidArgument, name + " is sealed");
  }
  if (!reader->gaps().empty() || reader->header().end_seq != 0 ||
      (reader->header().compatible_flags & ~kKnownCompatibleFlags) != 0) {
    return fail(ErrorCode::kCorrupt,
                name + " is damaged or newer; it is left as it is");
  }
  auto file = open_at(store.fd(), name, O_RDWR);
  if (!file) return fail(std::move(file.error()));
  SegmentWriter writer(std::move(*file), name, checksum_seed(store.id()));
  LOGD_RETURN_IF_ERROR(writer.take_up(*reader));
  if (tail == Tail::kMustBeFooter && reader->tail_bytes() > 0) {
    const auto is_footer = writer.ends_in_footer(reader->tail_bytes());
    if (!is_footer) return fail(is_footer.error());
    if (!*is_footer) {
      return fail(ErrorCode::kCorrupt, "the end of " + name +
                                           " does not check and no WAL has "
                                           "what was there");
    }
  }
  if (ftruncate(writer.file_.get(), static_cast<off_t>(writer.bytes_)) != 0) {
    return fail_errno("cannot cut the torn end of " + name);
  }
  return writer;
}

Status SegmentWriter::take_up(const SegmentReader& segment) {
  bytes_ = segment.valid_bytes();
  created_us_ = segment.header().created_us;
  for (size_t i = 0; i < segment.blocks().size(); ++i) {
    // Without its names the footer would say "absent" of a block that it does
    // not know.
    auto block = segment.read_block(i);
    if (!block) return fail(std::move(block.error()));
    LOGD_RETURN_IF_ERROR(block->load_payloads());
    BlockNames names;
    collect_names(*block, names);
    UnitTally tally;
    for (size_t row = 0; row < block->rows(); ++row) {
      tally.add(block->entry(row));
    }
    const BlockRef& ref = segment.blocks()[i];
    footer_.add(ref.offset, ref.header, names, tally.take());
  }
  return {};
}

// Whether the bytes behind the blocks are what a power cut leaves of the
// footer: a part of it, with zeros for what did not reach the disk. Zeros
// alone tell nothing, unless they are as many.
Result<bool> SegmentWriter::ends_in_footer(uint64_t tail_bytes) const {
  const std::string footer = footer_.encode(bytes_, seed_);
  if (tail_bytes > footer.size()) return false;
  std::string tail;
  LOGD_RETURN_IF_ERROR(pread_exactly(file_.get(), bytes_, tail_bytes, tail));
  bool agrees = tail_bytes == footer.size();
  for (size_t i = 0; i < tail.size(); ++i) {
    if (tail[i] == '\0') continue;
    if (tail[i] != footer[i]) return false;
    agrees = true;
  }
  return agrees;
}

// Where even this fails, the next write goes over what stays, and a reader
// takes it for the unfinished block that it is.
void SegmentWriter::cut_back() {
  [[maybe_unused]] const int result =
      ftruncate(file_.get(), static_cast<off_t>(bytes_));
}

Status SegmentWriter::write_at_end(std::string_view bytes) {
  auto status = pwrite_all(file_.get(), bytes_, bytes);
  if (!status) {
    cut_back();
    return status;
  }
  bytes_ += bytes.size();
  return {};
}

Status SegmentWriter::sync_or_cut_back(uint64_t offset) {
  auto status = sync_data(file_.get());
  if (status) return status;
  bytes_ = offset;
  cut_back();
  return status;
}

Status SegmentWriter::append(const EncodedBlock& block, const UnitUses& uses) {
  const uint64_t offset = bytes_;
  if (blocks() == kBlocksPerSegmentMax) {
    return fail(ErrorCode::kLimit, name_ + " is full; seal it");
  }
  LOGD_RETURN_IF_ERROR(write_at_end(block.bytes));
  if (synced_per_block_) LOGD_RETURN_IF_ERROR(sync_or_cut_back(offset));
  footer_.add(offset, block.header, block.names, uses);
  return {};
}

Status SegmentWriter::seal() {
  const uint64_t offset = bytes_;
  LOGD_RETURN_IF_ERROR(write_at_end(footer_.encode(bytes_, seed_)));
  return sync_or_cut_back(offset);
}

uint64_t SegmentWriter::next_seq() const {
  if (footer_.blocks.empty()) return 0;
  return footer_.blocks.back().header.last_seq + 1;
}

}  // namespace logfmt
