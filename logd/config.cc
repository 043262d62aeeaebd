#include "logd/config.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <vector>

#include "format/file.h"

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace logd {
namespace {

namespace fs = std::filesystem;
using logfmt::ErrorCode;
using logfmt::Result;
using logfmt::Status;
using std::chrono::microseconds;

Status invalid(std::string detail) {
  return logfmt::fail(ErrorCode::kInvalidArgument, std::move(detail));
}

// Sizes and spans may be written without quotes where they have no unit.
Result<std::string> text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer())
    return std::to_string(number->get());
  return logfmt::fail(ErrorCode::kInvalidArgument,
                      fmt::format("expected a quoted text, not {}",
                                  fmt::streamed(node.type())));
}

Status read_bool(const toml::node& node, bool* out) {
  const auto* value = node.as_boolean();
  if (value == nullptr)
    return invalid("expected true or false, without quotes");
  *out = value->get();
  return {};
}

Status read_bytes(const toml::node& node, uint64_t* out) {
  const auto text = text_of(node);
  if (!text) return logfmt::fail(text.error());
  const auto bytes = parse_bytes(*text);
  if (!bytes) return logfmt::fail(bytes.error());
  if (*bytes < kLineBytesMin || *bytes > kLineBytesMax)
    return invalid(fmt::format("\"{}\" is out of range; expected {} to {}K",
                               *text, kLineBytesMin, kLineBytesMax >> 10));
  *out = *bytes;
  return {};
}

// A size that may be "0", for none.
Status read_unit_use(const toml::node& node, uint64_t* out) {
  const auto text = text_of(node);
  if (!text) return logfmt::fail(text.error());
  const auto bytes = parse_bytes(*text);
  if (!bytes) return logfmt::fail(bytes.error());
  if (*bytes != 0 && *bytes < kUnitUseBytesMin)
    return invalid(
        fmt::format("\"{}\" is too small; expected \"0\" (no limit) or at "
                    "least {}M",
                    *text, kUnitUseBytesMin >> 20));
  *out = *bytes;
  return {};
}

Status read_size_limit(const toml::node& node, uint64_t bytes_min,
                       SizeLimit* out) {
  const auto text = text_of(node);
  if (!text) return logfmt::fail(text.error());
  const auto limit = parse_size_limit(*text);
  if (!limit) return logfmt::fail(limit.error());
  if (limit->percent == 0 && limit->bytes < bytes_min)
    return invalid(fmt::format("\"{}\" is too small; expected at least {}M",
                               *text, bytes_min >> 20));
  *out = *limit;
  return {};
}

struct SpanRange {
  microseconds min;
  microseconds max;
  std::string_view words;
};

Status read_span(const toml::node& node, const SpanRange& range,
                 microseconds* out) {
  const auto text = text_of(node);
  if (!text) return logfmt::fail(text.error());
  const auto span = parse_span(*text);
  if (!span) return logfmt::fail(span.error());
  if (*span < range.min || *span > range.max)
    return invalid(
        fmt::format("\"{}\" is out of range; expected {}", *text, range.words));
  *out = *span;
  return {};
}

constexpr SpanRange kMaxAgeRange{microseconds(0), kSpanMax,
                                 "\"0\" (never) to \"100 years\""};
constexpr SpanRange kSyncRange{kSyncIntervalMin, kSyncIntervalMax,
                               "\"10ms\" to \"1h\""};
constexpr SpanRange kRotateRange{kRotateAfterMin, kSpanMax,
                                 "\"1s\" to \"100 years\""};

struct Key {
  std::string_view table;
  std::string_view name;
  Status (*read)(const toml::node&, Config*);
};

