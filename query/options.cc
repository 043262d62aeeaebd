#include "query/options.h"

#include <algorithm>

#include "query/command_line.h"
#include "query/option_values.h"
#include "query/time_spec.h"

namespace logq {
namespace {

using logfmt::ErrorCode;
using logfmt::fail;
using logfmt::Result;
using logfmt::Status;

constexpr uint64_t kFollowLines = 10;
constexpr uint64_t kPagerEndLines = 1000;

tl::unexpected<logfmt::Error> refuse(std::string detail) {
  return fail(ErrorCode::kInvalidArgument, std::move(detail));
}

// Assigns a parsed value, or hands on the error with the option in front.
template <class Value, class Target>
Status take(const char* option, Result<Value> parsed, Target& target) {
  if (!parsed) {
    parsed.error().detail = option + (": " + parsed.error().detail);
    return fail(std::move(parsed.error()));
  }
  target = std::move(*parsed);
  return {};
}

void add_pattern(NamePatterns& patterns, std::string name, bool excluded) {
  (excluded ? patterns.exclude : patterns.include).push_back(std::move(name));
}

Status read_names(const CommandLine& line, Query& query) {
  for (const std::string& given : line.units) {
    const bool excluded = given.starts_with('!');
    const auto name = std::string_view(given).substr(excluded ? 1 : 0);
    if (name.empty()) return refuse("--unit: the name of a unit is empty");
    add_pattern(query.units, unit_name(name), excluded);
  }
  for (const std::string& given : line.identifiers) {
    const bool excluded = given.starts_with('!');
    add_pattern(query.identifiers, given.substr(excluded ? 1 : 0), excluded);
  }
  return {};
}

Status read_time_range(const CommandLine& line, const TimeContext& context,
                       Query& query) {
  if (line.since) {
    LOGD_RETURN_IF_ERROR(
        take("--since", parse_time(*line.since, context), query.since_us));
  }
  if (line.until) {
    LOGD_RETURN_IF_ERROR(
        take("--until", parse_time(*line.until, context), query.until_us));
  }
  if (query.since_us > query.until_us) {
    return refuse("--since must be before --until");
  }
  return {};
}

Status read_selection(const CommandLine& line, Query& query) {
  LOGD_RETURN_IF_ERROR(read_names(line, query));
  if (line.priority) {
    LOGD_RETURN_IF_ERROR(take("--priority", parse_priorities(*line.priority),
                              query.priority_mask));
  }
  for (const std::string& facilities : line.facilities) {
    uint32_t mask = 0;
    LOGD_RETURN_IF_ERROR(
        take("--facility", parse_facilities(facilities), mask));
    query.facility_mask |= mask;
  }
  query.text.include = line.greps;
  query.text.exclude = line.inverted_greps;
  if (line.case_sensitive) {
    LOGD_RETURN_IF_ERROR(take("--case-sensitive",
                              parse_bool(*line.case_sensitive),
                              query.text.case_sensitive));
  }
  query.kernel_only = line.kernel;
  if (line.boot) {
    LOGD_RETURN_IF_ERROR(take("--boot", parse_boot(*line.boot), query.boot));
  } else if (line.kernel || line.pager_end) {
    query.boot = BootSelector{};
  }
  auto groups = parse_terms(line.terms);
  if (!groups) return fail(std::move(groups.error()));
  query.groups = std::move(*groups);
  return {};
}

Status read_cursors(const CommandLine& line, Options& options) {
  const int starts = line.since.has_value() + line.cursor.has_value() +
                     line.after_cursor.has_value() + !line.cursor_file.empty();
  if (starts > 1) {
    return refuse(
        "only one of --since, --cursor, --after-cursor and --cursor-file can "
        "say where to begin");
  }
  const auto& text = line.cursor ? line.cursor : line.after_cursor;
  if (text) {
    LOGD_RETURN_IF_ERROR(take(line.cursor ? "--cursor" : "--after-cursor",
                              parse_cursor(*text), options.cursor));
  }
  options.after_cursor = line.after_cursor.has_value();
  options.cursor_file = line.cursor_file;
  return {};
}

Status read_lines(const CommandLine& line, Query& query) {
  if (line.lines) {
    LineCount lines;
    LOGD_RETURN_IF_ERROR(take("--lines", parse_lines(*line.lines), lines));
    query.limit = lines.count;
    query.from_oldest = lines.from_oldest;
  } else if (line.follow && !line.no_tail && !line.since) {
    query.limit = kFollowLines;
  } else if (line.pager_end && !line.follow) {
    query.limit = kPagerEndLines;
  }
  if (line.follow && line.reverse) {
    return refuse("--follow and --reverse exclude each other");
  }
  if (query.from_oldest && (line.follow || line.reverse)) {
    return refuse("--lines=+N cannot be combined with --follow or --reverse");
  }
  // journalctl's: who searches and asks for N wants the last N, newest first.
  const bool last_matches = !line.greps.empty() && line.lines && query.limit &&
                            !query.from_oldest && !line.follow;
  query.reverse = line.reverse || last_matches;
  return {};
}

Result<bool> choose_color(const std::string& when,
                          const Environment& environment) {
  if (when == "always") return true;
  if (when == "never") return false;
  if (when != "auto") {
    return refuse("--color: cannot read \"" + when +
                  "\"; expected auto, always or never");
  }
  return environment.stdout_is_terminal &&
         environment.variable("NO_COLOR").empty() &&
         environment.variable("TERM") != "dumb";
}

Status read_output_fields(std::string_view text,
                          std::vector<std::string>& fields) {
  while (!text.empty()) {
    const size_t end = std::min(text.find(','), text.size());
    const auto name = text.substr(0, end);
    if (!is_field_name(name)) {
      return refuse("--output-fields: no field can be named \"" +
                    std::string(name) + "\"; expected MESSAGE,_PID,...");
    }
    fields.emplace_back(name);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

Status read_output(const CommandLine& line, const Environment& environment,
                   Options& options) {
  OutputOptions& output = options.listing.output;
  LOGD_RETURN_IF_ERROR(
      take("--output", parse_output_format(line.output), output.format));
  LOGD_RETURN_IF_ERROR(read_output_fields(line.output_fields, output.fields));
  auto color = choose_color(line.color, environment);
  if (!color) return fail(std::move(color.error()));
  output.text = {.all = line.all,
                 .terminal = environment.stdout_is_terminal,
                 .color = *color};
  output.utc = line.utc;
  output.hostname = !line.no_hostname;
  options.listing.quiet = line.quiet;
  options.listing.show_cursor = line.show_cursor;
  options.listing.keep_cursor = !line.cursor_file.empty();
  options.pager = {.disabled = line.no_pager,
                   .follow = line.follow,
                   .at_end = line.pager_end};
  return {};
}

// Text that is asked for in place of entries; nothing if none is.
std::optional<std::string> requested_text(const CommandLine& line) {
  if (!line.help.empty()) return line.help;
  if (line.version) return "logq " LOGD_VERSION "\n";
  if (line.output == "help") return output_format_names();
  const auto& facilities = line.facilities;
  if (std::find(facilities.begin(), facilities.end(), "help") !=
      facilities.end()) {
    return facility_names();
  }
  return std::nullopt;
}

struct AskedAction {
  bool asked;
  Action action;
  const char* name;
};

// What is asked for in place of entries.
Status read_action(const CommandLine& line, Options& options) {
  const CareOptions& care = options.care;
  const AskedAction actions[] = {
      {line.field.has_value(), Action::kFieldValues, "--field"},
      {line.field_names, Action::kFieldNames, "--fields"},
      {line.disk_usage, Action::kDiskUsage, "--disk-usage"},
      {line.list_boots, Action::kListBoots, "--list-boots"},
      {line.verify, Action::kVerify, "--verify"},
      {line.repair, Action::kRepair, "--repair"},
      {line.file_headers, Action::kFileHeaders, "--header"},
      {line.erase, Action::kDelete, "--delete"},
      {!care.dump_file.empty(), Action::kDump, "dump"},
      {care.needs_logd() || care.vacuum.asked, Action::kMaintain,
       "--sync, --flush, --rotate or --vacuum-..."},
  };
  const AskedAction* chosen = nullptr;
  for (const AskedAction& action : actions) {
    if (!action.asked) continue;
    if (chosen != nullptr) {
      return refuse(std::string(chosen->name) + " cannot be combined with " +
                    action.name);
    }
    chosen = &action;
  }
  if (chosen != nullptr) options.action = chosen->action;
  if (line.field) {
    if (!is_field_name(*line.field)) {
      return refuse("--field: no field can be named \"" + *line.field +
                    "\"; expected a name such as _SYSTEMD_UNIT");
    }
    options.field = *line.field;
  }
  if (line.yes && options.action != Action::kDelete) {
    return refuse("--yes belongs to --delete");
  }
  return {};
}

// Removing what was not meant cannot be mended, so nothing that would have no
// effect is let pass.
Status check_care_selection(const CommandLine& line, const Options& options) {
  const bool places = line.cursor || line.after_cursor ||
                      !line.cursor_file.empty() || line.lines || line.follow;
  const bool other = !line.identifiers.empty() || !line.facilities.empty() ||
                     !line.greps.empty() || !line.inverted_greps.empty() ||
                     line.priority || line.since || line.until || line.boot ||
                     line.kernel ||
                     (!line.terms.empty() && options.action != Action::kDump);
  const bool any = other || !line.units.empty();
  if (options.action == Action::kDelete) {
    if (places) {
      return refuse(
          "--delete removes all entries that the filters select; -n, -f and "
          "cursors do not go with it");
    }
    if (!any) {
      return refuse(
          "--delete needs a filter (-u, -t, -p, -S, -U, -g, FIELD=VALUE, ...); "
          "to make room, use --vacuum-size, --vacuum-time or --vacuum-files");
    }
    return {};
  }
  const bool by_unit = options.care.vacuum.asked;
  if (places || other || (any && !by_unit)) {
    return refuse(by_unit ? "of the filters, --vacuum-... takes only --unit; "
                            "--delete removes what filters select"
                          : "filters have no meaning for what is asked for");
  }
  for (const std::string& unit : line.units) {
    if (unit.starts_with('!')) {
      return refuse("--vacuum-... names the units that lose entries; \"" +
                    unit + "\" excludes one");
    }
  }
  if (any && options.care.vacuum.files) {
    return refuse(
        "--vacuum-files counts segments, which hold entries of all units; "
        "with --unit, use --vacuum-size or --vacuum-time");
  }
  return {};
}

bool is_care(Action action) {
  switch (action) {
    case Action::kMaintain:
    case Action::kDelete:
    case Action::kVerify:
    case Action::kRepair:
    case Action::kFileHeaders:
    case Action::kDump:
      return true;
    default:
      return false;
  }
}

Result<TimeContext> time_context(const CommandLine& line,
                                 const Environment& environment) {
  TimeContext context{.now_us = environment.now_us};
  if (line.utc) {
    context.zone = TimeZone::utc();
  } else if (!line.time_zone.empty()) {
    LOGD_RETURN_IF_ERROR(
        take("--tz", TimeZone::named(line.time_zone), context.zone));
  }
  return context;
}

}  // namespace

Result<Options> parse_options(const std::vector<std::string>& arguments,
                              const Environment& environment) {
  auto line = read_command_line(arguments);
  if (!line) return fail(std::move(line.error()));
  Options options;
  if (auto text = requested_text(*line)) {
    options.action = Action::kPrintText;
    options.text = std::move(*text);
    return options;
  }
  const auto context = time_context(*line, environment);
  if (!context) return fail(context.error());
  auto care = read_care(*line);
  if (!care) return fail(std::move(care.error()));
  options.care = std::move(*care);
  LOGD_RETURN_IF_ERROR(read_action(*line, options));
  if (is_care(options.action)) {
    LOGD_RETURN_IF_ERROR(check_care_selection(*line, options));
  }
  if (options.action == Action::kDump) line->terms.clear();
  LOGD_RETURN_IF_ERROR(read_selection(*line, options.query));
  LOGD_RETURN_IF_ERROR(read_time_range(*line, *context, options.query));
  LOGD_RETURN_IF_ERROR(read_cursors(*line, options));
  LOGD_RETURN_IF_ERROR(read_lines(*line, options.query));
  LOGD_RETURN_IF_ERROR(read_output(*line, environment, options));
  options.follow = line->follow;
  options.time_zone = line->time_zone;
  options.directories = line->directories;
  options.directories_given = !line->directories.empty();
  if (options.directories.empty()) {
    options.directories.push_back(default_state_dir(environment));
  }
  options.runtime_dir = default_runtime_dir(environment);
  return options;
}

}  // namespace logq
