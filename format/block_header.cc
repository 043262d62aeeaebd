#include "format/block_header.h"

#include <algorithm>

#include "format/checksum.h"
#include "format/coding.h"
#include "format/limits.h"

namespace logfmt {
namespace {

constexpr size_t kChecksummedFrom = 16;
constexpr uint16_t kAnyCount = 0xFFFF;
constexpr uint8_t kSeveralBootsFlag = 1;

uint16_t stored_count(const NameSummary& summary) {
  return summary.any ? kAnyCount : static_cast<uint16_t>(summary.hashes.size());
}

size_t listed(uint16_t count) { return count == kAnyCount ? 0 : count; }

Result<NameSummary> decode_summary(Decoder& in, uint16_t count) {
  NameSummary summary;
  summary.any = count == kAnyCount;
  if (listed(count) > kSummaryHashesMax) {
    return fail(ErrorCode::kLimit, "a block header lists too many names");
  }
  for (size_t i = 0; i < listed(count); ++i) {
    summary.hashes.push_back(in.fixed<uint32_t>());
  }
  return summary;
}

PartHeader decode_part(Decoder& in) {
  PartHeader part;
  part.checksum = in.fixed<uint64_t>();
  part.stored_bytes = in.fixed<uint32_t>();
  part.raw_bytes = in.fixed<uint32_t>();
  part.compression = in.fixed<Compression>();
  (void)in.bytes(7);
  return part;
}

Status check_sizes(const BlockHeader& header) {
  bool fits = header.rows > 0 && header.rows <= kBlockRowsMax &&
              header.last_seq >= header.first_seq &&
              header.last_seq - header.first_seq >= header.rows - 1;
  for (const PartHeader& part : header.parts) {
    fits = fits && part.raw_bytes <= kFrameRawBytesMax &&
           part.stored_bytes <= kFrameRawBytesMax;
  }
  if (!fits) return fail(ErrorCode::kLimit, "impossible sizes in a block");
  return {};
}

}  // namespace

bool NameSummary::may_contain(uint32_t hash) const {
  return any || std::binary_search(hashes.begin(), hashes.end(), hash);
}

size_t BlockHeader::header_bytes() const {
  const size_t names = units.hashes.size() + identifiers.hashes.size();
  return aligned(kBlockFixedBytes + names * sizeof(uint32_t));
}

uint64_t BlockHeader::part_offset(BlockPart part) const {
  uint64_t offset = header_bytes();
  for (size_t i = 0; i < static_cast<size_t>(part); ++i) {
    offset += parts[i].stored_bytes;
  }
  return offset;
}

uint64_t BlockHeader::block_bytes() const {
  return aligned(part_offset(BlockPart::kNumbers) +
                 parts[static_cast<size_t>(BlockPart::kNumbers)].stored_bytes);
}

std::string BlockHeader::encode(uint64_t seed) const {
  std::string out;
  append_fixed(out, kBlockMagic);
  append_fixed(out, static_cast<uint16_t>(header_bytes()));
  append_fixed(out, codec);
  append_fixed(out, several_boots ? kSeveralBootsFlag : uint8_t{0});
  append_fixed(out, uint64_t{0});  // the checksum, below
  append_fixed(out, first_seq);
  append_fixed(out, last_seq);
  append_fixed(out, min_realtime_us);
  append_fixed(out, max_realtime_us);
  append_fixed(out, boot.bytes);
  append_fixed(out, payload_bytes);
  append_fixed(out, uint64_t{0});
  append_fixed(out, rows);
  append_fixed(out, priority_mask);
  append_fixed(out, stored_count(units));
  append_fixed(out, stored_count(identifiers));
  append_fixed(out, uint16_t{0});
  append_fixed(out, uint32_t{0});
  for (const PartHeader& part : parts) {
    append_fixed(out, part.checksum);
    append_fixed(out, part.stored_bytes);
    append_fixed(out, part.raw_bytes);
    append_fixed(out, part.compression);
    out.append(7, '\0');
  }
  for (const uint32_t hash : units.hashes) append_fixed(out, hash);
  for (const uint32_t hash : identifiers.hashes) append_fixed(out, hash);
  out.resize(header_bytes(), '\0');
  // What lies before the covered bytes takes part through the seed.
  Decoder head(out);
  const uint64_t prefix = head.fixed<uint64_t>();
  put_fixed(
      out.data() + 8,
      checksum(std::string_view(out).substr(kChecksummedFrom), seed ^ prefix));
  return out;
}

Result<BlockHeader> decode_block_header(std::string_view bytes, uint64_t seed) {
  if (bytes.size() < kBlockFixedBytes) {
    return fail(ErrorCode::kTruncated, "the file ends within a block header");
  }
  const uint64_t prefix = Decoder(bytes).fixed<uint64_t>();
  Decoder in(bytes);
  if (in.fixed<uint32_t>() != kBlockMagic) {
    return fail(ErrorCode::kCorrupt, "no block here");
  }
  const auto header_bytes = in.fixed<uint16_t>();
  if (header_bytes < kBlockFixedBytes || header_bytes > kBlockHeaderBytesMax) {
    return fail(ErrorCode::kCorrupt, "a block header of impossible length");
  }
  if (header_bytes > bytes.size()) {
    return fail(ErrorCode::kTruncated, "the file ends within a block header");
  }
  BlockHeader header;
  header.codec = in.fixed<BlockCodec>();
  const auto flags = in.fixed<uint8_t>();
  header.several_boots = (flags & kSeveralBootsFlag) != 0;
  const auto stored = in.fixed<uint64_t>();
  const auto covered =
      bytes.substr(kChecksummedFrom, header_bytes - kChecksummedFrom);
  if (checksum(covered, seed ^ prefix) != stored) {
    return fail(ErrorCode::kCorrupt, "a block header does not check");
  }
  if ((flags & ~kSeveralBootsFlag) != 0) {
    return fail(ErrorCode::kUnsupported,
                "a block was written by a newer version of logd");
  }
  header.first_seq = in.fixed<uint64_t>();
  header.last_seq = in.fixed<uint64_t>();
  header.min_realtime_us = in.fixed<uint64_t>();
  header.max_realtime_us = in.fixed<uint64_t>();
  header.boot.bytes = in.fixed<decltype(Id128::bytes)>();
  header.payload_bytes = in.fixed<uint64_t>();
  (void)in.fixed<uint64_t>();
  header.rows = in.fixed<uint32_t>();
  header.priority_mask = in.fixed<uint16_t>();
  const auto unit_count = in.fixed<uint16_t>();
  const auto identifier_count = in.fixed<uint16_t>();
  (void)in.fixed<uint16_t>();
  (void)in.fixed<uint32_t>();
  for (PartHeader& part : header.parts) part = decode_part(in);
  auto units = decode_summary(in, unit_count);
  if (!units) return fail(std::move(units.error()));
  auto identifiers = decode_summary(in, identifier_count);
  if (!identifiers) return fail(std::move(identifiers.error()));
  header.units = std::move(*units);
  header.identifiers = std::move(*identifiers);
  if (header.header_bytes() != header_bytes) {
    return fail(ErrorCode::kUnsupported, "a block header of another layout");
  }
  LOGD_RETURN_IF_ERROR(check_sizes(header));
  return header;
}

}  // namespace logfmt
