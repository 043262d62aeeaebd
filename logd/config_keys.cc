#include "logd/config_keys.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace logd {
namespace {

using logfmt::ErrorCode;
using logfmt::Result;
using logfmt::Status;
using std::chrono::microseconds;

Status invalid(std::string detail) {
  return logfmt::fail(ErrorCode::kInvalidArgument, std::move(detail));
}

// Sizes and spans may be written without quotes where they have no unit.
Result<std::string> text_of(const ConfigValue& value) {
  if (const auto* text = std::get_if<std::string>(&value.content)) return *text;
  if (const auto* number = std::get_if<int64_t>(&value.content))
    return std::to_string(*number);
  return logfmt::fail(
      ErrorCode::kInvalidArgument,
      fmt::format("expected a quoted text, not {}", value.kind));
}

Status read_bool(const ConfigValue& value, bool* out) {
  const auto* content = std::get_if<bool>(&value.content);
  if (content == nullptr)
    return invalid("expected true or false, without quotes");
  *out = *content;
  return {};
}

Status read_bytes(const ConfigValue& value, uint64_t* out) {
  const auto text = text_of(value);
  if (!text) return logfmt::fail(text.error());
  const auto bytes = parse_bytes(*text);
  if (!bytes) return logfmt::fail(bytes.error());
  if (*bytes < kLineBytesMin || *bytes > kLineBytesMax)
    return invalid(fmt::format("\"{}\" is out of range; expected {} to {}K",
                               *text, kLineBytesMin, kLineBytesMax >> 10));
  *out = *bytes;
  return {};
}

// A size that may be "0", for none.
Status read_unit_use(const ConfigValue& value, uint64_t* out) {
  const auto text = text_of(value);
  if (!text) return logfmt::fail(text.error());
  const auto bytes = parse_bytes(*text);
  if (!bytes) return logfmt::fail(bytes.error());
  if (*bytes != 0 && *bytes < kUnitUseBytesMin)
    return invalid(
        fmt::format("\"{}\" is too small; expected \"0\" (no limit) or at "
                    "least {}M",
                    *text, kUnitUseBytesMin >> 20));
  *out = *bytes;
  return {};
}

Status read_size_limit(const ConfigValue& value, uint64_t bytes_min,
                       SizeLimit* out) {
  const auto text = text_of(value);
  if (!text) return logfmt::fail(text.error());
  const auto limit = parse_size_limit(*text);
  if (!limit) return logfmt::fail(limit.error());
  if (limit->percent == 0 && limit->bytes < bytes_min)
    return invalid(fmt::format("\"{}\" is too small; expected at least {}M",
                               *text, bytes_min >> 20));
  *out = *limit;
  return {};
}

struct SpanRange {
  microseconds min;
  microseconds max;
  std::string_view words;
};

Status read_span(const ConfigValue& value, const SpanRange& range,
                 microseconds* out) {
  const auto text = text_of(value);
  if (!text) return logfmt::fail(text.error());
  const auto span = parse_span(*text);
  if (!span) return logfmt::fail(span.error());
  if (*span < range.min || *span > range.max)
    return invalid(
        fmt::format("\"{}\" is out of range; expected {}", *text, range.words));
  *out = *span;
  return {};
}

// Messages in the span of limits.per; "0" for any number of them.
template <class Rate>
Status read_rate(const ConfigValue& value, Rate* out) {
  const auto* number = std::get_if<int64_t>(&value.content);
  if (number == nullptr)
    return invalid("expected a whole number of messages, without quotes");
  if (*number < 0 || *number > kRateMax)
    return invalid(
        fmt::format("\"{}\" is out of range; expected 0 (no limit) to {}",
                    *number, kRateMax));
  *out = static_cast<uint64_t>(*number);
  return {};
}

Status read_rate_bytes(const ConfigValue& value, std::optional<uint64_t>* out) {
  const auto text = text_of(value);
  if (!text) return logfmt::fail(text.error());
  const auto bytes = parse_bytes(*text);
  if (!bytes) return logfmt::fail(bytes.error());
  if (*bytes != 0 && (*bytes < kRateBytesMin || *bytes > kRateBytesMax))
    return invalid(
        fmt::format("\"{}\" is out of range; expected \"0\" (no limit) or {}K "
                    "to {}T",
                    *text, kRateBytesMin >> 10, kRateBytesMax >> 40));
  *out = *bytes;
  return {};
}

constexpr SpanRange kMaxAgeRange{microseconds(0), kSpanMax,
                                 "\"0\" (never) to \"100 years\""};
constexpr SpanRange kSyncRange{kSyncIntervalMin, kSyncIntervalMax,
                               "\"10ms\" to \"1h\""};
constexpr SpanRange kRotateRange{kRotateAfterMin, kSpanMax,
                                 "\"1s\" to \"100 years\""};
constexpr SpanRange kRateSpan{kRateSpanMin, kRateSpanMax, "\"1s\" to \"1d\""};

constexpr ConfigKey kKeys[] = {
    {"store", "max_use",
     [](const ConfigValue& value, Config* config) {
       return read_size_limit(value, kMaxUseBytesMin, &config->store.max_use);
     }},
    {"store", "keep_free",
     [](const ConfigValue& value, Config* config) {
       return read_size_limit(value, 0, &config->store.keep_free);
     }},
    {"store", "max_age",
     [](const ConfigValue& value, Config* config) {
       return read_span(value, kMaxAgeRange, &config->store.max_age);
     }},
    {"store", "sync_interval",
     [](const ConfigValue& value, Config* config) {
       return read_span(value, kSyncRange, &config->store.sync_interval);
     }},
    {"store", "rotate_after",
     [](const ConfigValue& value, Config* config) {
       return read_span(value, kRotateRange, &config->store.rotate_after);
     }},
    {"store", "recompress",
     [](const ConfigValue& value, Config* config) {
       return read_bool(value, &config->store.recompress);
     }},
    {"intake", "syslog",
     [](const ConfigValue& value, Config* config) {
       return read_bool(value, &config->intake.syslog);
     }},
    {"intake", "native",
     [](const ConfigValue& value, Config* config) {
       return read_bool(value, &config->intake.native);
     }},
    {"intake", "stdout",
     [](const ConfigValue& value, Config* config) {
       return read_bool(value, &config->intake.stdout);
     }},
    {"intake", "kmsg",
     [](const ConfigValue& value, Config* config) {
       return read_bool(value, &config->intake.kmsg);
     }},
    {"intake", "line_max",
     [](const ConfigValue& value, Config* config) {
       return read_bytes(value, &config->intake.line_bytes_max);
     }},
    {"limits", "rate",
     [](const ConfigValue& value, Config* config) {
       return read_rate(value, &config->limits.rate);
     }},
    {"limits", "rate_bytes",
     [](const ConfigValue& value, Config* config) {
       return read_rate_bytes(value, &config->limits.rate_bytes);
     }},
    {"limits", "per",
     [](const ConfigValue& value, Config* config) {
       return read_span(value, kRateSpan, &config->limits.per);
     }},
};

constexpr UnitKey kUnitKeys[] = {
    {"max_use",
     [](const ConfigValue& value, const UnitTable& unit) {
       return read_unit_use(value, &unit.limit->max_use_bytes);
     }},
    {"max_age",
     [](const ConfigValue& value, const UnitTable& unit) -> Status {
       microseconds span{};
       LOGD_RETURN_IF_ERROR(read_span(value, kMaxAgeRange, &span));
       unit.limit->max_age_us = static_cast<uint64_t>(span.count());
       return {};
     }},
    {"rate",
     [](const ConfigValue& value, const UnitTable& unit) {
       return read_rate(value, &unit.rate->rate);
     }},
    {"rate_bytes",
     [](const ConfigValue& value, const UnitTable& unit) {
       return read_rate_bytes(value, &unit.rate->rate_bytes);
     }},
};

}  // namespace

std::span<const ConfigKey> config_keys() { return kKeys; }
std::span<const UnitKey> unit_keys() { return kUnitKeys; }

}  // namespace logd
