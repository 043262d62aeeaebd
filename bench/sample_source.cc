#include "bench/sample_source.h"

namespace logbench {
namespace {

constexpr double kPerSecond = 10'000;
constexpr uint32_t kPid = 700;

}  // namespace

SampleSource::SampleSource(uint64_t seed)
    : text_(seed), clock_(kMadeStartUs, kPerSecond, seed) {}

bool SampleSource::next(MadeEntry& entry) {
  text_.next(line_);
  std::string& context = contexts_[line_.identifier];
  if (context.empty()) {
    context = service_context(line_.identifier, Transport::kSyslog);
  }
  entry.boot_id = made_boot();
  entry.realtime_us = clock_.next_us();
  entry.monotonic_us = entry.realtime_us - kMadeStartUs + kMadeUptimeUs;
  entry.priority = static_cast<uint8_t>(line_.priority);
  entry.pid = kPid;
  entry.context = context;
  entry.payload.clear();
  logfmt::append_field(entry.payload, logfmt::field::kMessage, line_.text);
  return true;
}

std::vector<MadeEntry> SampleSource::take(size_t count) {
  std::vector<MadeEntry> entries(count);
  for (MadeEntry& entry : entries) (void)next(entry);
  return entries;
}

}  // namespace logbench
