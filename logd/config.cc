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
#include "logd/config_keys.h"

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace logd {
namespace {

namespace fs = std::filesystem;
using logfmt::ErrorCode;
using logfmt::Result;
using logfmt::Status;

constexpr std::string_view kUnitTable = "unit";

std::vector<std::string_view> table_names() {
  std::vector<std::string_view> names;
  for (const auto& key : config_keys())
    if (names.empty() || names.back() != key.table) names.push_back(key.table);
  names.push_back(kUnitTable);
  return names;
}

std::vector<std::string_view> unit_key_names() {
  std::vector<std::string_view> names;
  for (const auto& key : unit_keys()) names.push_back(key.name);
  return names;
}

std::vector<std::string_view> key_names(std::string_view table) {
  std::vector<std::string_view> names;
  for (const auto& key : config_keys())
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

ConfigValue value_of(const toml::node& node) {
  ConfigValue value{.kind = fmt::format("{}", fmt::streamed(node.type()))};
  if (const auto* truth = node.as_boolean()) value.content = truth->get();
  if (const auto* number = node.as_integer()) value.content = number->get();
  if (const auto* text = node.as_string()) value.content = text->get();
  return value;
}

Status read_table(std::string_view filename, std::string_view table,
                  const toml::table& content, Config* config) {
  for (const auto& [name, node] : content) {
    const auto is_named = [&, word = name.str()](const ConfigKey& key) {
      return key.table == table && key.name == word;
    };
    const auto keys = config_keys();
    const auto key = std::ranges::find_if(keys, is_named);
    if (key == keys.end())
      return fail_at(filename, name.source(),
                     unknown(fmt::format("key in [{}]:", table), name.str(),
                             key_names(table)));
    if (const auto status = key->read(value_of(node), config); !status)
      return fail_at(
          filename, node.source(),
          fmt::format("{}.{}: {}", table, key->name, status.error().detail));
  }
  return {};
}

// What is said of that pattern, which an earlier file may have begun.
template <class Row>
Row* row_of(std::string_view pattern, std::vector<Row>& rows) {
  const auto known = std::ranges::find(rows, pattern, &Row::pattern);
  if (known != rows.end()) return &*known;
  return &rows.emplace_back(Row{.pattern = std::string(pattern)});
}

// In both lists, whatever the table says: the first one that fits a unit is to
// be the same in both.
UnitTable unit_table(std::string_view pattern, Config* config) {
  return {row_of(pattern, config->store.units),
          row_of(pattern, config->limits.units)};
}

Status read_unit(std::string_view filename, std::string_view unit,
                 const toml::table& content, Config* config) {
  for (const auto& [name, node] : content) {
    if (node.is_table())
      return fail_at(filename, name.source(),
                     fmt::format("a unit name with a dot needs quotes: "
                                 "[unit.\"{}.{}\"]",
                                 unit, name.str()));
    const auto keys = unit_keys();
    const auto key = std::ranges::find(keys, name.str(), &UnitKey::name);
    if (key == keys.end())
      return fail_at(filename, name.source(),
                     unknown(fmt::format("key in [unit.{}]:", unit), name.str(),
                             unit_key_names()));
    if (const auto status = key->read(value_of(node), unit_table(unit, config));
        !status)
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
  std::ranges::stable_sort(config->store.units, logfmt::more_specific,
                           &logfmt::UnitLimit::pattern);
  std::ranges::stable_sort(config->limits.units, logfmt::more_specific,
                           &UnitRate::pattern);
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
