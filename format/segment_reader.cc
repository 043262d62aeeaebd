#include "format/segment_reader.h"

#include <fcntl.h>

#include <algorithm>

#include "format/checksum.h"
#include "format/limits.h"

namespace logfmt {

namespace {

// Checksums tell stores apart, not the segments of one.
bool is_own(const SegmentFooter& footer, const FileHeader& header) {
  if (footer.blocks.empty()) return true;
  const uint64_t first_seq = footer.blocks.front().header.first_seq;
  if (header.end_seq == 0) return first_seq == header.first_seq;
  return first_seq >= header.first_seq &&
         footer.blocks.back().header.last_seq < header.end_seq;
}

}  // namespace

SegmentReader::SegmentReader(Fd file, std::string name,
                             const FileHeader& header)
    : file_(std::move(file)),
      name_(std::move(name)),
      header_(header),
      seed_(checksum_seed(header.store)) {}

Result<SegmentReader> SegmentReader::open(int dir_fd, const std::string& name,
                                          const Id128& store) {
  auto file = open_at(dir_fd, name, O_RDONLY);
  if (!file) return fail(std::move(file.error()));
  std::string bytes;
  LOGD_RETURN_IF_ERROR(pread_up_to(file->get(), 0, kFileHeaderBytes, bytes));
  auto header = decode_file_header(bytes, kSegmentMagic, store);
  if (!header) return fail(std::move(header.error()));
  const auto size = file_bytes(file->get());
  if (!size) return fail(size.error());
  SegmentReader reader(std::move(*file), name, *header);
  reader.file_bytes_ = *size;
  if (auto footer = reader.load_footer(); !footer) {
    LOGD_RETURN_IF_ERROR(reader.walk());
    reader.leave_unfinished();
    reader.note_lost_end();
  }
  return reader;
}

Status SegmentReader::load_footer() {
  if (file_bytes_ < kFileHeaderBytes + kTrailerBytes) {
    return fail(ErrorCode::kTruncated, "too short for a footer");
  }
  std::string bytes;
  LOGD_RETURN_IF_ERROR(pread_exactly(file_.get(), file_bytes_ - kTrailerBytes,
                                     kTrailerBytes, bytes));
  const auto trailer = decode_trailer(bytes, seed_);
  if (!trailer) return fail(trailer.error());
  if (trailer->footer_offset + trailer->footer_bytes + kTrailerBytes !=
      file_bytes_) {
    return fail(ErrorCode::kCorrupt, "the trailer is not this file's");
  }
  LOGD_RETURN_IF_ERROR(pread_exactly(file_.get(), trailer->footer_offset,
                                     trailer->footer_bytes, bytes));
  if (checksum(bytes, seed_) != trailer->footer_checksum) {
    return fail(ErrorCode::kCorrupt, "the footer does not check");
  }
  auto footer = decode_footer(bytes, seed_);
  if (!footer) return fail(std::move(footer.error()));
  if (!is_own(*footer, header_)) {
    return fail(ErrorCode::kCorrupt, "the footer is that of another segment");
  }
  footer_ = std::move(*footer);
  sealed_ = true;
  valid_bytes_ = file_bytes_;
  return {};
}

Result<BlockRef> SegmentReader::block_at(uint64_t offset) const {
  std::string bytes;
  LOGD_RETURN_IF_ERROR(
      pread_up_to(file_.get(), offset, kBlockHeaderBytesMax, bytes));
  auto header = decode_block_header(bytes, seed_);
  if (!header) return fail(std::move(header.error()));
  if (offset + header->block_bytes() > file_bytes_) {
    return fail(ErrorCode::kTruncated, "the file ends within a block", offset);
  }
  return BlockRef{offset, std::move(*header)};
}

// Walks the blocks one after the other. What does not check is a gap if a
// block follows it; at the end it is the tail.
Status SegmentReader::walk() {
  lost_footer_ = ends_with_trailer();
  valid_bytes_ = kFileHeaderBytes;
  while (valid_bytes_ < file_bytes_ &&
         footer_.blocks.size() < kBlocksPerSegmentMax) {
    auto block = block_at(valid_bytes_);
    if (!block) {
      const Error error = std::move(block.error());
      block = find_block(valid_bytes_ + kAlignment);
      const bool is_last = !block && block.error().code == ErrorCode::kNotFound;
      // What could not be read may be whole: no writer may cut it off.
      if (is_last && error.code != ErrorCode::kIo) return {};
      if (!block && !is_last) return fail(std::move(block.error()));
      gaps_.push_back({.file = name_,
                       .begin = valid_bytes_,
                       .end = is_last ? file_bytes_ : block->offset,
                       .first_seq = walked_seq(),
                       .cause = error.detail});
      if (is_last) return {};
    }
    take(std::move(*block));
  }
  return {};
}

// Adds a block that the walk has met. One that is out of order was copied
// over another or moved; entries from its first on may be missing.
void SegmentReader::take(BlockRef block) {
  const uint64_t first_seq = block.header.first_seq;
  valid_bytes_ = block.offset + block.header.block_bytes();
  if (first_seq < walked_seq()) {
    gaps_.push_back({.file = name_,
                     .begin = block.offset,
                     .end = valid_bytes_,
                     .first_seq = first_seq,
                     .cause = "a block is out of place"});
    return;
  }
  const bool after_gap = !gaps_.empty() && !gaps_.back().last_seq;
  // A new file begins with its first entry. Between blocks a writer may leave
  // numbers out, but in a file that was sealed it has not.
  const bool no_hole =
      header_.end_seq == 0 && (lost_footer_ || footer_.blocks.empty());
  if (no_hole && first_seq > walked_seq() && !after_gap) {
    gaps_.push_back({.file = name_,
                     .begin = block.offset,
                     .end = block.offset,
                     .first_seq = walked_seq(),
                     .cause = "blocks are missing"});
  }
  for (Gap& gap : gaps_) {
    if (!gap.last_seq) gap.last_seq = first_seq - 1;
  }
  footer_.blocks.push_back(std::move(block));
}

// A disk may have got a block's header and not all of the rest. A writer syncs
// each block before it goes on, or removes a WAL: so only the last one may be
// there in part, and nothing that was promised is in it alone.
void SegmentReader::leave_unfinished() {
  if (lost_footer_ || header_.end_seq != 0 || footer_.blocks.empty()) return;
  const BlockRef& last = footer_.blocks.back();
  const auto status =
      BlockReader::check_parts(file_.get(), last.offset, last.header, seed_);
  if (status || (status.error().code != ErrorCode::kCorrupt &&
                 status.error().code != ErrorCode::kTruncated)) {
    return;
  }
  unfinished_ = block_gap(footer_.blocks.size() - 1, status.error().message());
  valid_bytes_ = last.offset;
  footer_.blocks.pop_back();
}

bool SegmentReader::ends_with_trailer() const {
  const size_t magic_bytes = kTrailerMagic.size();
  std::string bytes;
  return file_bytes_ >= magic_bytes &&
         pread_exactly(file_.get(), file_bytes_ - magic_bytes, magic_bytes,
                       bytes) &&
         std::equal(bytes.begin(), bytes.end(), kTrailerMagic.begin());
}

Result<BlockRef> SegmentReader::find_block(uint64_t from) const {
  constexpr size_t kWindowBytes = 1 << 20;
  const std::string_view magic(reinterpret_cast<const char*>(&kBlockMagic),
                               sizeof(kBlockMagic));
  std::string window;
  for (uint64_t at = from; at < file_bytes_; at += kWindowBytes) {
    // A little more than the step, so that no magic is cut by a window's end.
    LOGD_RETURN_IF_ERROR(
        pread_up_to(file_.get(), at, kWindowBytes + magic.size(), window));
    for (size_t hit = window.find(magic); hit != std::string::npos;
         hit = window.find(magic, hit + 1)) {
      if ((at + hit) % kAlignment != 0) continue;
      auto block = block_at(at + hit);
      if (block && block->header.first_seq >= walked_seq()) return block;
    }
  }
  return fail(ErrorCode::kNotFound, "no further block");
}

// A rewritten segment had its footer before it had its name. Without one its
// last entries may have been dropped, or they are lost: nobody can tell.
void SegmentReader::note_lost_end() {
  if (header_.end_seq <= walked_seq()) return;
  gaps_.push_back({.file = name_,
                   .begin = valid_bytes_,
                   .end = file_bytes_,
                   .first_seq = walked_seq(),
                   .last_seq = header_.end_seq - 1,
                   .cause = "the end of the segment does not check"});
}

// The number after the last entry that was found so far.
uint64_t SegmentReader::walked_seq() const {
  if (footer_.blocks.empty()) return header_.first_seq;
  return footer_.blocks.back().header.last_seq + 1;
}

uint64_t SegmentReader::next_seq() const {
  return std::max(walked_seq(), header_.end_seq);
}

Result<UnitUses> SegmentReader::unit_uses() const {
  if (sealed_ && footer_.knows_uses()) return footer_.uses;
  UnitTally tally;
  for (size_t i = 0; i < footer_.blocks.size(); ++i) {
    auto block = read_block(i);
    if (!block) return fail(std::move(block.error()));
    LOGD_RETURN_IF_ERROR(block->load_payloads());
    for (size_t row = 0; row < block->rows(); ++row) {
      tally.add(block->entry(row));
    }
  }
  return tally.take();
}

Result<BlockReader> SegmentReader::read_block(size_t index) const {
  const BlockRef& block = footer_.blocks[index];
  return BlockReader::open(file_.get(), block.offset, block.header, seed_);
}

Result<std::string> SegmentReader::read_strings(size_t index) const {
  const BlockRef& block = footer_.blocks[index];
  return BlockReader::read_strings(file_.get(), block.offset, block.header,
                                   seed_);
}

Gap SegmentReader::block_gap(size_t index, const std::string& cause) const {
  const BlockRef& block = footer_.blocks[index];
  return {.file = name_,
          .begin = block.offset,
          .end = block.offset + block.header.block_bytes(),
          .first_seq = block.header.first_seq,
          .last_seq = block.header.last_seq,
          .cause = cause};
}

}  // namespace logfmt
