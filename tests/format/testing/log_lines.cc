#include "tests/format/testing/log_lines.h"

#include <algorithm>
#include <array>

#include "format/field_list.h"

namespace logfmt::testing {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::array kWords{"timeout"sv,
                            "ok"sv,
                            "connection"sv,
                            "reset"sv,
                            "Session"sv,
                            "error"sv,
                            "disk"sv,
                            "sda1"sv,
                            "x86_64"sv,
                            "cafe\xcc\x81"sv,
                            "stra\xc3\x9f\x65"sv,
                            "K"sv,
                            "\xe2\x84\xaa"sv,
                            "v1.2.3"sv,
                            "a-b-c"sv,
                            "3x"sv,
                            "0x"sv,
                            "_1_"sv};

// Values at which an encoding of integers may give up, or get one wrong.
constexpr std::array kOddNumbers{"0"sv,
                                 "00"sv,
                                 "007"sv,
                                 "-0"sv,
                                 "-1"sv,
                                 "+5"sv,
                                 "--5"sv,
                                 "5-"sv,
                                 "5."sv,
                                 "5.."sv,
                                 ".5"sv,
                                 "1.0"sv,
                                 "1.10"sv,
                                 "1e9"sv,
                                 "0x1F"sv,
                                 "1_000"sv,
                                 "255"sv,
                                 "256"sv,
                                 "65536"sv,
                                 "4294967296"sv,
                                 "999999999999999999"sv,
                                 "1000000000000000000"sv,
                                 "9223372036854775807"sv,
                                 "9223372036854775808"sv,
                                 "-9223372036854775808"sv,
                                 "-9223372036854775809"sv,
                                 "18446744073709551615"sv,
                                 "18446744073709551616"sv,
                                 "00000000000000000000000001"sv,
                                 "123456789012345678901234567890"sv,
                                 ""sv,
                                 "nine"sv,
                                 "1\x01"sv,
                                 "\xc3\xa9"
                                 "1"sv};

constexpr std::array kOddTexts{""sv,
                               " "sv,
                               "\n"sv,
                               "\""sv,
                               "\"\""sv,
                               "\" \""sv,
                               "say \"it is 5\" and \"not"sv,
                               "\"a 1\"\"b 2\""sv,
                               "\\\"a 1\\\" \"b\\\" 2\""sv,
                               "end \"quoted 7"sv,
                               "\"two\nlines 2\" after"sv,
                               "\x01"sv,
                               "\x01\x01 1 \x01"sv,
                               "a\x01"
                               "1 b\x02"
                               "2"sv,
                               "\0\1\2\3\4\5"sv,
                               "x\0001y"sv,
                               "\xff\xfe broken \xc3"sv,
                               "\x80"
                               "1\x80 1\x80"sv,
                               "tail."sv,
                               "tail-1.-."sv,
                               "...---..."sv,
                               "1.2.3.4."sv,
                               "MESSAGE=1 CODE_LINE=2"sv,
                               "\x1f MESSAGE"sv};

std::string text(std::string_view value) { return std::string(value); }

std::string message(std::string_view value) {
  std::string list;
  append_field(list, "MESSAGE", value);
  return list;
}

}  // namespace

std::string LogLines::digits(size_t count) {
  std::string out(count, '0');
  for (char& digit : out) digit = static_cast<char>('0' + below(10));
  return out;
}

std::string LogLines::hex(size_t count) {
  std::string out(count, '0');
  for (char& digit : out) digit = "0123456789abcdef"[below(16)];
  return out;
}

std::string LogLines::odd_number() {
  return text(kOddNumbers[below(kOddNumbers.size())]);
}

std::string LogLines::number() {
  if (chance(40)) return odd_number();
  return std::to_string(below(size_t{1} << (1 + below(40))));
}

std::string LogLines::address() {
  if (chance(20)) return "fe80::" + hex(4) + ":" + hex(2);
  return "10." + std::to_string(below(3)) + "." + std::to_string(below(256)) +
         "." + std::to_string(below(256));
}

std::string LogLines::uuid() {
  return hex(8) + "-" + hex(4) + "-4" + hex(3) + "-a" + hex(3) + "-" + hex(12);
}

std::string LogLines::word() { return text(kWords[below(kWords.size())]); }

std::string LogLines::sshd() {
  if (chance(3)) {
    return "pam_unix(sshd:session): session closed for user user" + digits(1);
  }
  return "Failed password for " + text(chance(2) ? "invalid user " : "") +
         word() + " from " + address() + " port " + number() + " ssh2";
}

