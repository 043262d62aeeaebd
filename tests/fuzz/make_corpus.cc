// Writes what the fuzz targets of store and zone begin with: `make_corpus
// CORPUS`.
// Run by hand, once for each version of the format.
#include <cstddef>
#include <cstdio>

#include "format/block_builder.h"
#include "format/coding.h"
#include "format/segment_footer.h"
#include "logd/zone/landing_zone.h"
#include "tests/format/testing/entry_samples.h"
#include "tests/format/testing/log_lines.h"
#include "tests/format/testing/temp_dir.h"

namespace {

using logfmt::append_fixed;
using logfmt::testing::Sample;

using Entries = std::vector<Sample>;

Entries entries_of(uint64_t seed, size_t count) {
  logfmt::testing::LogLines lines(seed);
  Entries entries = logfmt::testing::plain_run(1, count);
  for (Sample& entry : entries) entry.payload = lines.next().payload;
  return entries;
}

logfmt::EncodedBlock block_of(const Entries& entries) {
  logfmt::BlockBuilder builder(0);
  for (const Sample& entry : entries) builder.add(entry.view());
  return builder.finish(1);
}

// As block_fuzz.cc reads it.
std::string block_input(const Entries& entries) {
  const logfmt::EncodedBlock block = block_of(entries);
  std::array<std::string, logfmt::kBlockParts> raw;
  logfmt::Decompressor decompressor;
  for (size_t i = 0; i < raw.size(); ++i) {
    const auto& part = block.header.parts[i];
    const auto at = block.header.part_offset(static_cast<logfmt::BlockPart>(i));
    const auto status = decompressor.decompress(
        std::string_view(block.bytes).substr(at, part.stored_bytes),
        part.compression, part.raw_bytes, raw[i]);
    if (!status) return {};
  }
  std::string input;
  append_fixed(input, uint8_t{block.header.several_boots});
  append_fixed(input, static_cast<uint16_t>(block.header.rows - 1));
  append_fixed(input, static_cast<uint32_t>(block.header.last_seq -
                                            block.header.first_seq));
  append_fixed(input, static_cast<uint32_t>(block.header.payload_bytes));
  append_fixed(input, static_cast<uint16_t>(raw[0].size()));
  append_fixed(input, static_cast<uint16_t>(raw[1].size()));
  return input + raw[0] + raw[1] + raw[2];
}

std::string footer_input(const Entries& entries) {
  const logfmt::EncodedBlock block = block_of(entries);
  logfmt::SegmentFooter footer;
  footer.add(80, block.header, block.names);
  const std::string bytes = footer.encode(80 + block.bytes.size(), 0);
  return bytes.substr(0, bytes.size() - logfmt::kTrailerBytes);
}

// As wal_fuzz.cc reads it: each context is said once, in the first frame.
std::string wal_input(const Entries& entries) {
  std::string body;
  append_fixed(body, uint8_t{0});
  logfmt::append_length_prefixed(body, entries[0].context);
  std::string input;
  uint8_t flags = 2;
  for (const Sample& entry : entries) {
    body += std::string("\1\6\0\0", 4);
    append_fixed(body, static_cast<uint32_t>(entry.payload.size()));
    body += entry.payload;
    append_fixed(input, flags);
    append_fixed(input, uint16_t{1});
    append_fixed(input, static_cast<uint16_t>(body.size()));
    input += body;
    body.clear();
    flags = 0;
  }
  return input + std::string("\1\0\0\0\0", 5);
}

// As zone_fuzz.cc reads it.
std::string zone_patch(uint8_t part, size_t place, const std::string& bytes) {
  std::string patch;
  append_fixed(patch, part);
  append_fixed(patch, static_cast<uint32_t>(place));
  append_fixed(patch, static_cast<uint16_t>(bytes.size()));
  return patch + bytes;
}

void write(const std::string& folder, const std::string& name,
           const std::string& bytes) {
  std::filesystem::create_directories(folder);
  logfmt::testing::write_whole(folder + "/" + name, bytes);
}

// What a worker did, and all of it with something wild in it.
void write_zones(const std::string& folder) {
  using logd::ZoneCommit;
  using logd::ZoneState;
  write(folder, "stored", "\x03");
  write(folder, "native_half", "\x37");
  write(folder, "bite", "\x1f");
  write(folder, "executed", "\x4f");
  const auto wild_in = [&](const char* what, uint8_t part, size_t place) {
    write(folder, std::string("wild_") + what,
          "\x0f" + zone_patch(part, place, std::string(8, '\xfe')));
  };
  const auto wild_in_commit = [&](const char* what, size_t place) {
    wild_in(what, 0, offsetof(ZoneState, commits) + sizeof(ZoneCommit) + place);
  };
  wild_in_commit("ring_head", offsetof(ZoneCommit, ring_head));
  wild_in_commit("drops", offsetof(ZoneCommit, drops));
  wild_in_commit("line_at", offsetof(ZoneCommit, stream) +
                                offsetof(logd::StreamChange, line_at));
  wild_in("ring_tail", 0, offsetof(ZoneState, ring_tail));
  wild_in("places", 0, offsetof(ZoneState, stream_places));
  wild_in("control_length", 1, offsetof(msghdr, msg_controllen));
  wild_in("control", 1, offsetof(msghdr, msg_control));
  wild_in("part_length", 2, 0);
  wild_in("frame", 4, 0);
  wild_in("stream", 5, 0);
}

void write_corpus(const std::string& root) {
  for (const size_t rows : {1, 3, 12, 60}) {
    const std::string name = std::to_string(rows) + "_rows";
    const Entries entries = entries_of(rows, rows);
    write(root + "/block", name, block_input(entries));
    write(root + "/footer", name, footer_input(entries));
    write(root + "/wal", name, wal_input(entries));
  }
  write(root + "/block", "odd",
        block_input(logfmt::testing::awkward_run(1, 40)));
  Entries boots = entries_of(6, 6);
  for (size_t i = 3; i < boots.size(); ++i) boots[i].boot.bytes[0] = 1;
  write(root + "/block", "boots", block_input(boots));
  write(root + "/footer", "block_header",
        block_of(entries_of(5, 5)).header.encode(0));
  write_zones(root + "/zone");
  const std::string id(32, 'a');
  write(root + "/store", "good", "logd store 1 " + id + "\n");
  write(root + "/store", "newer", "logd store 2 " + id + "\n");
  write(root + "/store", "short", "logd store 1 aaaa");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: make_corpus CORPUS-DIRECTORY\n", stderr);
    return 2;
  }
  write_corpus(argv[1]);
  return 0;
}
