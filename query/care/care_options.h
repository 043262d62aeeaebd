// What the command line says about looking after a store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "format/result.h"

namespace logq {

struct CommandLine;

// What may stay; not set: no limit of that kind, and 0 says the same, as it
// does to journalctl.
struct VacuumLimits {
  bool asked = false;
  std::optional<uint64_t> bytes{};
  std::optional<uint64_t> files{};
  std::optional<uint64_t> age_us{};
};

struct CareOptions {
  bool flush = false;
  bool sync = false;
  bool rotate = false;
  VacuumLimits vacuum{};
  bool yes = false;  // do not ask
  std::string dump_file{};
  std::optional<uint64_t> dump_block{};

  bool needs_logd() const { return flush || sync || rotate; }
};

logfmt::Result<CareOptions> read_care(const CommandLine& line);

// "50M", "8.5 GiB", "4096": bytes, counted by 1024.
logfmt::Result<uint64_t> parse_bytes(std::string_view text);

}  // namespace logq
