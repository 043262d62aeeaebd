#include "logd/service/http.h"

#include <gtest/gtest.h>

namespace logd {
namespace {

TEST(Http, TakesARequestHoweverItIsCut) {
  const std::string whole =
      "POST /sync?x=1 HTTP/1.1\r\nHost: l\r\ncontent-length: 3\r\n\r\nabc";
  for (size_t length = 0; length < whole.size(); ++length) {
    const auto parse = parse_http(whole.substr(0, length));
    EXPECT_FALSE(parse.request) << length;
    EXPECT_FALSE(parse.refused) << length;
  }
  const auto parse = parse_http(whole);
  ASSERT_TRUE(parse.request);
  EXPECT_EQ(parse.request->method, "POST");
  EXPECT_EQ(parse.request->path, "/sync");
}

TEST(Http, RefusesWhatItDoesNotUnderstand) {
  struct Case {
    std::string request;
    HttpStatus status;
  };
  const std::string line = "POST /sync HTTP/1.1\r\n";
  for (const auto& [request, status] : std::vector<Case>{
           {"\r\n\r\n", HttpStatus::kBadRequest},
           {"POST\r\n\r\n", HttpStatus::kBadRequest},
           {"POST /sync\r\n\r\n", HttpStatus::kBadRequest},
           {"POST sync HTTP/1.1\r\n\r\n", HttpStatus::kBadRequest},
           {"POST /a b HTTP/1.1\r\n\r\n", HttpStatus::kBadRequest},
           {"POST /sync HTTP/2.0\r\n\r\n", HttpStatus::kBadRequest},
           {line + "no colon\r\n\r\n", HttpStatus::kBadRequest},
           {line + " Folded: x\r\n\r\n", HttpStatus::kBadRequest},
           {line + "Content-Length: -1\r\n\r\n", HttpStatus::kBadRequest},
           {line + "Content-Length: 1x\r\n\r\n", HttpStatus::kBadRequest},
           {line + "Content-Length: 99999999999999999999\r\n\r\n",
            HttpStatus::kBadRequest},
           {line + "Content-Length: 5000\r\n\r\n", HttpStatus::kTooLarge},
           {line + "Transfer-Encoding: chunked\r\n\r\n",
            HttpStatus::kNotImplemented},
           {std::string(kHttpHeadBytesMax + 1, 'x'), HttpStatus::kTooLarge}}) {
    const auto parse = parse_http(request);
    EXPECT_FALSE(parse.request) << request.substr(0, 80);
    EXPECT_EQ(parse.refused, status) << request.substr(0, 80);
  }
}

TEST(Http, SaysHowLongTheBodyIs) {
  EXPECT_EQ(http_response(HttpStatus::kOk, "text/plain", "done\n"),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
            "Content-Length: 5\r\nConnection: close\r\n\r\ndone\n");
}

TEST(Http, EscapesJsonStrings) {
  EXPECT_EQ(json_escaped("a\"b\\c\n"), "a\\\"b\\\\c\\u000a");
}

}  // namespace
}  // namespace logd
