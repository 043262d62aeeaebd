#include "query/output.h"

#include <algorithm>
#include <array>

#include "query/output_cat.h"
#include "query/output_export.h"
#include "query/output_json.h"
#include "query/output_short.h"
#include "query/output_verbose.h"
#include "query/suggestion.h"

namespace logq {
namespace {

// In the order of OutputFormat.
constexpr auto kNames = std::to_array<std::string_view>(
    {"short", "short-precise", "short-iso", "short-iso-precise", "short-unix",
     "short-full", "short-monotonic", "short-delta", "with-unit", "verbose",
     "export", "json", "json-pretty", "json-sse", "json-seq", "cat"});
static_assert(kNames.size() == static_cast<size_t>(OutputFormat::kCat) + 1);

}  // namespace

logfmt::Result<OutputFormat> parse_output_format(std::string_view name) {
  const auto* const found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) {
    return logfmt::fail(
        logfmt::ErrorCode::kInvalidArgument,
        "unknown output format \"" + std::string(name) + "\"" +
            did_you_mean(name, kNames, "\"-o help\" lists the formats"));
  }
  return static_cast<OutputFormat>(found - kNames.begin());
}

std::string output_format_names() {
  std::string names;
  for (const auto name : kNames) {
    names += name;
    names += '\n';
  }
  return names;
}

bool is_machine_format(OutputFormat format) {
  return format >= OutputFormat::kExport;
}

bool is_wanted(const std::vector<std::string>& fields, std::string_view name) {
  return fields.empty() ||
         std::find(fields.begin(), fields.end(), name) != fields.end();
}

std::unique_ptr<Printer> make_printer(const OutputOptions& options) {
  switch (options.format) {
    case OutputFormat::kVerbose:
      return std::make_unique<VerbosePrinter>(options);
    case OutputFormat::kExport:
      return std::make_unique<ExportPrinter>(options);
    case OutputFormat::kJson:
    case OutputFormat::kJsonPretty:
    case OutputFormat::kJsonSse:
    case OutputFormat::kJsonSeq:
      return std::make_unique<JsonPrinter>(options);
    case OutputFormat::kCat:
      return std::make_unique<CatPrinter>(options);
    default:
      return std::make_unique<ShortPrinter>(options);
  }
}

}  // namespace logq
