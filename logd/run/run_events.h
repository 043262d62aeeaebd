// The entries that logrun itself writes into a unit's log: when the command
// was started, how it ended, why it could not be started.
//
// Sent as datagrams of journald's native protocol. Fields: MESSAGE,
// MESSAGE_ID, PRIORITY, SYSLOG_IDENTIFIER=logrun, UNIT (where there is one),
// N_RESTARTS; for an exit also EXIT_CODE and EXIT_STATUS (see ChildExit),
// RUNTIME_USEC and MAXRSS_KB. N_DROPPED: so many events before this one are
// lost (EventQueue). An end with status 0 or one that was asked for
// is information (6), any other an error (3).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "logd/run/child_exit.h"

namespace logrun {

// Never to be changed: people select by them.
inline constexpr std::string_view kStartedId =
    "6b0f2c1d9c5e4a7f8a3de27b51c04f96";
inline constexpr std::string_view kEndedId = "e41d7a85c2f94b06b7193f60ad8c5e2b";
inline constexpr std::string_view kNotStartedId =
    "17c8f3a04be2459d9e60c5d2187ab34f";

using EventField = std::pair<std::string_view, std::string>;

// One entry as a native datagram; values may hold any bytes.
std::string encode_event(std::span<const EventField> fields);

// Whose log it is.
struct EventSource {
  std::string unit{};        // "bot.service", may be empty
  std::string identifier{};  // stands in where there is no unit
};

struct ExitFacts {
  pid_t pid = 0;
  ChildExit exit{};
  bool requested = false;  // logrun was told to stop
  std::optional<std::chrono::milliseconds> restart_delay{};
  uint64_t restarts = 0;  // that restart included
};

std::string started_event(const EventSource& source, pid_t pid,
                          std::span<const std::string> command,
                          uint64_t restarts);
std::string ended_event(const EventSource& source, const ExitFacts& facts);
std::string not_started_event(const EventSource& source,
                              std::string_view reason, uint64_t restarts,
                              std::chrono::milliseconds restart_delay);

// The sentence of ended_event.
std::string ended_text(const EventSource& source, const ExitFacts& facts);

}  // namespace logrun
