#include "query/cursor.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>

#include "format/checksum.h"
#include "format/file.h"
#include "query/digits.h"

namespace logq {
namespace {

using logfmt::ErrorCode;
using logfmt::fail;
using logfmt::fail_errno;

constexpr size_t kCursorBytesMax = 256;

bool read_hex(std::string_view text, uint64_t& value) {
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value, 16);
  return read.ec == std::errc() && read.ptr == end;
}

bool read_id(std::string_view text, logfmt::Id128& id) {
  const auto parsed = logfmt::Id128::parse(text);
  if (parsed) id = *parsed;
  return parsed.has_value();
}

bool read_part(char key, std::string_view value, Cursor& cursor) {
  switch (key) {
    case 's':
      return read_id(value, cursor.store_id);
    case 'i':
      return read_hex(value, cursor.seq);
    case 'b':
      return read_id(value, cursor.boot_id);
    case 'm':
      return read_hex(value, cursor.monotonic_us);
    case 't':
      return read_hex(value, cursor.realtime_us);
    case 'x':
      return read_hex(value, cursor.hash);
    default:
      return false;
  }
}

}  // namespace

Cursor cursor_of(const EntryRecord& record) {
  const logfmt::EntryView& entry = record.entry;
  return {.store_id = record.store_id,
          .seq = entry.seq,
          .boot_id = entry.boot_id,
          .monotonic_us = entry.monotonic_us,
          .realtime_us = entry.realtime_us,
          .hash = logfmt::checksum(entry.payload.encoded(), 0)};
}

void append_cursor(std::string& out, const Cursor& cursor) {
  char text[kCursorRoom];
  out.append(text, write_cursor(text, cursor));
}

char* write_cursor(char* at, const Cursor& cursor) {
  static_assert(6 * 3 + 2 * kIdRoom + 4 * kHexRoom <= kCursorRoom);
  at = write_id(write_text(at, "s="), cursor.store_id);
  at = write_hex(write_text(at, ";i="), cursor.seq);
  at = write_id(write_text(at, ";b="), cursor.boot_id);
  at = write_hex(write_text(at, ";m="), cursor.monotonic_us);
  at = write_hex(write_text(at, ";t="), cursor.realtime_us);
  return write_hex(write_text(at, ";x="), cursor.hash);
}

logfmt::Result<Cursor> parse_cursor(std::string_view text) {
  Cursor cursor;
  std::string seen;
  bool sound = text.size() <= kCursorBytesMax;
  for (std::string_view rest = text; sound && !rest.empty();) {
    const size_t end = std::min(rest.find(';'), rest.size());
    const auto part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    sound = part.size() > 2 && part[1] == '=' &&
            seen.find(part[0]) == seen.npos &&
            read_part(part[0], part.substr(2), cursor);
    seen += part.substr(0, 1);
  }
  if (!sound || seen.find('s') == seen.npos || seen.find('i') == seen.npos) {
    return fail(ErrorCode::kInvalidArgument,
                "not a cursor: \"" +
                    std::string(text.substr(0, kCursorBytesMax)) +
                    "\"; expected s=...;i=...;b=...;m=...;t=...;x=... as "
                    "--show-cursor prints it");
  }
  return cursor;
}

logfmt::Result<std::optional<Cursor>> load_cursor(const std::string& path) {
  const logfmt::Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) {
    if (errno == ENOENT) return std::nullopt;
    return fail_errno("cannot open the cursor file " + path);
  }
  std::string text;
  LOGD_RETURN_IF_ERROR(
      logfmt::pread_up_to(file.get(), 0, kCursorBytesMax + 2, text));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  if (text.empty()) return std::nullopt;
  auto cursor = parse_cursor(text);
  if (!cursor) {
    cursor.error().detail = path + ": " + cursor.error().detail;
    return fail(std::move(cursor.error()));
  }
  return *cursor;
}

logfmt::Status save_cursor(const std::string& path, const Cursor& cursor) {
  std::string text;
  append_cursor(text, cursor);
  // The directory may be one where others can write, such as /tmp: a file or
  // a link that somebody put there under this name is not written through.
  const std::string aside = path + "." + std::to_string(getpid()) + ".new";
  unlink(aside.c_str());
  const logfmt::Fd file(
      open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
           0644));
  if (!file.valid()) return fail_errno("cannot write " + aside);
  auto status = logfmt::pwrite_all(file.get(), 0, text);
  if (status) status = logfmt::sync_data(file.get());
  if (status && rename(aside.c_str(), path.c_str()) != 0) {
    status = fail_errno("cannot replace the cursor file " + path);
  }
  if (!status) unlink(aside.c_str());
  return status;
}

}  // namespace logq
