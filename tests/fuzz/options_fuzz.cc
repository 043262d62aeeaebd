// A command line, one argument to a line; what is refused has a reason.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "query/options.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> arguments;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    // The system's arguments hold no NUL.
    arguments.emplace_back(text.substr(at, end - at).c_str());
    at = end + 1;
  }
  const logq::Environment nobody{
      .now_us = 1'796'040'000'000'000,
      .variable = [](const char*) { return std::string(); },
      .directory_exists = [](const std::string&) { return false; }};
  const auto options = logq::parse_options(arguments, nobody);
  if (!options && options.error().detail.empty()) __builtin_trap();
  return 0;
}
