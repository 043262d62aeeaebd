#include "query/care/care_options.h"

#include <charconv>
#include <cmath>

#include "query/command_line.h"
#include "query/time_span.h"

namespace logq {
namespace {

using logfmt::ErrorCode;
using logfmt::fail;
using logfmt::Result;

constexpr std::string_view kDumpWord = "dump";

std::optional<uint64_t> read_count(std::string_view text) {
  uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return value;
}

// log2 of what a unit stands for; nothing for an unknown one.
std::optional<int> unit_shift(std::string_view unit) {
  if (unit.empty() || unit == "B") return 0;
  const size_t which = std::string_view("KMGTPE").find(unit.front());
  const auto rest = unit.substr(1);
  if (which == std::string_view::npos ||
      !(rest.empty() || rest == "B" || rest == "iB")) {
    return std::nullopt;
  }
  return static_cast<int>(10 * (which + 1));
}

void forget_zero(std::optional<uint64_t>& limit) {
  if (limit == 0) limit.reset();
}

logfmt::Status read_vacuum(const CommandLine& line, VacuumLimits& limits) {
  limits.asked = line.vacuum_size || line.vacuum_time || line.vacuum_files;
  if (line.vacuum_size) {
    auto bytes = parse_bytes(*line.vacuum_size);
    if (!bytes) {
      bytes.error().detail.insert(0, "--vacuum-size: ");
      return fail(std::move(bytes.error()));
    }
    limits.bytes = *bytes;
  }
  if (line.vacuum_time) {
    limits.age_us = parse_span(*line.vacuum_time, BareNumber::kSeconds);
    if (!limits.age_us) {
      return fail(ErrorCode::kInvalidArgument,
                  "--vacuum-time: cannot read the span \"" + *line.vacuum_time +
                      "\"; expected 12h, 30d, 2weeks, ...");
    }
  }
  if (line.vacuum_files) {
    limits.files = read_count(*line.vacuum_files);
    if (!limits.files) {
      return fail(ErrorCode::kInvalidArgument,
                  "--vacuum-files: cannot read \"" + *line.vacuum_files +
                      "\"; expected how many segments may stay");
    }
  }
  forget_zero(limits.bytes);
  forget_zero(limits.age_us);
  forget_zero(limits.files);
  return {};
}

}  // namespace

Result<uint64_t> parse_bytes(std::string_view text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto read =
      std::from_chars(text.data(), end, number, std::chars_format::fixed);
  std::string_view unit(read.ptr, static_cast<size_t>(end - read.ptr));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  const auto shift = unit_shift(unit);
  const double bytes = shift ? std::ldexp(number, *shift) : 0;
  constexpr double kBytesMax = 9e18;
  if (read.ec != std::errc() || !shift || !(number >= 0) || bytes > kBytesMax) {
    return fail(ErrorCode::kInvalidArgument,
                "cannot read the size \"" + std::string(text) +
                    "\"; expected bytes, or a number with K, M, G or T");
  }
  return static_cast<uint64_t>(bytes);
}

Result<CareOptions> read_care(const CommandLine& line) {
  CareOptions care{.flush = line.flush,
                   .sync = line.sync,
                   .rotate = line.rotate,
                   .yes = line.yes};
  LOGD_RETURN_IF_ERROR(read_vacuum(line, care.vacuum));
  if (!line.terms.empty() && line.terms.front() == kDumpWord) {
    if (line.terms.size() != 2) {
      return fail(ErrorCode::kInvalidArgument,
                  "dump explains one file: logq dump FILE");
    }
    care.dump_file = line.terms.back();
  }
  if (line.block) {
    care.dump_block = read_count(*line.block);
    if (!care.dump_block) {
      return fail(ErrorCode::kInvalidArgument,
                  "--block: cannot read \"" + *line.block +
                      "\"; expected the number of a block, from 0");
    }
    if (care.dump_file.empty()) {
      return fail(ErrorCode::kInvalidArgument,
                  "--block belongs to dump: logq dump FILE --block N");
    }
  }
  return care;
}

}  // namespace logq