// All that a configuration can say.
constexpr Key kKeys[] = {
    {"store", "max_use",
     [](const toml::node& node, Config* config) {
       return read_size_limit(node, kMaxUseBytesMin, &config->store.max_use);
     }},
    {"store", "keep_free",
     [](const toml::node& node, Config* config) {
       return read_size_limit(node, 0, &config->store.keep_free);
     }},
    {"store", "max_age",
     [](const toml::node& node, Config* config) {
       return read_span(node, kMaxAgeRange, &config->store.max_age);
     }},
    {"store", "sync_interval",
     [](const toml::node& node, Config* config) {
       return read_span(node, kSyncRange, &config->store.sync_interval);
     }},
    {"store", "rotate_after",
     [](const toml::node& node, Config* config) {
       return read_span(node, kRotateRange, &config->store.rotate_after);
     }},
    {"store", "recompress",
     [](const toml::node& node, Config* config) {
       return read_bool(node, &config->store.recompress);
     }},
    {"intake", "syslog",
     [](const toml::node& node, Config* config) {
       return read_bool(node, &config->intake.syslog);
     }},
    {"intake", "native",
     [](const toml::node& node, Config* config) {
       return read_bool(node, &config->intake.native);
     }},
    {"intake", "stdout",
     [](const toml::node& node, Config* config) {
       return read_bool(node, &config->intake.stdout);
     }},
    {"intake", "kmsg",
     [](const toml::node& node, Config* config) {
       return read_bool(node, &config->intake.kmsg);
     }},
    {"intake", "line_max",
     [](const toml::node& node, Config* config) {
       return read_bytes(node, &config->intake.line_bytes_max);
     }},
};

struct UnitKey {
  std::string_view name;
  Status (*read)(const toml::node&, logfmt::UnitLimit*);
};

// All that a table [unit.NAME] can say.
constexpr UnitKey kUnitKeys[] = {
    {"max_use",
     [](const toml::node& node, logfmt::UnitLimit* limit) {
       return read_unit_use(node, &limit->max_use_bytes);
     }},
    {"max_age",
     [](const toml::node& node, logfmt::UnitLimit* limit) -> Status {
       microseconds span{};
       LOGD_RETURN_IF_ERROR(read_span(node, kMaxAgeRange, &span));
       limit->max_age_us = static_cast<uint64_t>(span.count());
       return {};
     }},
};
constexpr std::string_view kUnitTable = "unit";

std::vector<std::string_view> table_names() {
  std::vector<std::string_view> names;
  for (const auto& key : kKeys)
    if (names.empty() || names.back() != key.table) names.push_back(key.table);
  names.push_back(kUnitTable);
  return names;
}

std::vector<std::string_view> unit_key_names() {
  std::vector<std::string_view> names;
  for (const auto& key : kUnitKeys) names.push_back(key.name);
  return names;
}

std::vector<std::string_view> key_names(std::string_view table) {
  std::vector<std::string_view> names;
  for (const auto& key : kKeys)
    if (key.table == table) names.push_back(key.name);
  return names;
}

tl::unexpected<logfmt::Error> fail_at(std::string_view filename,
                                      const toml::source_region& region,
                                      std::string_view what) {
  return logfmt::fail(ErrorCode::kInvalidArgument,
                      fmt::format("{}:{}:{}: {}", filename, region.begin.line,
                                  region.begin.column, what));
}

std::string unknown(std::string_view what, std::string_view word,
                    const std::vector<std::string_view>& known) {
  const auto near = closest_name(word, known);
  if (!near.empty())
    return fmt::format("unknown {} \"{}\"; did you mean \"{}\"?", what, word,
                       near);
  return fmt::format("unknown {} \"{}\"; known are: {}", what, word,
                     fmt::join(known, ", "));
}

Status read_table(std::string_view filename, std::string_view table,
                  const toml::table& content, Config* config) {
  for (const auto& [name, node] : content) {
    const auto is_named = [&, word = name.str()](const Key& key) {
      return key.table == table && key.name == word;
    };
    const auto* key = std::ranges::find_if(kKeys, is_named);
    if (key == std::end(kKeys))
      return fail_at(filename, name.source(),
                     unknown(fmt::format("key in [{}]:", table), name.str(),
                             key_names(table)));
    if (const auto status = key->read(node, config); !status)
      return fail_at(
          filename, node.source(),
          fmt::format("{}.{}: {}", table, key->name, status.error().detail));
  }
  return {};
}

// The limits of that pattern, which an earlier file may have begun.
logfmt::UnitLimit* limit_of(std::string_view pattern, Config* config) {
  auto& units = config->store.units;
  const auto known =
      std::ranges::find(units, pattern, &logfmt::UnitLimit::pattern);
  if (known != units.end()) return &*known;
  return &units.emplace_back(
      logfmt::UnitLimit{.pattern = std::string(pattern)});
}

