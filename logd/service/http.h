// As much of HTTP/1.1 as a request to logd needs: a head, a short body that
// nobody reads, one request on a connection.
//
// A hand of functions in place of Boost.Beast, which comes with 150 MB of
// headers: there is a request line to read, and one header that matters. Pure
// functions of bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace logd {

inline constexpr size_t kHttpHeadBytesMax = 8 << 10;
inline constexpr size_t kHttpBodyBytesMax = 4 << 10;

enum class HttpStatus : int {
  kOk = 200,
  kBadRequest = 400,
  kForbidden = 403,
  kNotFound = 404,
  kMethodNotAllowed = 405,
  kTooLarge = 413,
  kFailed = 500,
  kNotImplemented = 501,
  kUnavailable = 503,
};

struct HttpRequest {
  std::string method{};
  std::string path{};  // without the query
};

// What has been received so far: a request, a refusal, or neither yet.
struct HttpParse {
  std::optional<HttpRequest> request{};
  std::optional<HttpStatus> refused{};
};
HttpParse parse_http(std::string_view received);

// A whole response, after which the connection is closed.
std::string http_response(HttpStatus status, std::string_view type,
                          std::string_view body);

// The characters of a JSON string, without the quotes around it. What is not
// UTF-8 is the caller's business.
std::string json_escaped(std::string_view text);

}  // namespace logd
