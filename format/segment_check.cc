// What is compared with what:
//
//   file header     its checksum, its name
//   block header    its checksum, the footer's copy, the rows
//   parts           their checksums, and every row decoded
//   name summaries  the contexts that occur
//   footer          one that is made anew from the blocks
//   between them    zeros up to the next multiple of 8, nothing else
#include "format/segment_check.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "format/checksum.h"
#include "format/limits.h"

namespace logfmt {
namespace {

tl::unexpected<Error> damaged(std::string cause) {
  return fail(ErrorCode::kCorrupt, std::move(cause));
}

// Whether a header's summary is exactly what these names make.
bool summary_is_of(const NameSummary& summary,
                   const std::set<std::string, std::less<>>& names) {
  if (names.size() > kSummaryHashesMax) return summary.any;
  std::vector<uint32_t> hashes;
  for (const std::string& name : names) hashes.push_back(name_hash(name));
  std::sort(hashes.begin(), hashes.end());
  return !summary.any && summary.hashes == hashes;
}

// What the rows of a block say about it; the same fields as in its header.
struct RowFacts {
  uint64_t min_realtime_us = UINT64_MAX;
  uint64_t max_realtime_us = 0;
  uint64_t payload_bytes = 0;
  uint16_t priority_mask = 0;

  void add(const EntryView& entry) {
    min_realtime_us = std::min(min_realtime_us, entry.realtime_us);
    max_realtime_us = std::max(max_realtime_us, entry.realtime_us);
    payload_bytes += entry.payload.encoded().size();
    priority_mask |= static_cast<uint16_t>(1u << entry.priority);
  }
  bool agree_with(const BlockHeader& header) const {
    return min_realtime_us == header.min_realtime_us &&
           max_realtime_us == header.max_realtime_us &&
           payload_bytes == header.payload_bytes &&
           priority_mask == header.priority_mask;
  }
};

// Zeros fill the space up to the next block.
Status check_padding(int fd, const BlockRef& ref) {
  const BlockHeader& header = ref.header;
  const PartHeader& last = header.parts[kBlockParts - 1];
  const uint64_t end =
      header.part_offset(BlockPart::kNumbers) + last.stored_bytes;
  std::string padding;
  LOGD_RETURN_IF_ERROR(
      pread_exactly(fd, ref.offset + end, header.block_bytes() - end, padding));
  if (padding.find_first_not_of('\0') == std::string::npos) return {};
  return damaged("the padding of a block is not zero; no entry is lost");
}

Status check_header_copy(int fd, const BlockRef& ref, uint64_t seed) {
  const std::string copy = ref.header.encode(seed);
  std::string bytes;
  LOGD_RETURN_IF_ERROR(pread_exactly(fd, ref.offset, copy.size(), bytes));
  if (bytes == copy) return {};
  return damaged(
      "a block's header differs from the footer's copy; no entry is lost");
}

// The names of payload fields. Most entries have those of the one before, in
// the same order: these need one comparison each.
class PayloadNames {
 public:
  explicit PayloadNames(BlockNames& names) : names_(names) {}

  void add(const FieldList& payload) {
    size_t at = 0;
    for (const Field& field : payload) {
      if (at == last_.size()) last_.emplace_back();
      if (std::string& before = last_[at++]; before != field.name) {
        before = field.name;
        names_.add_payload_field(field);
      }
    }
  }

 private:
  BlockNames& names_;
  std::vector<std::string> last_;  // of the last entry that had so many
};

class SegmentCheck {
 public:
  SegmentCheck(const SegmentReader& segment, FileCheck& result)
      : segment_(segment),
        seed_(checksum_seed(segment.header().store)),
        result_(result) {}

  void run() {
    result_.gaps = segment_.gaps();
    result_.closed = segment_.sealed();
    result_.next_seq = segment_.next_seq();
    if (!result_.closed) {
      result_.tail_begin = segment_.valid_bytes();
      result_.tail_bytes = segment_.tail_bytes();
    }
    if (segment_.header().first_seq != result_.first_seq) {
      note_file("the file was renamed: its first entry is another");
    }
    for (size_t i = 0; i < segment_.blocks().size(); ++i) run_block(i);
    if (result_.closed) run_footer();
    std::stable_sort(
        result_.gaps.begin(), result_.gaps.end(),
        [](const Gap& a, const Gap& b) { return a.begin < b.begin; });
  }

