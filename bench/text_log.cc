#include "bench/text_log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <iterator>
#include <utility>

namespace logbench {
namespace {

constexpr std::string_view kNewline = "#012";

}  // namespace

TextLog::TextLog(std::string path, std::ofstream file)
    : path_(std::move(path)), file_(std::move(file)) {}

logfmt::Result<TextLog> TextLog::create(const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  if (!file) return logfmt::fail_errno("cannot create " + path);
  return TextLog(path, std::move(file));
}

void TextLog::add(const MadeEntry& entry) {
  const logfmt::FieldList context(entry.context);
  line_.clear();
  fmt::format_to(
      std::back_inserter(line_),
      "{}.{:06}+00:00 {} {}[{}]: ", second(entry.realtime_us / 1'000'000),
      entry.realtime_us % 1'000'000,
      context.find(logfmt::field::kHostname).value_or("-"),
      context.find(logfmt::field::kIdentifier).value_or("-"), entry.pid);
  for (const char c : entry.message()) {
    if (c == '\n') {
      line_ += kNewline;
    } else {
      line_ += c;
    }
  }
  line_ += '\n';
  file_ << line_;
}

logfmt::Status TextLog::finish() {
  file_.close();
  if (!file_) return logfmt::fail_errno("cannot write " + path_);
  return {};
}

std::string_view TextLog::second(uint64_t realtime_s) {
  if (realtime_s != second_) {
    second_ = realtime_s;
    second_text_ = fmt::format(
        "{:%FT%T}", fmt::gmtime(static_cast<std::time_t>(realtime_s)));
  }
  return second_text_;
}

}  // namespace logbench
