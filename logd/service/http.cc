#include "logd/service/http.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace logd {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";

HttpParse refuse(HttpStatus status) { return {.refused = status}; }

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

std::string_view trimmed(std::string_view text) {
  const size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(begin);
  const size_t end = text.find_last_not_of(" \t");
  return text.substr(0, end == text.npos ? 0 : end + 1);
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_';
  });
}

// METHOD SP TARGET SP HTTP/1.x
std::optional<HttpRequest> parse_request_line(std::string_view line) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == line.npos || first == last) return std::nullopt;
  const auto method = line.substr(0, first);
  const auto target = line.substr(first + 1, last - first - 1);
  const auto version = line.substr(last + 1);
  if (!is_token(method) || !target.starts_with('/') ||
      target.find(' ') != target.npos ||
      (version != "HTTP/1.1" && version != "HTTP/1.0")) {
    return std::nullopt;
  }
  return HttpRequest{.method = std::string(method),
                     .path = std::string(target.substr(0, target.find('?')))};
}

// The length of the body, or why there cannot be one.
struct BodyLength {
  size_t bytes = 0;
  std::optional<HttpStatus> refused{};
};

BodyLength body_length(std::string_view headers) {
  BodyLength length;
  while (!headers.empty()) {
    const size_t end = std::min(headers.find(kLineEnd), headers.size());
    const auto line = headers.substr(0, end);
    headers.remove_prefix(std::min(end + kLineEnd.size(), headers.size()));
    const size_t colon = line.find(':');
    if (colon == line.npos || !is_token(line.substr(0, colon))) {
      return {.refused = HttpStatus::kBadRequest};
    }
    const auto name = line.substr(0, colon);
    const auto value = trimmed(line.substr(colon + 1));
    if (equals_ignoring_case(name, "Transfer-Encoding")) {
      return {.refused = HttpStatus::kNotImplemented};
    }
    if (!equals_ignoring_case(name, "Content-Length")) continue;
    const char* const value_end = value.data() + value.size();
    const auto read = std::from_chars(value.data(), value_end, length.bytes);
    if (read.ec != std::errc() || read.ptr != value_end) {
      return {.refused = HttpStatus::kBadRequest};
    }
    if (length.bytes > kHttpBodyBytesMax) {
      return {.refused = HttpStatus::kTooLarge};
    }
  }
  return length;
}

std::string_view reason(HttpStatus status) {
  switch (status) {
    case HttpStatus::kOk:
      return "OK";
    case HttpStatus::kBadRequest:
      return "Bad Request";
    case HttpStatus::kForbidden:
      return "Forbidden";
    case HttpStatus::kNotFound:
      return "Not Found";
    case HttpStatus::kMethodNotAllowed:
      return "Method Not Allowed";
    case HttpStatus::kTooLarge:
      return "Content Too Large";
    case HttpStatus::kFailed:
      return "Internal Server Error";
    case HttpStatus::kNotImplemented:
      return "Not Implemented";
    case HttpStatus::kUnavailable:
      return "Service Unavailable";
  }
  return "";
}

}  // namespace

HttpParse parse_http(std::string_view received) {
  const size_t head_end = received.find(kHeadEnd);
  if (std::min(head_end, received.size()) > kHttpHeadBytesMax) {
    return refuse(HttpStatus::kTooLarge);
  }
  if (head_end == received.npos) return {};
  const auto head = received.substr(0, head_end);
  const size_t line_end = std::min(head.find(kLineEnd), head.size());
  auto request = parse_request_line(head.substr(0, line_end));
  if (!request) return refuse(HttpStatus::kBadRequest);
  const auto length = body_length(
      head.substr(std::min(line_end + kLineEnd.size(), head.size())));
  if (length.refused) return refuse(*length.refused);
  if (received.size() - head_end - kHeadEnd.size() < length.bytes) return {};
  return {.request = std::move(request)};
}

std::string http_response(HttpStatus status, std::string_view type,
                          std::string_view body) {
  return fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n"
      "Connection: close\r\n\r\n{}",
      static_cast<int>(status), reason(status), type, body.size(), body);
}

std::string json_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace logd
