#include "format/segment_reader.h"

#include <fcntl.h>

#include <algorithm>

#include "format/checksum.h"
#include "format/limits.h"

namespace logfmt {

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
  if (auto footer = reader.load_footer(*size); !footer) {
    LOGD_RETURN_IF_ERROR(reader.walk(*size));
  }
  return reader;
}

Status SegmentReader::load_footer(uint64_t file_bytes) {
  if (file_bytes < kFileHeaderBytes + kTrailerBytes) {
    return fail(ErrorCode::kTruncated, "too short for a footer");
  }
  std::string bytes;
  LOGD_RETURN_IF_ERROR(pread_exactly(file_.get(), file_bytes - kTrailerBytes,
                                     kTrailerBytes, bytes));
  const auto trailer = decode_trailer(bytes, seed_);
  if (!trailer) return fail(trailer.error());
  if (trailer->footer_offset + trailer->footer_bytes + kTrailerBytes !=
      file_bytes) {
    return fail(ErrorCode::kCorrupt, "the trailer is not this file's");
  }
  LOGD_RETURN_IF_ERROR(pread_exactly(file_.get(), trailer->footer_offset,
                                     trailer->footer_bytes, bytes));
  if (checksum(bytes, seed_) != trailer->footer_checksum) {
    return fail(ErrorCode::kCorrupt, "the footer does not check");
  }
  auto footer = decode_footer(bytes, seed_);
  if (!footer) return fail(std::move(footer.error()));
  footer_ = std::move(*footer);
  sealed_ = true;
  valid_bytes_ = file_bytes;
  return {};
}

Result<BlockHeader> SegmentReader::header_at(uint64_t offset,
                                             uint64_t file_bytes) const {
  std::string bytes;
  LOGD_RETURN_IF_ERROR(
      pread_up_to(file_.get(), offset, kBlockHeaderBytesMax, bytes));
  auto header = decode_block_header(bytes, seed_);
  if (header && offset + header->block_bytes() > file_bytes) {
    return fail(ErrorCode::kTruncated, "the file ends within a block", offset);
  }
  return header;
}

// Walks the blocks one after the other. The end of the file may hold a block
// that a dead writer did not finish, or a footer that does not check: neither
// holds an entry that was ever counted, so neither is a gap.
Status SegmentReader::walk(uint64_t file_bytes) {
  uint64_t offset = kFileHeaderBytes;
  valid_bytes_ = offset;
  while (offset < file_bytes) {
    auto header = header_at(offset, file_bytes);
    if (!header) {
      const auto next = find_block(offset + kAlignment, file_bytes);
      if (!next) return {};
      const uint64_t missing_from = next_seq();
      const auto after = header_at(*next, file_bytes);
      gaps_.push_back({.file = name_,
                       .begin = offset,
                       .end = *next,
                       .first_seq = missing_from,
                       .last_seq = after->first_seq - 1,
                       .cause = header.error().detail});
      offset = *next;
      continue;
    }
    if (footer_.blocks.size() == kBlocksPerSegmentMax) return {};
    if (header->first_seq < next_seq()) {
      gaps_.push_back({.file = name_,
                       .begin = offset,
                       .end = offset + header->block_bytes(),
                       .cause = "a block is out of place"});
    } else {
      footer_.blocks.push_back({offset, *header});
    }
    offset += header->block_bytes();
    valid_bytes_ = offset;
  }
  return {};
}

Result<uint64_t> SegmentReader::find_block(uint64_t from,
                                           uint64_t file_bytes) const {
  constexpr size_t kWindowBytes = 1 << 20;
  const std::string_view magic(reinterpret_cast<const char*>(&kBlockMagic),
                               sizeof(kBlockMagic));
  std::string window;
  for (uint64_t at = from; at < file_bytes; at += kWindowBytes) {
    // A little more than the step, so that no magic is cut by a window's end.
    LOGD_RETURN_IF_ERROR(
        pread_up_to(file_.get(), at, kWindowBytes + magic.size(), window));
    for (size_t hit = window.find(magic); hit != std::string::npos;
         hit = window.find(magic, hit + 1)) {
      const uint64_t offset = at + hit;
      if (offset % kAlignment == 0 && header_at(offset, file_bytes)) {
        return offset;
      }
    }
  }
  return fail(ErrorCode::kNotFound, "no further block");
}

uint64_t SegmentReader::next_seq() const {
  if (footer_.blocks.empty()) return header_.first_seq;
  return footer_.blocks.back().header.last_seq + 1;
}

Result<BlockReader> SegmentReader::read_block(size_t index) const {
  const BlockRef& block = footer_.blocks[index];
  return BlockReader::open(file_.get(), block.offset, block.header, seed_);
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
