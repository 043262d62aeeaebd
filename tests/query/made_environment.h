// An environment for the tests of options and pager.
#pragma once

#include <map>
#include <string>

#include "query/environment.h"

namespace logq {

struct MadeEnvironment {
  std::map<std::string, std::string> variables{};
  bool terminal = false;
  uid_t uid = 0;
  uid_t euid = 0;
  std::string existing_directory{};

  Environment environment() const {
    // Sunday 2026-11-22 05:43:58 UTC.
    return {.now_us = 1795326238'000000,
            .uid = uid,
            .euid = euid,
            .stdout_is_terminal = terminal,
            .variable =
                [given = variables](const char* name) {
                  const auto found = given.find(name);
                  return found == given.end() ? std::string() : found->second;
                },
            .directory_exists =
                [path = existing_directory](const std::string& asked) {
                  return asked == path;
                }};
  }
};

}  // namespace logq
