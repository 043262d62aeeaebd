// Collects entries, in order of seq, and makes a block of them.
//
// Payloads that are the same are kept once, as a line; columns/text_encoder.h
// sees to that, and to what the lines have in common.
//
// Not thread-safe. The entries' bytes are copied; nothing needs to outlive
// add().
#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "format/block_header.h"
#include "format/columns/text_encoder.h"
#include "format/compression.h"
#include "format/entry.h"
#include "format/planes.h"

namespace logfmt {

// The names that occur in a block; what a segment's footer is made of.
struct BlockNames {
  std::set<std::string, std::less<>> units{};
  std::set<std::string, std::less<>> identifiers{};
  std::set<std::string, std::less<>> fields{};

  // Notes the field of a context: its name, and its value if it is a unit or
  // an identifier.
  void add_context_field(const Field& field);
  // Notes the name of a payload's field.
  void add_payload_field(const Field& field);
};

struct EncodedBlock {
  BlockHeader header{};
  std::string bytes{};
  BlockNames names{};
};

class BlockBuilder {
 public:
  explicit BlockBuilder(uint64_t seed) : seed_(seed) {}

  // Whether the entry may join: greater seq, room left.
  bool accepts(const EntryView& entry) const;
  void add(const EntryView& entry);

  bool empty() const { return rows_.empty(); }
  size_t rows() const { return rows_.size(); }

  // The block, with its parts compressed at that zstd level; empties the
  // builder, which must hold a row.
  EncodedBlock finish(int level);
  // Frees the room that is kept for the next block. The builder is empty.
  void release_memory();

 private:
  struct Row {
    uint64_t seq;
    uint64_t realtime_us;
    uint32_t context;
    uint32_t pid;
    uint8_t priority;
  };
  struct Context {
    std::string fields;
    uint32_t sender = 0;  // the same for all with the same identifier
    uint32_t last_pid = 0;
  };

  uint32_t intern(std::string_view fields);
  bool has_room_for(const Id128& boot) const;
  uint32_t intern(const Id128& boot);
  uint32_t line_of(const EntryView& entry, uint32_t context);
  PlaneStream meta_part(std::span<const uint64_t> templates);
  BlockHeader summarize() const;
  void append_part(BlockPart part, std::string_view raw, int level,
                   EncodedBlock& block, std::span<const size_t> cuts = {});

  uint64_t seed_;
  Compressor compressor_;
  std::vector<Row> rows_;
  std::deque<Context> contexts_;  // the keys below point into it
  std::unordered_map<std::string_view, uint32_t> context_ids_;
  uint32_t last_context_ = 0;  // entries of a sender come in runs
  struct ClockRun {
    uint64_t first_row;
    uint32_t boot;
    int64_t offset_us;
  };
  std::vector<Id128> boots_;
  std::vector<ClockRun> clock_runs_;
  size_t context_bytes_ = 0;
  std::vector<uint32_t> lines_;  // by row
  TextEncoder text_;
  size_t payload_bytes_ = 0;  // of all rows
  BlockNames names_;
  bool message_named_ = false;  // names_ has it; nearly every line has it too
};

}  // namespace logfmt
