#include "logd/intake/rfc3164_parser.h"

#include <algorithm>

#include "logd/intake/claims.h"
#include "logd/intake/text_scan.h"

namespace logd {
namespace {

struct Tag {
  std::optional<std::string_view> name{};
  std::string_view pid{};
};

std::string_view first_word(std::string_view text) {
  size_t end = 0;
  while (end < text.size() && !is_white_space(text[end])) ++end;
  return text.substr(0, end);
}

// The stamp's field has the blank behind it, as journald stores it.
void take_stamp(std::string_view& rest, const SyslogStamp& stamp,
                Message& out) {
  const std::string_view whole = rest;
  rest.remove_prefix(stamp.text.size());
  take(rest, ' ');
  out.stamp_us = stamp.time_us;
  out.add(field::kSyslogTimestamp, whole.substr(0, whole.size() - rest.size()));
}

void add_tag(const Tag& tag, Message& out) {
  out.identifier = tag.name;
  if (!tag.pid.empty()) out.add(field::kSyslogPid, tag.pid);
}

// "name[pid]:" as journald cuts it: the last bracket counts, and an empty name
// before one is a name. Unlike there, a lone colon, JSON's first key and what
// follows a broken PRI are text.
std::optional<Tag> split_colon_word(std::string_view word) {
  if (!word.ends_with(':') || word.size() == 1 || word.starts_with('{') ||
      word.starts_with('<')) {
    return std::nullopt;
  }
  word.remove_suffix(1);
  Tag tag{word, {}};
  if (word.ends_with(']')) {
    const size_t open = word.rfind('[');
    if (open != std::string_view::npos) {
      tag.name = word.substr(0, open);
      tag.pid = word.substr(open + 1, word.size() - open - 2);
    }
  }
  if (tag.name->size() > kIdentifierBytesMax) return std::nullopt;
  return tag;
}

void take_white_space(std::string_view& rest) {
  if (!rest.empty() && is_white_space(rest.front())) rest.remove_prefix(1);
}

// Takes "name[pid]: " from the front, or nothing.
bool take_colon_tag(std::string_view& rest, Message& out) {
  const std::string_view word = first_word(rest);
  const auto tag = split_colon_word(word);
  if (!tag) return false;
  rest.remove_prefix(word.size());
  take_white_space(rest);
  add_tag(*tag, out);
  return true;
}

// Text that is a phrase of its own and would otherwise be read as a host.
bool is_repeat_notice(std::string_view text) {
  return text.starts_with("last message repeated ");
}

bool is_name_byte(char c) {
  constexpr std::string_view kMarks = "._-/()";
  return is_letter(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80 ||
         kMarks.find(c) != std::string_view::npos;
}

// A tag without a colon has to look like a program's name, or every payload's
// first word would be one: no counters, dashes or CSV.
bool is_plain_name(std::string_view word) {
  return std::all_of(word.begin(), word.end(), is_name_byte) &&
         std::any_of(word.begin(), word.end(), [](char c) {
           return is_letter(c) || static_cast<unsigned char>(c) >= 0x80;
         });
}

bool is_address(std::string_view word) {
  const std::string_view number = word.substr(0, word.find('%'));
  return std::count(number.begin(), number.end(), ':') >= 2 &&
         number.find_first_not_of("0123456789abcdefABCDEF:.") ==
             std::string_view::npos;
}

bool is_host(std::string_view word) {
  if (is_address(word)) return true;
  constexpr std::string_view kMarks = "@%~+";
  return !word.empty() && word.front() != '%' &&
         std::all_of(word.begin(), word.end(), [&](char c) {
           return is_name_byte(c) || kMarks.find(c) != std::string_view::npos;
         });
}

// The reader of one network text. `rest_` is what is not recognised yet.
class NetworkText {
 public:
  NetworkText(std::string_view text, Message& out) : rest_(text), out_(out) {}

  void parse(const SyslogContext& context);
  bool complete() const { return complete_; }

 private:
  bool take_stamp_and_sequence(const SyslogContext& context);
  bool take_host();
  void take_tag();
  void take_plain_tag(std::string_view word);
  void take_bracket_tag(size_t open);
  bool skip_blanks();

  std::string_view rest_;
  Message& out_;
  bool complete_ = true;  // every byte is in a field
};

bool NetworkText::skip_blanks() {
  const size_t blanks = std::min(rest_.find_first_not_of(' '), rest_.size());
  rest_.remove_prefix(blanks);
  if (blanks > 0) complete_ = false;
  return blanks > 0;
}

// Cisco puts a message counter before the stamp: "29: *Mar  1 00:00:45: ".
bool NetworkText::take_stamp_and_sequence(const SyslogContext& context) {
  const size_t digits = rest_.find_first_not_of("0123456789");
  if (digits != 0 && digits != std::string_view::npos &&
      rest_.substr(digits).starts_with(": ")) {
    const std::string_view ahead = rest_.substr(digits + 2);
    if (scan_network_stamp(ahead, context)) {
      rest_ = ahead;
      complete_ = false;
    }
  }
  const auto stamp = scan_network_stamp(rest_, context);
  if (stamp) take_stamp(rest_, *stamp, out_);
  return stamp.has_value();
}

// False when the text cannot go on with a tag.
bool NetworkText::take_host() {
  constexpr std::string_view kRelayed = "Message forwarded from ";
  const bool relayed = rest_.starts_with(kRelayed);
  const std::string_view ahead = rest_.substr(relayed ? kRelayed.size() : 0);
  const std::string_view word = first_word(ahead);
  std::string_view host = word;
  if (relayed && host.ends_with(':')) host.remove_suffix(1);
  const bool is_tag = (host.ends_with(':') && !is_address(host)) ||
                      host.find('[') != std::string_view::npos;
  if (is_tag && !relayed) return true;
  if (!is_host(host)) return false;
  if (host != "-") out_.add(field::kSyslogHostname, host);
  if (host == "-" || relayed) complete_ = false;
  rest_ = ahead.substr(word.size());
  take(rest_, ' ');
  return true;
}

// "name[pid]" and the colon behind it, or nothing; `open` is the bracket.
void NetworkText::take_bracket_tag(size_t open) {
  const std::string_view word = first_word(rest_);
  const size_t close = word.find(']', open);
  if (close == std::string_view::npos || open == 0 ||
      open > kIdentifierBytesMax) {
    return;
  }
  std::string_view after = rest_.substr(close + 1);
  if (!take(after, ':') && close + 1 != word.size()) return;
  add_tag({rest_.substr(0, open), rest_.substr(open + 1, close - open - 1)},
          out_);
  rest_ = after;
  take_white_space(rest_);
}

// A word without a colon, where it looks like a name.
void NetworkText::take_plain_tag(std::string_view word) {
  if (word == "-") {
    complete_ = false;
  } else if (is_plain_name(word) && word.size() <= kIdentifierBytesMax) {
    out_.identifier = word;
  } else {
    return;
  }
  rest_.remove_prefix(word.size());
  take_white_space(rest_);
}

// Up to a colon, a bracket or a blank.
void NetworkText::take_tag() {
  const bool lone_colon = first_word(rest_) == ":";
  if (lone_colon) {
    rest_.remove_prefix(1);
    take(rest_, ' ');
    complete_ = false;
  }
  const std::string_view word = first_word(rest_);
  const size_t end = word.find_first_of(":[\"'{}=,");
  if (end == std::string_view::npos) {
    if (!lone_colon) take_plain_tag(word);
  } else if (word[end] == '[') {
    take_bracket_tag(end);
  } else if (word[end] == ':' && end > 0 && end <= kIdentifierBytesMax) {
    out_.identifier = word.substr(0, end);
    rest_.remove_prefix(end + 1);
    take_white_space(rest_);
  }
}

// Without a stamp only "name:" or "name[pid]:" is surely a tag.
void NetworkText::parse(const SyslogContext& context) {
  const std::string_view whole = rest_;
  skip_blanks();
  if (take_stamp_and_sequence(context)) {
    if (!is_repeat_notice(rest_) && !skip_blanks() && take_host() &&
        !skip_blanks()) {
      take_tag();
    }
  } else if (rest_.starts_with('[') || !take_colon_tag(rest_, out_)) {
    rest_ = whole;
    complete_ = true;
  }
  out_.add(logfmt::field::kMessage, rest_);
}

}  // namespace

bool parse_local_rfc3164(std::string_view text, const SyslogContext& context,
                         Message& out) {
  std::string_view rest = text;
  const auto stamp = scan_local_stamp(rest, context);
  if (stamp) take_stamp(rest, *stamp, out);
  std::string_view ahead = strip_left(rest);
  if (take_colon_tag(ahead, out)) rest = ahead;
  out.add(logfmt::field::kMessage, rest);
  return stamp.has_value();
}

bool parse_network_rfc3164(std::string_view text, const SyslogContext& context,
                           Message& out) {
  NetworkText reader(text, out);
  reader.parse(context);
  return reader.complete();
}

}  // namespace logd
