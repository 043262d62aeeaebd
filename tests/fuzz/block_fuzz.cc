// A block whose checksums hold and whose parts hold anything. What it gives
// are field lists; what it does not give is an error.
//
// Input: fixed-width whether of several boots, rows, seqs that the rows span,
// bytes of all payloads, bytes of meta, bytes of strings; then the three parts
// as they are.
#include <sys/mman.h>

#include "format/block_reader.h"
#include "format/checksum.h"
#include "format/file.h"
#include "format/limits.h"

namespace {

using logfmt::BlockHeader;
using logfmt::BlockPart;

void set_part(BlockHeader& header, BlockPart part, std::string_view raw) {
  const auto bytes = static_cast<uint32_t>(raw.size());
  header.parts[static_cast<size_t>(part)] = {
      .checksum = logfmt::checksum(raw, 0),
      .stored_bytes = bytes,
      .raw_bytes = bytes};
}

void read_all(int fd, const BlockHeader& header) {
  auto reader = logfmt::BlockReader::open(fd, 0, header, 0);
  if (!reader || !reader->load_payloads()) return;
  size_t total = 0;
  for (size_t row = 0; row < reader->rows(); ++row) {
    const auto entry = reader->entry(row);
    if (!entry.payload.well_formed() || !entry.context.well_formed() ||
        entry.priority > logfmt::kNoPriority) {
      __builtin_trap();
    }
    total += entry.payload.encoded().size();
  }
  if (total != header.payload_bytes) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  logfmt::Decoder in({reinterpret_cast<const char*>(data), size});
  BlockHeader header{.codec = logfmt::BlockCodec::kTemplates, .first_seq = 1};
  header.several_boots = (in.fixed<uint8_t>() & 1) != 0;
  header.rows = in.fixed<uint16_t>() + 1u;
  header.last_seq = header.first_seq + in.fixed<uint32_t>();
  header.payload_bytes = in.fixed<uint32_t>();
  const auto meta_bytes = in.fixed<uint16_t>();
  const auto strings_bytes = in.fixed<uint16_t>();
  const auto meta = in.bytes(meta_bytes);
  const auto strings = in.bytes(strings_bytes);
  if (!in.ok()) return 0;
  set_part(header, BlockPart::kMeta, meta);
  set_part(header, BlockPart::kStrings, strings);
  set_part(header, BlockPart::kNumbers, in.rest());
  std::string bytes = header.encode(0);
  const auto decoded = logfmt::decode_block_header(bytes, 0);
  if (!decoded) return 0;
  bytes.append(meta).append(strings).append(in.rest());
  const logfmt::Fd file(memfd_create("block", MFD_CLOEXEC));
  if (!logfmt::pwrite_all(file.get(), 0, bytes)) __builtin_trap();
  read_all(file.get(), *decoded);
  return 0;
}
