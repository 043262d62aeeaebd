// The text of a numbered message, which says by itself whether it is whole:
//
//   SENDER NUMBER PID CHECKSUM FILLING
//
// SENDER is a name without spaces, NUMBER counts from 0, PID is the process
// that sends it, CHECKSUM the CRC-32 (as zlib has it) of FILLING in eight hex
// digits. FILLING is letters, digits, '+' and '/', different for each message
// and the same whenever the same message is made again; it does not compress
// to less than three quarters.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace senders {

uint32_t crc32(std::string_view bytes);

struct Numbered {
  std::string_view sender;
  uint64_t number = 0;
  pid_t pid = 0;
  size_t filling_bytes = 0;
};
std::string message_text(const Numbered& message);

}  // namespace senders