Status read_unit(std::string_view filename, std::string_view unit,
                 const toml::table& content, Config* config) {
  for (const auto& [name, node] : content) {
    if (node.is_table())
      return fail_at(filename, name.source(),
                     fmt::format("a unit name with a dot needs quotes: "
                                 "[unit.\"{}.{}\"]",
                                 unit, name.str()));
    const auto* key = std::ranges::find(kUnitKeys, name.str(), &UnitKey::name);
    if (key == std::end(kUnitKeys))
      return fail_at(filename, name.source(),
                     unknown(fmt::format("key in [unit.{}]:", unit), name.str(),
                             unit_key_names()));
    if (const auto status = key->read(node, limit_of(unit, config)); !status)
      return fail_at(filename, node.source(),
                     fmt::format("unit.{}.{}: {}", unit, key->name,
                                 status.error().detail));
  }
  return {};
}

Status read_units(std::string_view filename, const toml::table& content,
                  Config* config) {
  for (const auto& [name, node] : content) {
    const auto* unit = node.as_table();
    if (unit == nullptr)
      return fail_at(filename, name.source(),
                     fmt::format("\"{0}\" is a unit; expected [unit.{0}] with "
                                 "its keys below",
                                 name.str()));
    LOGD_RETURN_IF_ERROR(read_unit(filename, name.str(), *unit, config));
  }
  logfmt::sort_limits(config->store.units);
  return {};
}

Result<std::string> read_config_file(const fs::path& path) {
  logfmt::Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return logfmt::fail_errno("cannot open " + path.string());
  std::string text;
  auto status = logfmt::pread_up_to(fd.get(), 0, kConfigBytesMax + 1, text);
  if (!status) {
    status.error().detail = "cannot read " + path.string();
    return logfmt::fail(std::move(status.error()));
  }
  if (text.size() > kConfigBytesMax)
    return logfmt::fail(ErrorCode::kLimit,
                        fmt::format("{} is larger than the {} KiB that a "
                                    "configuration file may have",
                                    path.string(), kConfigBytesMax >> 10));
  return text;
}

Result<std::vector<fs::path>> drop_ins(const fs::path& dir) {
  std::vector<fs::path> files;
  if (dir.empty()) return files;
  std::error_code error;
  fs::directory_iterator entry(dir, error);
  if (error == std::errc::no_such_file_or_directory) return files;
  while (!error && entry != fs::directory_iterator()) {
    if (entry->path().extension() == ".toml") files.push_back(entry->path());
    entry.increment(error);
  }
  if (error)
    return logfmt::fail(logfmt::Error{.code = ErrorCode::kIo,
                                      .sys_errno = error.value(),
                                      .detail = "cannot list " + dir.string()});
  std::ranges::sort(files);
  return files;
}

}  // namespace

Result<Config> parse_config(std::string_view text, std::string_view filename,
                            const Config& base) {
  const auto parsed = toml::parse(text, filename);
  if (!parsed) {
    // It quotes what it read, line ends included; this is to be one line.
    std::string description(parsed.error().description());
    std::ranges::replace(description, '\n', ' ');
    return fail_at(filename, parsed.error().source(), description);
  }
  Config config = base;
  const auto tables = table_names();
  for (const auto& [name, node] : parsed.table()) {
    if (std::ranges::find(tables, name.str()) == tables.end())
      return fail_at(filename, name.source(),
                     unknown("table", name.str(), tables));
    const auto* content = node.as_table();
    if (content == nullptr)
      return fail_at(filename, name.source(),
                     fmt::format("\"{0}\" is a table; expected [{0}] with its "
                                 "keys below",
                                 name.str()));
    LOGD_RETURN_IF_ERROR(
        name.str() == kUnitTable
            ? read_units(filename, *content, &config)
            : read_table(filename, name.str(), *content, &config));
  }
  return config;
}

Result<Config> load_config(const ConfigPaths& paths) {
  auto files = drop_ins(paths.drop_in_dir);
  if (!files) return logfmt::fail(std::move(files.error()));
  if (!paths.file.empty()) files->insert(files->begin(), paths.file);
  Config config;
  for (const auto& file : *files) {
    const auto text = read_config_file(file);
    const bool optional = file == paths.file && !paths.file_required;
    if (!text && text.error().code == ErrorCode::kNotFound && optional)
      continue;
    if (!text) return logfmt::fail(text.error());
    auto next = parse_config(*text, file.string(), config);
    if (!next) return next;
    config = *next;
  }
  return config;
}

}  // namespace logd
