// A 128-bit identifier: boot id, machine id, store uuid, stream id.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace logfmt {

struct Id128 {
  std::array<uint8_t, 16> bytes{};

  auto operator<=>(const Id128&) const = default;
  bool is_zero() const { return *this == Id128{}; }

  // 32 lower-case hex digits, as journald writes identifiers.
  std::string hex() const;

  // Accepts 32 hex digits, with or without the dashes of a UUID.
  static std::optional<Id128> parse(std::string_view text);
  // From the kernel's random source.
  static Id128 random();
};

}  // namespace logfmt
