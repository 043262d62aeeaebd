#include "format/block_reader.h"

#include <algorithm>
#include <utility>

#include "format/checksum.h"
#include "format/columns/line_order.h"
#include "format/columns/line_text.h"
#include "format/file.h"
#include "format/limits.h"
#include "format/planes.h"

namespace logfmt {
namespace {

tl::unexpected<Error> bad_meta(uint64_t offset) {
  return fail(ErrorCode::kCorrupt, "the columns of a block make no sense",
              offset);
}

}  // namespace

BlockReader::BlockReader(int fd, uint64_t offset, const BlockHeader& header,
                         uint64_t seed)
    : fd_(fd), offset_(offset), header_(header), seed_(seed) {}

Result<BlockReader> BlockReader::open(int fd, uint64_t offset,
                                      const BlockHeader& header,
                                      uint64_t seed) {
  if (header.codec != BlockCodec::kTemplates) {
    return fail(ErrorCode::kUnsupported,
                "a block was written by a newer version of logd", offset);
  }
  if (header.payload_bytes > kFrameRawBytesMax) return bad_meta(offset);
  BlockReader reader(fd, offset, header, seed);
  auto meta = reader.load_part(BlockPart::kMeta);
  if (!meta) return fail(std::move(meta.error()));
  LOGD_RETURN_IF_ERROR(reader.decode_meta(*meta));
  return reader;
}

Result<std::string> BlockReader::read_strings(int fd, uint64_t offset,
                                              const BlockHeader& header,
                                              uint64_t seed) {
  return BlockReader(fd, offset, header, seed).load_part(BlockPart::kStrings);
}

Status BlockReader::check_parts(int fd, uint64_t offset,
                                const BlockHeader& header, uint64_t seed) {
  BlockReader reader(fd, offset, header, seed);
  for (size_t i = 0; i < kBlockParts; ++i) {
    auto part = reader.read_part(static_cast<BlockPart>(i));
    if (!part) return fail(std::move(part.error()));
  }
  return {};
}

// As it is stored, checked.
Result<std::string> BlockReader::read_part(BlockPart part) {
  const PartHeader& header = header_.parts[static_cast<size_t>(part)];
  std::string stored;
  LOGD_RETURN_IF_ERROR(pread_exactly(fd_, offset_ + header_.part_offset(part),
                                     header.stored_bytes, stored));
  if (checksum(stored, seed_) != header.checksum) {
    return fail(ErrorCode::kCorrupt, "a part of a block does not check",
                offset_);
  }
  return stored;
}

Result<std::string> BlockReader::load_part(BlockPart part) {
  const auto stored = read_part(part);
  if (!stored) return stored;
  const PartHeader& header = header_.parts[static_cast<size_t>(part)];
  std::string raw;
  LOGD_RETURN_IF_ERROR(decompressor_.decompress(*stored, header.compression,
                                                header.raw_bytes, raw));
  return raw;
}

Status BlockReader::decode_meta(std::string_view meta) {
  Decoder in(meta);
  const uint64_t context_count = in.varint();
  if (context_count > kBlockRowsMax) return bad_meta(offset_);
  for (uint64_t i = 0; i < context_count; ++i) {
    contexts_.emplace_back(in.length_prefixed());
    if (!FieldList(contexts_.back()).well_formed()) return bad_meta(offset_);
  }
  if (!decode_boots(in) || !decode_clock_runs(in)) return bad_meta(offset_);
  const uint64_t first_realtime_us = in.varint();
  if (!in.ok()) return bad_meta(offset_);
  return decode_columns(in, first_realtime_us);
}

bool BlockReader::decode_boots(Decoder& in) {
  const uint64_t count = in.varint();
  if (count == 0 || count > kBlockBootsMax) return false;
  for (uint64_t i = 0; i < count; ++i) {
    boots_.push_back({in.fixed<decltype(Id128::bytes)>()});
  }
  // The header alone decides whether a query for a boot looks in here.
  return boots_[0] == header_.boot && (count > 1) == header_.several_boots;
}

bool BlockReader::decode_clock_runs(Decoder& in) {
  const uint64_t count = in.varint();
  if (count > header_.rows) return false;
  uint64_t boots_met = 0;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t first_row = in.varint();
    const uint64_t boot = in.varint();
    const bool in_order = i == 0 ? first_row == 0
                                 : first_row > clock_runs_.back().first_row &&
                                       first_row < header_.rows;
    if (!in_order || boot > boots_met) return false;
    boots_met = std::max(boots_met, boot + 1);
    clock_runs_.push_back({.first_row = first_row,
                           .boot = static_cast<uint32_t>(boot),
                           .offset_us = unzigzag(in.varint())});
  }
  // So every boot has a row, and every row a boot.
  return boots_met == boots_.size();
}

