// A gap: entries that a reader could not return, and why. Damage is reported,
// never skipped in silence and never papered over.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace logfmt {

struct Gap {
  std::string file{};
  uint64_t begin = 0;  // bytes [begin, end) of the file
  uint64_t end = 0;
  // The entries that are missing, as far as their neighbours tell.
  std::optional<uint64_t> first_seq{};
  std::optional<uint64_t> last_seq{};
  std::string cause{};

  // "gap: FILE bytes A-B entries S-T (N): CAUSE", "?" for what is not known.
  std::string message() const;
};

}  // namespace logfmt
