#include "logd/intake/stream_header.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "logd/intake/text_scan.h"

namespace logd {
namespace {

constexpr int kPriorityMax = 999;

// All of the text is a decimal number of digits alone, at most `max`.
template <class T>
std::optional<T> parse_number(std::string_view text, T max) {
  T value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (text.empty() || !is_digit(text.front()) || parsed.ec != std::errc{} ||
      parsed.ptr != end || value > max) {
    return std::nullopt;
  }
  return value;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char c, char expected) {
                      return (c >= 'A' && c <= 'Z' ? c + 32 : c) == expected;
                    });
}

// systemd's spellings.
std::optional<bool> parse_boolean(std::string_view text) {
  constexpr std::array<std::string_view, 6> kTrue = {"1", "yes",  "y",
                                                     "t", "true", "on"};
  constexpr std::array<std::string_view, 6> kFalse = {"0", "no",    "n",
                                                      "f", "false", "off"};
  const auto is = [&](std::string_view word) {
    return equals_ignoring_case(text, word);
  };
  if (std::any_of(kTrue.begin(), kTrue.end(), is)) return true;
  if (std::any_of(kFalse.begin(), kFalse.end(), is)) return false;
  return std::nullopt;
}

tl::unexpected<logfmt::Error> bad_line(int line, std::string_view expected) {
  std::string detail = "stream header line ";
  detail += std::to_string(line + 1);
  detail += ": expected ";
  detail += expected;
  return logfmt::fail(logfmt::ErrorCode::kInvalidArgument, std::move(detail));
}

// Whatever the text, the header stays seven lines that a daemon accepts.
void append_line(std::string& out, std::string_view text) {
  text = text.substr(0, text.find_first_of(std::string_view("\n\0", 2)));
  out += text.substr(0, StreamHeader::kLineBytesMax);
  out += '\n';
}

}  // namespace

std::string StreamHeader::encode() const {
  std::string out;
  append_line(out, identifier);
  append_line(out, unit);
  append_line(out, std::to_string(std::clamp(priority, 0, kPriorityMax)));
  out += level_prefix ? "1\n" : "0\n";
  out += "0\n0\n";
  if (kind == StreamKind::kUnknown) return out + "0\n";
  out += kind == StreamKind::kStdout ? "stdout " : "stderr ";
  return out + std::to_string(child_pid) + '\n';
}

logfmt::Status StreamHeaderParser::take_line(std::string_view line) {
  if (complete()) return bad_line(line_, "no more lines");
  if (line.size() > StreamHeader::kLineBytesMax) {
    return bad_line(line_, "at most 254 bytes");
  }
  if (line.find('\0') != std::string_view::npos) {
    return bad_line(line_, "text without NUL");
  }
  LOGD_RETURN_IF_ERROR(take_text(strip_right(strip_left(line))));
  ++line_;
  return {};
}

logfmt::Status StreamHeaderParser::take_text(std::string_view text) {
  if (line_ == 0) {
    header_.identifier = text;
  } else if (line_ == 1) {
    header_.unit = text;
  } else if (line_ == 2) {
    const auto priority = parse_number(text, kPriorityMax);
    if (!priority) return bad_line(line_, "a priority, 0 to 999");
    header_.priority = *priority;
  } else if (line_ < StreamHeader::kLines - 1) {
    const auto value = parse_boolean(text);
    if (!value) return bad_line(line_, "a boolean such as 1 or no");
    if (line_ == 3) header_.level_prefix = *value;
  } else {
    return take_last_line(text);
  }
  return {};
}

logfmt::Status StreamHeaderParser::take_last_line(std::string_view text) {
  if (parse_boolean(text)) return {};
  constexpr uint32_t kPidMax = 1 << 22;  // the kernel's PID_MAX_LIMIT
  const size_t blank = text.find(' ');
  const std::string_view name = text.substr(0, blank);
  if (blank != std::string_view::npos &&
      (name == "stdout" || name == "stderr")) {
    const auto pid = parse_number(text.substr(blank + 1), kPidMax);
    if (pid) {
      header_.kind =
          name == "stdout" ? StreamKind::kStdout : StreamKind::kStderr;
      header_.child_pid = *pid;
      return {};
    }
  }
  return bad_line(line_, "a boolean, or 'stdout PID' or 'stderr PID'");
}

}  // namespace logd
