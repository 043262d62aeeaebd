// A WAL of frames whose checksums hold and whose bodies hold anything.
//
// Input: frames, each a byte of flags (1: end, 2: starts an epoch, 4: entries
// before it are missing), u16 rows, u16 length, body.
#include <fcntl.h>

#include "format/checksum.h"
#include "format/coding.h"
#include "format/wal_reader.h"
#include "tests/format/testing/temp_dir.h"

namespace {

const logfmt::Id128 kStore{};

std::string framed(logfmt::Decoder& in, uint64_t& seq, uint64_t seed) {
  const auto flags = in.fixed<uint8_t>();
  const uint32_t rows = in.fixed<uint16_t>();
  const auto body = in.bytes(in.fixed<uint16_t>());
  if ((flags & 4) != 0) seq += 3;
  const logfmt::FrameHeader header{
      .body_bytes = static_cast<uint32_t>(body.size()),
      .body_checksum = logfmt::checksum(body, seed),
      .first_seq = seq,
      .rows = rows,
      .kind =
          (flags & 1) != 0 ? logfmt::FrameKind::kEnd : logfmt::FrameKind::kRows,
      .starts_epoch = (flags & 2) != 0};
  seq += rows;
  std::string frame(header.frame_bytes(), '\0');
  header.encode_to(frame.data(), seed);
  return frame.replace(logfmt::kFrameHeaderBytes, body.size(), body);
}

void read_all(const std::string& folder, const std::string& name) {
  const logfmt::Fd dir(open(folder.c_str(), O_RDONLY | O_DIRECTORY));
  auto reader = logfmt::WalReader::open(dir.get(), name, kStore);
  if (!reader || !reader->refresh()) __builtin_trap();
  uint64_t next_seq = 1;
  for (logfmt::EntryView entry; reader->next(entry);) {
    if (entry.seq < next_seq || !entry.payload.well_formed() ||
        !entry.context.well_formed() || entry.priority > logfmt::kNoPriority) {
      __builtin_trap();
    }
    next_seq = entry.seq + 1;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const logfmt::testing::TempDir folder;
  const std::string name = "0000000000000001.wal";
  const uint64_t seed = logfmt::checksum_seed(kStore);
  logfmt::Decoder in({reinterpret_cast<const char*>(data), size});
  std::string bytes =
      logfmt::FileHeader{.magic = logfmt::kWalMagic, .first_seq = 1}.encode();
  uint64_t seq = 1;
  while (in.ok() && !in.at_end()) bytes += framed(in, seq, seed);
  logfmt::testing::write_whole(folder / name, bytes);
  read_all(folder.path(), name);
  return 0;
}
