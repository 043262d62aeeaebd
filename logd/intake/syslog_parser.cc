#include "logd/intake/syslog_parser.h"

#include "logd/intake/claims.h"
#include "logd/intake/rfc3164_parser.h"
#include "logd/intake/rfc5424_parser.h"
#include "logd/intake/text_scan.h"

namespace logd {
namespace {

constexpr uint8_t kPriDefault = 1 << 3 | 5;  // user.notice
constexpr unsigned kPriMax = kFacilityMax << 3 | 7;

struct Pri {
  bool present = false;
  bool in_range = true;
  uint8_t value = kPriDefault;
};

// "<N>", N of one to three digits. A number above local7.debug has no meaning:
// it is taken off and the default stands in.
Pri take_pri(std::string_view& rest) {
  if (!rest.starts_with('<')) return {};
  unsigned value = 0;
  size_t i = 1;
  for (; i < rest.size() && i < 4 && is_digit(rest[i]); ++i) {
    value = value * 10 + static_cast<unsigned>(rest[i] - '0');
  }
  if (i == 1 || i == rest.size() || rest[i] != '>') return {};
  rest.remove_prefix(i + 1);
  if (value > kPriMax) return {true, false, kPriDefault};
  return {true, true, static_cast<uint8_t>(value)};
}

std::string_view strip_framing(std::string_view text) {
  while (!text.empty() &&
         (text.back() == '\0' || text.back() == '\n' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  return text;
}

// journald's strip: white space and NUL, in any order.
std::string_view strip_local_end(std::string_view text) {
  while (!text.empty() &&
         (text.back() == '\0' || is_white_space(text.back()))) {
    text.remove_suffix(1);
  }
  return text;
}

bool has_nul(std::string_view text) {
  return text.find('\0') != std::string_view::npos;
}

// False where journald would keep the original beside the fields.
bool parse_local(std::string_view datagram, std::string_view text,
                 const SyslogContext& context, Message& out) {
  const std::string_view body = strip_local_end(text);
  const bool stamped = parse_local_rfc3164(body, context, out);
  const bool stripped = datagram.empty() || is_white_space(datagram.front()) ||
                        body.end() != datagram.end();
  return stamped && !stripped && !has_nul(body);
}

}  // namespace

void parse_syslog(std::string_view datagram, SyslogForm form,
                  const SyslogContext& context, Message& out) {
  out.clear();
  const bool local = form == SyslogForm::kLocal;
  std::string_view text = strip_framing(datagram);
  std::string_view body = strip_left(text);
  const Pri pri = take_pri(body);
  if (pri.present || local) text = body;
  out.priority = pri.value & 7;
  out.facility = static_cast<int16_t>(pri.value >> 3);

  bool complete = pri.in_range;
  if (pri.present && parse_rfc5424(text, context, out)) {
    // Nothing but separators is missing from its fields.
  } else if (local) {
    complete &= parse_local(datagram, text, context, out);
  } else {
    complete &= parse_network_rfc3164(text, context, out);
  }
  // Only the kernel is facility 0, and it does not speak through /dev/log.
  if (local && out.facility == 0) out.facility = -1;
  if (!complete) out.add(field::kSyslogRaw, datagram);
}

}  // namespace logd