std::string LogLines::access() {
  return address() + " - - [" + digits(2) + "/Nov/2026:07:0" + digits(1) + ":" +
         digits(2) + " +0000] \"GET /" + word() + "/" + number() +
         "?q=" + hex(3) + " HTTP/1.1\" " + (chance(9) ? "500" : "200") + " " +
         number() + " \"-\" \"Mozilla/5.0 (" + word() + "; rv:" + number() +
         ")\"";
}

std::string LogLines::kernel() {
  if (chance(2)) {
    return text("[") + number() + "." + digits(6) +
           "] IN=eth0 OUT= MAC= SRC=" + address() +
           " DST=10.0.0.1 LEN=" + number() +
           " DPT=" + (chance(2) ? "22 " : "443 ");
  }
  return "bot[" + number() + "]: segfault at " + hex(1) + " ip 0000" + hex(12) +
         " sp 00007ffd" + hex(8) + " error 4 in libc.so.6";
}

std::string LogLines::json() {
  return "{\"level\":\"" + text(chance(3) ? "ERROR" : "info") +
         "\",\"id\":" + number() + ",\"took\":" + number() + "." + digits(2) +
         ",\"trace\":\"" + hex(16) + "\",\"msg\":\"" + word() + " " + word() +
         " " + number() + "\",\"ok\":" + (chance(2) ? "true}" : "null}");
}

std::string LogLines::traceback() {
  return "Traceback (most recent call last):\n  File \"/srv/" + word() +
         ".py\", line " + number() + ", in run\n    raise ValueError(" +
         number() + ")\nValueError: " + word();
}

std::string LogLines::counter() {
  counter_ += chance(30) ? below(100'000) : 1;
  std::string padded = std::to_string(counter_);
  padded.insert(0, 8 - std::min<size_t>(8, padded.size()), '0');
  return "processed item " + std::to_string(counter_) + " as #" + padded +
         " of 100000";
}

std::string LogLines::dated() {
  return "2026-11-" + digits(2) + "T0" + digits(1) + ":" + digits(2) + ":" +
         digits(2) + "." + digits(3) + "Z INFO job=" + uuid() + " " + word();
}

std::string LogLines::measured() {
  return "temp=" + text(chance(4) ? "-" : "") + digits(2) + "." + digits(1) +
         "C load=0." + digits(2) + " rate=" + number() +
         "/s code=" + odd_number() + " at " +
         std::to_string(1'700'000'000 + below(999));
}

std::string LogLines::plain_text() {
  return chance(2) ? word() : word() + " " + word() + ", " + word();
}

LogLine LogLines::next() {
  if (chance(16)) return {"odd", odd_payload()};
  switch (below(9)) {
    case 0:
      return {"sshd", message(sshd())};
    case 1:
      return {"nginx", message(access())};
    case 2:
      return {"kernel", message(kernel())};
    case 3:
      return {"api", message(json())};
    case 4:
      return {"bot", message(traceback())};
    case 5:
      return {"queue", message(counter())};
    case 6:
      return {"cron", message(dated())};
    case 7:
      return {"sensors", message(measured())};
    default:
      break;
  }
  std::string list = message(plain_text());
  append_field(list, "CODE_FILE", "src/" + word() + ".c");
  append_field(list, "CODE_LINE", number());
  if (chance(3)) append_field(list, "REQUEST_ID", uuid());
  return {"web", list};
}

std::string LogLines::odd_payload() {
  const std::string odd = text(kOddTexts[below(kOddTexts.size())]);
  std::string list;
  switch (below(6)) {
    case 0:  // no MESSAGE at all
      if (chance(2)) append_field(list, "NOTE", odd);
      return list;
    case 1:  // the last MESSAGE is the one that counts
      append_field(list, "MESSAGE", sshd());
      append_field(list, "NOTE", word());
      append_field(list, "MESSAGE", odd);
      return list;
    case 2:
      append_field(list, "ERRNO", odd_number());
      append_field(list, "MESSAGE", odd + number() + odd);
      return list;
    case 3: {
      std::string bytes(below(200), '\0');
      for (char& byte : bytes) byte = static_cast<char>(below(256));
      return message(bytes);
    }
    default:
      return message(odd);
  }
}

std::string LogLines::large_payload() {
  constexpr size_t kLargeBytes = 768 << 10;
  std::string list;
  if (chance(2)) {
    for (size_t i = 0; i < 1024; ++i) {
      append_field(list, "FIELD_" + std::to_string(i), number());
    }
    return list;
  }
  std::string large;
  while (large.size() < kLargeBytes) large += json() + "\n";
  append_field(list, "MESSAGE", large);
  append_field(list, "COREDUMP", std::string(kLargeBytes, '\1'));
  return list;
}

}  // namespace logfmt::testing
