// The grammars of single option values: text to a part of a query, or an error
// that names the option, quotes what was given and says what is expected.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/result.h"
#include "query/engine/query.h"

namespace logq {

struct LineCount {
  std::optional<uint64_t> count{};  // not set: all
  bool from_oldest = false;         // "+N"
};

// "err" or "3": that priority and all more urgent ones. "warning..err", in
// either order: those from one to the other. Bits as in Query::priority_mask.
logfmt::Result<uint16_t> parse_priorities(std::string_view text);

// Names or numbers, separated by commas. Bits as in Query::facility_mask.
logfmt::Result<uint32_t> parse_facilities(std::string_view text);
std::string facility_names();  // one a line, for --facility=help

// "N", "+N" or "all".
logfmt::Result<LineCount> parse_lines(std::string_view text);

// "", "N", "ID", "ID+N", "ID-N"; nothing for "all".
logfmt::Result<std::optional<BootSelector>> parse_boot(std::string_view text);

logfmt::Result<bool> parse_bool(std::string_view text);

// FIELD=VALUE, FIELD!=VALUE and "+" to the groups of a query.
logfmt::Result<std::vector<FieldGroup>> parse_terms(
    const std::vector<std::string>& words);

// journald's rule: 1-64 characters of A-Z, 0-9 and _, no digit in front.
bool is_field_name(std::string_view name);

// "bot" is "bot.service". Left alone: names with a unit suffix, and globs that
// end in "*", which reach the suffix by themselves.
std::string unit_name(std::string_view given);

// Whether an argument after -n or -b is its value, and no other word.
bool looks_like_lines(std::string_view text);
bool looks_like_boot(std::string_view text);

}  // namespace logq
