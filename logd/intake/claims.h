// Names and limits of what clients say about themselves, for all parsers.
//
// An identifier becomes part of the entry's context, which has to stay small;
// a longer one is not recognised and its text stays where it was. This is four
// times what journald takes, since the text would be lost there.
#pragma once

#include <cstddef>
#include <string_view>

namespace logd {

inline constexpr size_t kIdentifierBytesMax = 1024;

inline constexpr int kFacilityMax = 23;  // local7, RFC 5424 section 6.2.1

namespace field {
inline constexpr std::string_view kSyslogPid = "SYSLOG_PID";
inline constexpr std::string_view kSyslogTimestamp = "SYSLOG_TIMESTAMP";
inline constexpr std::string_view kSyslogRaw = "SYSLOG_RAW";
inline constexpr std::string_view kSyslogHostname = "SYSLOG_HOSTNAME";
inline constexpr std::string_view kSyslogMsgid = "SYSLOG_MSGID";
inline constexpr std::string_view kStructuredData = "SYSLOG_STRUCTURED_DATA";
inline constexpr std::string_view kLineBreak = "_LINE_BREAK";
// The daemon's own: what is stored as it came because its parser died of it.
inline constexpr std::string_view kUnparsed = "LOGD_UNPARSED";
}  // namespace field

}  // namespace logd