 private:
  void run_block(size_t index) {
    const BlockRef& ref = segment_.blocks()[index];
    auto block = check_block(segment_.fd(), ref, seed_);
    if (!block) {
      result_.gaps.push_back(segment_.block_gap(index, block.error().detail));
      whole_ = false;
      rebuilt_.add(ref.offset, ref.header, {});
    } else {
      result_.entries += block->rows;
      // Footers of the first daemons do not say who takes how much.
      rebuilt_.add(ref.offset, ref.header, block->names,
                   segment_.footer().knows_uses() ? block->uses : UnitUses());
      if (auto copy = check_header_copy(segment_.fd(), ref, seed_); !copy) {
        note(ref.offset, copy.error().detail);
      } else if (auto zeros = check_padding(segment_.fd(), ref); !zeros) {
        note(ref.offset, zeros.error().detail);
      }
    }
    if (result_.closed && ref.offset != next_offset_) {
      note(next_offset_, "the footer passes over bytes of the file");
    }
    next_offset_ = ref.offset + ref.header.block_bytes();
  }

  // The reader has tested the checksums of footer and trailer.
  void run_footer() {
    const uint64_t end = segment_.valid_bytes();
    const std::string stored = segment_.footer().encode(next_offset_, seed_);
    if (next_offset_ + stored.size() != end) {
      note(next_offset_, "the footer is not where the blocks end");
    } else if (whole_ && stored != rebuilt_.encode(next_offset_, seed_)) {
      note(next_offset_,
           "the footer's names are not those of the blocks; some entries are "
           "not found by them");
    }
  }

  void note_file(std::string cause) { note(0, std::move(cause)); }
  // Damage that costs no entry which can be named.
  void note(uint64_t offset, std::string cause) {
    result_.gaps.push_back({.file = result_.name,
                            .begin = offset,
                            .end = segment_.valid_bytes(),
                            .cause = std::move(cause)});
  }

  const SegmentReader& segment_;
  uint64_t seed_;
  FileCheck& result_;
  SegmentFooter rebuilt_{};
  uint64_t next_offset_ = kFileHeaderBytes;
  bool whole_ = true;
};

}  // namespace

bool is_readers_trouble(const Error& error) {
  return error.code == ErrorCode::kNotFound || error.sys_errno == EACCES ||
         error.sys_errno == EPERM || error.sys_errno == EMFILE ||
         error.sys_errno == ENFILE || error.sys_errno == ENOMEM;
}

Result<BlockCheck> check_block(int fd, const BlockRef& ref, uint64_t seed) {
  auto block = BlockReader::open(fd, ref.offset, ref.header, seed);
  if (!block) return fail(std::move(block.error()));
  LOGD_RETURN_IF_ERROR(block->load_payloads());
  BlockCheck result;
  for (uint32_t i = 0; i < block->context_count(); ++i) {
    for (const Field& field : block->context_fields(i)) {
      result.names.add_context_field(field);
    }
  }
  RowFacts facts;
  PayloadNames payload_names(result.names);
  UnitTally tally;
  for (size_t row = 0; row < block->rows(); ++row) {
    const EntryView entry = block->entry(row);
    facts.add(entry);
    tally.add(entry);
    payload_names.add(entry.payload);
  }
  result.uses = tally.take();
  result.rows = block->rows();
  if (!facts.agree_with(ref.header)) {
    return damaged("a block's header says of its rows what they are not");
  }
  if (!summary_is_of(ref.header.units, result.names.units) ||
      !summary_is_of(ref.header.identifiers, result.names.identifiers)) {
    return damaged("a block's header does not list the names that occur");
  }
  return result;
}

Result<FileCheck> check_segment(const StoreDir& store, const StoreFile& file) {
  FileCheck result{.name = file.name,
                   .kind = StoreFileKind::kSegment,
                   .first_seq = file.first_seq,
                   .next_seq = file.first_seq};
  auto segment = SegmentReader::open(store.fd(), file.name, store.id());
  if (!segment && (is_readers_trouble(segment.error()) ||
                   segment.error().code == ErrorCode::kTruncated)) {
    return fail(std::move(segment.error()));
  }
  if (!segment) {
    result.gaps.push_back({.file = file.name,
                           .end = file.identity.bytes,
                           .first_seq = file.first_seq,
                           .cause = segment.error().message()});
    return result;
  }
  SegmentCheck(*segment, result).run();
  return result;
}

}  // namespace logfmt
