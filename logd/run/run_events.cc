#include "logd/run/run_events.h"

#include <fmt/format.h>

#include "logd/run/span.h"

namespace logrun {
namespace {

// Enough to recognise a command; the whole of it is the entry's _CMDLINE.
constexpr size_t kCommandBytesMax = 200;

constexpr std::string_view kError = "3";
constexpr std::string_view kInfo = "6";

const std::string& name_of(const EventSource& source) {
  return source.unit.empty() ? source.identifier : source.unit;
}

std::string command_text(std::span<const std::string> command) {
  std::string text = fmt::format("{}", fmt::join(command, " "));
  if (text.size() > kCommandBytesMax) {
    text.resize(kCommandBytesMax);
    text += "...";
  }
  return text;
}

std::string restart_text(std::chrono::milliseconds delay, uint64_t restarts) {
  return fmt::format("; restarting in {} (restart {})", span_text(delay),
                     restarts);
}

std::vector<EventField> event_fields(const EventSource& source,
                                     std::string_view message_id,
                                     std::string_view priority,
                                     uint64_t restarts) {
  std::vector<EventField> fields = {
      {"MESSAGE_ID", std::string(message_id)},
      {"PRIORITY", std::string(priority)},
      {"SYSLOG_IDENTIFIER", "logrun"},
      {"N_RESTARTS", fmt::format("{}", restarts)},
  };
  if (!source.unit.empty()) fields.emplace_back("UNIT", source.unit);
  return fields;
}

}  // namespace

std::string encode_event(std::span<const EventField> fields) {
  std::string datagram;
  for (const auto& [name, value] : fields) {
    datagram += name;
    if (value.find('\n') == std::string::npos) {
      datagram += '=';
    } else {
      datagram += '\n';
      for (unsigned shift = 0; shift < 64; shift += 8) {
        datagram += static_cast<char>(value.size() >> shift & 0xff);
      }
    }
    datagram += value;
    datagram += '\n';
  }
  return datagram;
}

std::string started_event(const EventSource& source, pid_t pid,
                          std::span<const std::string> command,
                          uint64_t restarts) {
  auto fields = event_fields(source, kStartedId, kInfo, restarts);
  const std::string again =
      restarts == 0 ? "" : fmt::format(", restart {}", restarts);
  fields.emplace_back("MESSAGE",
                      fmt::format("{}: started {} (pid {}{})", name_of(source),
                                  command_text(command), pid, again));
  return encode_event(fields);
}

std::string ended_text(const EventSource& source, const ExitFacts& facts) {
  return fmt::format("{}: main process {} {}{} (ran {}){}", name_of(source),
                     facts.pid, facts.requested ? "was asked to stop and " : "",
                     facts.exit.text(), span_text(facts.exit.runtime),
                     facts.restart_delay
                         ? restart_text(*facts.restart_delay, facts.restarts)
                         : "");
}

std::string ended_event(const EventSource& source, const ExitFacts& facts) {
  const bool is_fine = facts.requested || facts.exit.succeeded();
  auto fields =
      event_fields(source, kEndedId, is_fine ? kInfo : kError, facts.restarts);
  fields.emplace_back("MESSAGE", ended_text(source, facts));
  fields.emplace_back("EXIT_CODE", std::string(facts.exit.code()));
  fields.emplace_back("EXIT_STATUS", facts.exit.status());
  fields.emplace_back("RUNTIME_USEC",
                      fmt::format("{}", facts.exit.runtime.count()));
  fields.emplace_back("MAXRSS_KB", fmt::format("{}", facts.exit.rss_kb_max));
  return encode_event(fields);
}

std::string not_started_event(const EventSource& source,
                              std::string_view reason, uint64_t restarts,
                              std::chrono::milliseconds restart_delay) {
  auto fields = event_fields(source, kNotStartedId, kError, restarts);
  fields.emplace_back("MESSAGE",
                      fmt::format("{}: {}{}", name_of(source), reason,
                                  restart_text(restart_delay, restarts)));
  return encode_event(fields);
}

}  // namespace logrun
