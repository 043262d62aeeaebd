// A time and a span as a person writes them.
#include "query/time_span.h"
#include "query/time_spec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto zone = logq::TimeZone::named("Europe/Berlin");
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const logq::TimeContext context{.now_us = 1'796'040'000'000'000,
                                  .zone = *zone};
  const auto time = logq::parse_time(text, context);
  if (!time && time.error().detail.empty()) __builtin_trap();
  const auto span = logq::parse_span(text, logq::BareNumber::kSeconds);
  if (span && *span > logq::kSpanUsMax) __builtin_trap();
  return 0;
}