Status BlockReader::decode_columns(Decoder& in, uint64_t realtime_us) {
  const size_t rows = header_.rows;
  std::vector<uint64_t> column;
  if (!read_planes(in, rows, seqs_)) return bad_meta(offset_);
  uint64_t seq = header_.first_seq;
  for (size_t i = 0; i < rows; ++i) {
    seq += seqs_[i] + (i == 0 ? 0 : 1);
    seqs_[i] = seq;
  }
  if (!read_planes(in, rows, realtimes_)) return bad_meta(offset_);
  for (uint64_t& value : realtimes_) {
    realtime_us += static_cast<uint64_t>(unzigzag(value));
    value = realtime_us;
  }
  if (!read_planes(in, rows, priorities_) ||
      !read_planes(in, rows, contexts_of_rows_) ||
      *std::max_element(priorities_.begin(), priorities_.end()) > kNoPriority ||
      *std::max_element(contexts_of_rows_.begin(), contexts_of_rows_.end()) >=
          contexts_.size()) {
    return bad_meta(offset_);
  }
  if (!read_planes(in, rows, column)) return bad_meta(offset_);
  std::vector<int64_t> last_pids(contexts_.size(), 0);
  pids_.resize(rows);
  for (size_t i = 0; i < rows; ++i) {
    int64_t& last = last_pids[contexts_of_rows_[i]];
    last += unzigzag(column[i]);
    pids_[i] = static_cast<uint32_t>(last);
  }
  if (seqs_.back() != header_.last_seq) return bad_meta(offset_);
  text_columns_ = in.rest();
  return {};
}

Status BlockReader::load_text() {
  if (text_) return {};
  Decoder in(text_columns_);
  std::vector<uint32_t> codes;
  std::vector<uint32_t> templates;
  uint32_t line_count = 0;
  if (!read_planes(in, header_.rows, codes) ||
      !decode_line_order(codes, lines_, line_count) ||
      !read_planes(in, line_count, templates) || !in.at_end()) {
    return bad_meta(offset_);
  }
  if (!strings_) {
    auto strings = load_part(BlockPart::kStrings);
    if (!strings) return fail(std::move(strings.error()));
    strings_ = std::move(*strings);
  }
  auto text = TextReader::open(*std::exchange(strings_, std::nullopt),
                               std::move(templates));
  if (!text) return fail(std::move(text.error()));
  text_.emplace(std::move(*text));
  payloads_of_lines_.resize(line_count);
  return {};
}

Status BlockReader::load_numbers() {
  LOGD_RETURN_IF_ERROR(load_text());
  if (text_->numbers_loaded()) return {};
  auto numbers = load_part(BlockPart::kNumbers);
  if (!numbers) return fail(std::move(numbers.error()));
  return text_->load_numbers(std::move(*numbers));
}

Status BlockReader::load_payloads(std::span<const uint32_t> rows) {
  LOGD_RETURN_IF_ERROR(load_numbers());
  TextBuffer text;
  for (const uint32_t row : rows) {
    LOGD_RETURN_IF_ERROR(load_payload_of(lines_[row], text));
  }
  return {};
}

Status BlockReader::load_payloads() {
  LOGD_RETURN_IF_ERROR(load_numbers());
  payloads_.reserve(header_.payload_bytes);
  TextBuffer text;
  uint64_t bytes = 0;
  for (size_t row = 0; row < rows(); ++row) {
    LOGD_RETURN_IF_ERROR(load_payload_of(lines_[row], text));
    bytes += payload(row).size();
  }
  if (bytes != header_.payload_bytes) return bad_meta(offset_);
  return {};
}

// `text` is room to work in.
Status BlockReader::load_payload_of(uint32_t line, TextBuffer& text) {
  Payload& payload = payloads_of_lines_[line];
  if (payload.loaded) return {};
  text.clear();
  const size_t offset = payloads_.size();
  if (!text_->append_text(line, text) ||
      !append_payload(text.view(), payloads_) ||
      payloads_.size() > header_.payload_bytes) {
    return bad_meta(offset_);
  }
  payload = {.offset = static_cast<uint32_t>(offset),
             .bytes = static_cast<uint32_t>(payloads_.size() - offset),
             .loaded = true};
  return {};
}

std::string_view BlockReader::payload(size_t row) const {
  const Payload& payload = payloads_of_lines_[lines_[row]];
  return std::string_view(payloads_).substr(payload.offset, payload.bytes);
}

const BlockReader::ClockRun& BlockReader::clock_run(size_t row) const {
  const auto next = std::upper_bound(
      clock_runs_.begin(), clock_runs_.end(), row,
      [](uint64_t at, const ClockRun& run) { return at < run.first_row; });
  return *(next - 1);
}

EntryView BlockReader::entry(size_t row) const {
  const ClockRun& run = clock_run(row);
  EntryView entry;
  entry.seq = seqs_[row];
  entry.boot_id = boots_[run.boot];
  entry.realtime_us = realtimes_[row];
  entry.monotonic_us = entry.realtime_us - static_cast<uint64_t>(run.offset_us);
  entry.priority = priorities_[row];
  entry.pid = pids_[row];
  entry.context = context_fields(contexts_of_rows_[row]);
  entry.payload = FieldList(payload(row));
  return entry;
}

}  // namespace logfmt
