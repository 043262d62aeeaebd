#include "bench/corpus_source.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <fstream>
#include <iterator>

namespace logbench {
namespace {

constexpr uint64_t kSeed = 1;
constexpr uint32_t kFirstPid = 400;
constexpr uint32_t kPidStep = 37;
constexpr uint8_t kInfo = 6;
constexpr std::string_view kStreamIdentifier = "corpus";

}  // namespace

CorpusSource::CorpusSource(const CorpusOptions& options)
    : options_(options),
      clock_(kMadeStartUs, options.per_second, kSeed),
      redraw_(kSeed) {}

logfmt::Result<CorpusSource> CorpusSource::open(const CorpusOptions& options) {
  CorpusSource source(options);
  LOGD_RETURN_IF_ERROR(source.read_lines());
  if (source.lines_.empty()) {
    return logfmt::fail(logfmt::ErrorCode::kInvalidArgument,
                        options.path + " has no lines");
  }
  if (options.entries == 0) source.options_.entries = source.lines_.size();
  return source;
}

logfmt::Status CorpusSource::read_lines() {
  std::ifstream file(options_.path, std::ios::binary);
  if (!file) return logfmt::fail_errno("cannot open " + options_.path);
  text_.assign(std::istreambuf_iterator<char>(file), {});
  std::string_view rest(text_.data(), text_.size());
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    if (!options_.tagged) {
      lines_.push_back({&process(kStreamIdentifier), kInfo, line});
      continue;
    }
    auto parsed = parse_tagged(line);
    if (!parsed) return logfmt::fail(std::move(parsed.error()));
    lines_.push_back(*parsed);
  }
  return {};
}

logfmt::Result<CorpusSource::Line> CorpusSource::parse_tagged(
    std::string_view line) {
  const size_t tab = line.find('\t');
  if (tab == line.npos || line.size() < tab + 3 || line[tab + 2] != '\t' ||
      line[tab + 1] < '0' || line[tab + 1] > '7') {
    return logfmt::fail(
        logfmt::ErrorCode::kInvalidArgument,
        fmt::format("{} line {}: expected IDENTIFIER, a priority from 0 to 7 "
                    "and MESSAGE with tabs between them",
                    options_.path, lines_.size() + 1));
  }
  return Line{&process(line.substr(0, tab)),
              static_cast<uint8_t>(line[tab + 1] - '0'), line.substr(tab + 3)};
}

const CorpusSource::Process& CorpusSource::process(
    std::string_view identifier) {
  const Process*& known = by_identifier_[std::string(identifier)];
  if (known == nullptr) {
    const auto number = static_cast<uint32_t>(processes_.size());
    known = &processes_.emplace_back(Process{
        service_context(identifier, options_.tagged ? Transport::kSyslog
                                                    : Transport::kStream),
        kFirstPid + kPidStep * number});
  }
  return *known;
}

bool CorpusSource::next(MadeEntry& entry) {
  if (made_ == options_.entries) return false;
  Line line = lines_[made_ % lines_.size()];
  if (!options_.rare_identifier.empty() && made_ == options_.entries / 2) {
    line.process = &process(options_.rare_identifier);
  }
  entry.boot_id = made_boot();
  entry.realtime_us = clock_.next_us();
  if (options_.whole_seconds)
    entry.realtime_us -= entry.realtime_us % 1'000'000;
  entry.monotonic_us = entry.realtime_us - kMadeStartUs + kMadeUptimeUs;
  entry.priority = line.priority;
  entry.pid = line.process->pid;
  entry.context = line.process->context;
  write_payload(line, entry);
  ++made_;
  return true;
}

void CorpusSource::write_payload(const Line& line, MadeEntry& entry) {
  message_.assign(line.message);
  if (made_ >= lines_.size()) redraw_.apply(message_);
  if (options_.numbered) {
    fmt::format_to(std::back_inserter(message_), " seq={:09}", made_);
  }
  entry.payload.clear();
  if (options_.tagged) {
    logfmt::append_field(entry.payload, "SYSLOG_TIMESTAMP",
                         syslog_stamp(entry.realtime_us));
    logfmt::append_field(entry.payload, "SYSLOG_PID",
                         fmt::format_int(line.process->pid).str());
  }
  logfmt::append_field(entry.payload, logfmt::field::kMessage, message_);
}

// As syslog(3) writes it, for a machine that keeps UTC.
std::string_view CorpusSource::syslog_stamp(uint64_t realtime_us) {
  if (const uint64_t now_s = realtime_us / 1'000'000; now_s != stamp_s_) {
    stamp_s_ = now_s;
    stamp_ = fmt::format("{:%b %e %H:%M:%S} ",
                         fmt::gmtime(static_cast<std::time_t>(now_s)));
  }
  return stamp_;
}

}  // namespace logbench
