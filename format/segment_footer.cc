#include "format/segment_footer.h"

#include "format/checksum.h"
#include "format/coding.h"
#include "format/limits.h"

namespace logfmt {
namespace {

enum class Section : uint8_t {
  kBlocks = 1,
  kUnits = 2,
  kIdentifiers = 3,
  kFields = 4,
  kUses = 5,
};

void append_section(std::string& out, Section tag, std::string_view bytes) {
  append_fixed(out, tag);
  append_fixed(out, static_cast<uint32_t>(bytes.size()));
  out.append(bytes);
}

std::string encode_names(const NameTable& names) {
  std::string out;
  append_varint(out, names.size());
  for (const auto& [name, blocks] : names) {
    append_length_prefixed(out, name);
    append_fixed(out, blocks);
  }
  return out;
}

bool decode_names(std::string_view bytes, NameTable& names) {
  Decoder in(bytes);
  const uint64_t count = in.varint();
  for (uint64_t i = 0; i < count && in.ok(); ++i) {
    const auto name = in.length_prefixed();
    const auto blocks = in.fixed<uint16_t>();
    if (in.ok()) names.emplace(name, blocks);
  }
  return in.ok();
}

bool decode_blocks(std::string_view bytes, uint64_t seed,
                   std::vector<BlockRef>& blocks) {
  Decoder in(bytes);
  const uint64_t count = in.varint();
  if (count > kBlocksPerSegmentMax) return false;
  for (uint64_t i = 0; i < count; ++i) {
    const auto offset = in.fixed<uint64_t>();
    auto header = decode_block_header(in.length_prefixed(), seed);
    if (!in.ok() || !header) return false;
    blocks.push_back({offset, std::move(*header)});
  }
  return true;
}

void mark(NameTable& table, const std::set<std::string, std::less<>>& names,
          size_t block) {
  for (const std::string& name : names) {
    table[name] |= static_cast<uint16_t>(1u << block);
  }
}

static_assert(kBlocksPerSegmentMax <= 16, "one bit of a u16 for each block");

}  // namespace

void SegmentFooter::add(uint64_t offset, const BlockHeader& header,
                        const BlockNames& names, const UnitUses& block_uses) {
  const size_t block = blocks.size();
  blocks.push_back({offset, header});
  mark(units, names.units, block);
  mark(identifiers, names.identifiers, block);
  mark(fields, names.fields, block);
  add_uses(uses, block_uses);
}

bool SegmentFooter::knows_uses() const {
  uint64_t rows = 0;
  for (const BlockRef& block : blocks) rows += block.header.rows;
  return total_of(uses).rows == rows;
}

std::string SegmentFooter::encode(uint64_t offset, uint64_t seed) const {
  std::string index;
  append_varint(index, blocks.size());
  for (const BlockRef& block : blocks) {
    append_fixed(index, block.offset);
    append_length_prefixed(index, block.header.encode(seed));
  }
  std::string out;
  append_section(out, Section::kBlocks, index);
  append_section(out, Section::kUnits, encode_names(units));
  append_section(out, Section::kIdentifiers, encode_names(identifiers));
  append_section(out, Section::kFields, encode_names(fields));
  if (knows_uses()) append_section(out, Section::kUses, encode_uses(uses));
  const size_t footer_bytes = out.size();
  std::string trailer;
  append_fixed(trailer, offset);
  append_fixed(trailer, static_cast<uint32_t>(footer_bytes));
  append_fixed(trailer, kFormatVersion);
  append_fixed(trailer, checksum(out, seed));
  append_fixed(trailer, checksum(trailer, seed));
  trailer.append(kTrailerMagic.data(), kTrailerMagic.size());
  return out + trailer;
}

Result<Trailer> decode_trailer(std::string_view bytes, uint64_t seed) {
  constexpr size_t kCovered = 24;
  if (bytes.size() != kTrailerBytes) {
    return fail(ErrorCode::kTruncated, "no room for a trailer");
  }
  Decoder in(bytes);
  Trailer trailer;
  trailer.footer_offset = in.fixed<uint64_t>();
  trailer.footer_bytes = in.fixed<uint32_t>();
  const auto version = in.fixed<uint32_t>();
  trailer.footer_checksum = in.fixed<uint64_t>();
  const auto own_checksum = in.fixed<uint64_t>();
  if (in.fixed<FileMagic>() != kTrailerMagic ||
      own_checksum != checksum(bytes.substr(0, kCovered), seed)) {
    return fail(ErrorCode::kCorrupt, "the segment has no trailer that checks");
  }
  if (version != kFormatVersion || trailer.footer_bytes > kFooterBytesMax) {
    return fail(ErrorCode::kUnsupported, "a footer of a newer version");
  }
  return trailer;
}

Result<SegmentFooter> decode_footer(std::string_view bytes, uint64_t seed) {
  Decoder in(bytes);
  SegmentFooter footer;
  while (in.ok() && !in.at_end()) {
    const auto tag = in.fixed<Section>();
    const auto section = in.bytes(in.fixed<uint32_t>());
    bool good = in.ok();
    if (tag == Section::kBlocks) {
      good = good && decode_blocks(section, seed, footer.blocks);
    } else if (tag == Section::kUnits) {
      good = good && decode_names(section, footer.units);
    } else if (tag == Section::kIdentifiers) {
      good = good && decode_names(section, footer.identifiers);
    } else if (tag == Section::kFields) {
      good = good && decode_names(section, footer.fields);
    } else if (tag == Section::kUses) {
      auto uses = decode_uses(section);
      good = good && uses.has_value();
      if (good) footer.uses = std::move(*uses);
    }
    if (!good) return fail(ErrorCode::kCorrupt, "a footer makes no sense");
  }
  return footer;
}

}  // namespace logfmt
