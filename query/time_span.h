// Spans of time as people and systemd.time(7) write them: "1h30m", "2 min",
// "90s", "1.5 hours", "3 weeks 2 days". A month is 30.44 days and a year
// 365.25, as there.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace logq {

// Longer spans are read as this one: more than any clock has seen.
inline constexpr uint64_t kSpanUsMax = 10'000ULL * 365 * 86'400 * 1'000'000;

enum class BareNumber { kRefused, kSeconds };

// In microseconds; nothing when the text is not a span. A number without a
// unit counts seconds where the caller allows it.
std::optional<uint64_t> parse_span(std::string_view text, BareNumber bare);

}  // namespace logq
