#include "bench/export_source.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>

#include "format/coding.h"

namespace logbench {
namespace {

constexpr std::string_view kOfTheEvent[] = {
    "_SOURCE_",    "_KERNEL_",      "_UDEV_",   "_LINE_BREAK",
    "_AUDIT_TYPE", "_AUDIT_FIELD_", "_AUDIT_ID"};

bool is_of_the_sender(std::string_view name) {
  if (name == logfmt::field::kIdentifier || name == logfmt::field::kFacility) {
    return true;
  }
  return name.starts_with('_') &&
         std::ranges::none_of(kOfTheEvent, [name](std::string_view prefix) {
           return name.starts_with(prefix);
         });
}

template <class Number>
void read_number(std::string_view text, Number& out) {
  std::from_chars(text.data(), text.data() + text.size(), out);
}

std::string_view take(std::string_view& text, size_t bytes) {
  const std::string_view taken = text.substr(0, bytes);
  text.remove_prefix(std::min(text.size(), bytes + 1));  // and its newline
  return taken;
}

// NAME=VALUE, or NAME, the length of the value as 64 bits, the value. Nothing
// where the text ends too early.
std::optional<logfmt::Field> take_field(std::string_view& text) {
  const std::string_view line = take(text, text.find('\n'));
  if (const size_t sign = line.find('='); sign != line.npos) {
    return logfmt::Field{line.substr(0, sign), line.substr(sign + 1)};
  }
  logfmt::Decoder length(text.substr(0, sizeof(uint64_t)));
  const auto bytes = length.fixed<uint64_t>();
  if (!length.ok()) return std::nullopt;
  text.remove_prefix(sizeof(uint64_t));
  if (bytes > text.size()) return std::nullopt;
  return logfmt::Field{line, take(text, static_cast<size_t>(bytes))};
}

}  // namespace

logfmt::Result<ExportSource> ExportSource::open(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return logfmt::fail_errno("cannot open " + path);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  ExportSource source;
  LOGD_RETURN_IF_ERROR(source.parse(text));
  return source;
}

logfmt::Status ExportSource::parse(std::string_view text) {
  const size_t size = text.size();
  MadeEntry entry;
  while (!text.empty()) {
    if (text.front() == '\n') {
      text.remove_prefix(1);
      end_entry(entry);
      continue;
    }
    const size_t offset = size - text.size();
    const auto field = take_field(text);
    if (!field) {
      return logfmt::fail(logfmt::ErrorCode::kCorrupt,
                          "not in Journal Export Format: a field ends too "
                          "early",
                          offset);
    }
    add_field(*field, entry);
  }
  end_entry(entry);
  return {};
}

void ExportSource::add_field(const logfmt::Field& field, MadeEntry& entry) {
  const auto& [name, value] = field;
  if (name == "__REALTIME_TIMESTAMP") {
    read_number(value, entry.realtime_us);
  } else if (name == "__MONOTONIC_TIMESTAMP") {
    read_number(value, entry.monotonic_us);
  } else if (name.starts_with("__")) {
    return;
  } else if (name == logfmt::field::kBootId) {
    entry.boot_id = logfmt::Id128::parse(value).value_or(logfmt::Id128{});
  } else if (name == logfmt::field::kPid) {
    read_number(value, entry.pid);
  } else if (name == logfmt::field::kPriority && value.size() == 1 &&
             value[0] >= '0' && value[0] <= '7') {
    entry.priority = static_cast<uint8_t>(value[0] - '0');
  } else if (is_of_the_sender(name)) {
    sender_.push_back(field);
  } else {
    logfmt::append_field(entry.payload, name, value);
  }
}

void ExportSource::end_entry(MadeEntry& entry) {
  if (entry.realtime_us == 0) return;  // more than one newline between entries
  std::ranges::sort(sender_, {}, &logfmt::Field::name);
  std::string context;
  for (const auto& [name, value] : sender_) {
    logfmt::append_field(context, name, value);
  }
  entry.context = *contexts_.insert(std::move(context)).first;
  entries_.push_back(std::move(entry));
  sender_.clear();
  entry = {};
}

bool ExportSource::next(MadeEntry& entry) {
  if (entries_.empty()) return false;
  entry = std::move(entries_.front());
  entries_.pop_front();
  return true;
}

}  // namespace logbench
