// Entries that own their bytes: what tests write, and compare with what is
// read.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "format/entry.h"

namespace logfmt::testing {

struct Sample {
  uint64_t seq = 1;
  uint64_t realtime_us = 1'700'000'000'000'000;
  uint64_t monotonic_us = 5'000'000;
  uint8_t priority = 6;
  uint32_t pid = 4711;
  Id128 boot{};
  std::string context{};  // encoded field lists
  std::string payload{};

  EntryView view() const;
  bool operator==(const Sample&) const = default;
};

Sample copy_of(const EntryView& entry);

using Pairs = std::vector<std::pair<std::string, std::string>>;
std::string fields(const Pairs& pairs);

// A plain entry of a unit, one second after the one before.
Sample plain(uint64_t seq, const std::string& unit, const std::string& message);
// `count` plain entries of a few units, from that number on.
std::vector<Sample> plain_run(uint64_t first_seq, size_t count);
// Entries of every awkward kind: odd bytes, no payload, no priority, pid 0,
// holes in the numbers, clocks that jump. The same for the same seed.
std::vector<Sample> awkward_run(uint64_t seed, size_t count);

// One line for each entry, with every byte that is not printable escaped.
std::string listing(const std::vector<Sample>& entries);

}  // namespace logfmt::testing
