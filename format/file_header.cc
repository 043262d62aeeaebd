#include "format/file_header.h"

#include "format/checksum.h"
#include "format/coding.h"

namespace logfmt {
namespace {

constexpr size_t kChecksumAt = kFileHeaderBytes - sizeof(uint64_t);

}  // namespace

std::string FileHeader::encode() const {
  std::string out;
  out.append(magic.data(), magic.size());
  append_fixed(out, kFormatVersion);
  append_fixed(out, compatible_flags);
  append_fixed(out, incompatible_flags);
  append_fixed(out, level);
  append_fixed(out, store.bytes);
  if (magic == kSegmentMagic) {
    append_fixed(out, end_seq);
    append_fixed(out, uint64_t{0});
  } else {
    append_fixed(out, boot.bytes);
  }
  append_fixed(out, first_seq);
  append_fixed(out, created_us);
  append_fixed(out, checksum(out, checksum_seed(store)));
  return out;
}

Result<FileHeader> decode_file_header(std::string_view bytes,
                                      const FileMagic& magic,
                                      const Id128& store) {
  if (bytes.size() < kFileHeaderBytes) {
    return fail(ErrorCode::kTruncated, "the file ends within its header");
  }
  Decoder in(bytes.substr(0, kFileHeaderBytes));
  FileHeader header;
  header.magic = in.fixed<FileMagic>();
  const auto version = in.fixed<uint32_t>();
  header.compatible_flags = in.fixed<uint32_t>();
  header.incompatible_flags = in.fixed<uint32_t>();
  header.level = in.fixed<uint32_t>();
  header.store.bytes = in.fixed<decltype(Id128::bytes)>();
  if (header.magic == kSegmentMagic) {
    header.end_seq = in.fixed<uint64_t>();
    (void)in.fixed<uint64_t>();
  } else {
    header.boot.bytes = in.fixed<decltype(Id128::bytes)>();
  }
  header.first_seq = in.fixed<uint64_t>();
  header.created_us = in.fixed<uint64_t>();
  const auto stored_checksum = in.fixed<uint64_t>();
  if (header.magic != magic) {
    return fail(ErrorCode::kCorrupt, "not a file of the expected kind");
  }
  if (checksum(bytes.substr(0, kChecksumAt), checksum_seed(header.store)) !=
      stored_checksum) {
    return fail(ErrorCode::kCorrupt, "the file header does not check");
  }
  if (header.store != store) {
    return fail(ErrorCode::kCorrupt, "the file belongs to another store");
  }
  if (version != kFormatVersion ||
      (header.incompatible_flags & ~kKnownIncompatibleFlags) != 0) {
    return fail(ErrorCode::kUnsupported,
                "the file was written by a newer version of logd");
  }
  return header;
}

}  // namespace logfmt
