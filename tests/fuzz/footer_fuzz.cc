// The input as a footer, and as a block header whose checksum is made right.
#include "format/checksum.h"
#include "format/coding.h"
#include "format/limits.h"
#include "format/segment_footer.h"

namespace {

void read_header(std::string bytes) {
  constexpr size_t kCoveredFrom = 16;
  if (bytes.size() < logfmt::kBlockFixedBytes) return;
  bytes.resize(std::min(bytes.size(), logfmt::kBlockHeaderBytesMax));
  logfmt::put_fixed(bytes.data(), logfmt::kBlockMagic);
  logfmt::put_fixed(bytes.data() + 4, static_cast<uint16_t>(bytes.size()));
  const auto prefix = logfmt::Decoder(bytes).fixed<uint64_t>();
  const auto covered = std::string_view(bytes).substr(kCoveredFrom);
  logfmt::put_fixed(bytes.data() + 8, logfmt::checksum(covered, prefix));
  const auto header = logfmt::decode_block_header(bytes, 0);
  if (!header) return;
  if (header->rows == 0 || header->rows > logfmt::kBlockRowsMax ||
      header->header_bytes() != bytes.size()) {
    __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto footer = logfmt::decode_footer(input, 0);
  if (footer && footer->blocks.size() > logfmt::kBlocksPerSegmentMax) {
    __builtin_trap();
  }
  (void)logfmt::decode_trailer(input, 0);
  read_header(std::string(input));
  return 0;
}
