#include "logd/intake/rfc5424_parser.h"

#include <algorithm>

#include "logd/intake/claims.h"
#include "logd/intake/text_scan.h"

namespace logd {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

struct Header {
  SyslogStamp stamp{};
  std::string_view host{};  // here and below: empty for "-"
  std::string_view app{};
  std::string_view process{};
  std::string_view msgid{};
};

// The next word and the one blank behind it. A word is not empty and holds no
// control characters: LF in a header is a sign that this is other text.
bool take_word(std::string_view& rest, std::string_view& out) {
  size_t size = 0;
  while (size < rest.size() && rest[size] != ' ') {
    if (static_cast<unsigned char>(rest[size]) < ' ') return false;
    ++size;
  }
  if (size == 0) return false;
  out = rest.substr(0, size);
  if (out == "-") out = {};
  rest.remove_prefix(size);
  take(rest, ' ');
  return true;
}

bool take_stamp(std::string_view& rest, const SyslogContext& context,
                SyslogStamp& out) {
  if (rest.starts_with('-')) {
    rest.remove_prefix(1);
  } else {
    const auto stamp = scan_rfc5424_stamp(rest, context);
    if (!stamp) return false;
    out = *stamp;
    rest.remove_prefix(out.text.size());
  }
  return rest.empty() || take(rest, ' ');
}

// Fields that are missing at the end are taken as "-".
bool take_header(std::string_view& rest, const SyslogContext& context,
                 Header& out) {
  if (!take(rest, '1') || !take(rest, ' ')) return false;
  if (!take_stamp(rest, context, out.stamp)) return false;
  for (std::string_view* word :
       {&out.host, &out.app, &out.process, &out.msgid}) {
    if (rest.empty()) return true;
    if (!take_word(rest, *word)) return false;
  }
  return true;
}

// An SD-NAME: no blank, '=', ']' or '"' in it, and not empty.
bool take_name(std::string_view& rest) {
  const size_t size = std::min(rest.find_first_of(" =]\""), rest.size());
  rest.remove_prefix(size);
  return size > 0;
}

bool take_quoted(std::string_view& rest) {
  if (!take(rest, '"')) return false;
  for (size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '\\') {
      ++i;
    } else if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

void skip_blanks(std::string_view& rest) {
  while (take(rest, ' ')) {
  }
}

// "[id name="value" name=value ]".
bool take_element(std::string_view& rest) {
  if (!take(rest, '[') || !take_name(rest)) return false;
  while (!rest.empty()) {
    if (take(rest, ']')) return true;
    if (!take(rest, ' ')) return false;
    skip_blanks(rest);
    if (take(rest, ']')) return true;
    if (!take_name(rest) || !take(rest, '=')) return false;
    skip_blanks(rest);
    const bool quoted = rest.starts_with('"');
    if (!(quoted ? take_quoted(rest) : take_name(rest))) return false;
  }
  return false;
}

// Empty where there is none, or where it is not well-formed.
std::string_view take_structured_data(std::string_view& rest) {
  if (rest == "-" || rest.starts_with("- ")) {
    rest.remove_prefix(1);
    take(rest, ' ');
    return {};
  }
  std::string_view ahead = rest;
  while (ahead.starts_with('[')) {
    if (!take_element(ahead)) return {};
  }
  const std::string_view data = rest.substr(0, rest.size() - ahead.size());
  rest = ahead;
  if (!data.empty()) take(rest, ' ');
  return data;
}

void add_if_said(std::string_view name, std::string_view value, Message& out) {
  if (!value.empty()) out.add(name, value);
}

}  // namespace

bool parse_rfc5424(std::string_view text, const SyslogContext& context,
                   Message& out) {
  Header header;
  std::string_view rest = text;
  if (!take_header(rest, context, header)) return false;
  if (header.app.size() > kIdentifierBytesMax) return false;
  const std::string_view data = take_structured_data(rest);
  if (rest.starts_with(kByteOrderMark)) {
    rest.remove_prefix(kByteOrderMark.size());
  }

  out.add(logfmt::field::kMessage, rest);
  if (!header.app.empty()) out.identifier = header.app;
  out.stamp_us = header.stamp.time_us;
  add_if_said(field::kSyslogPid, header.process, out);
  add_if_said(field::kSyslogTimestamp, header.stamp.text, out);
  add_if_said(field::kSyslogHostname, header.host, out);
  add_if_said(field::kSyslogMsgid, header.msgid, out);
  add_if_said(field::kStructuredData, data, out);
  return true;
}

}  // namespace logd
