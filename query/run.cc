#include "query/run.h"

#include <unistd.h>

#include "query/care/dump.h"
#include "query/care/erase.h"
#include "query/care/maintain.h"
#include "query/care/repair.h"
#include "query/care/verify.h"
#include "query/engine/boots.h"
#include "query/engine/field_values.h"
#include "query/output_stream.h"
#include "query/remarks.h"
#include "query/show.h"
#include "query/stamp.h"
#include "query/store_list.h"

namespace logq {
namespace {

using logfmt::fail;
using logfmt::Result;
using logfmt::StoreDir;

using Stores = std::vector<StoreDir>;

Result<ExitStatus> print(std::string text) {
  OutputStream stream(STDOUT_FILENO);
  stream.buffer() = std::move(text);
  if (auto flow = stream.flush(); !flow) return fail(std::move(flow.error()));
  return ExitStatus::kShown;
}

// -F and -N: one name or value a line, sorted.
Result<ExitStatus> print_values(const DistinctValues& found) {
  std::string text;
  for (const std::string& value : found.values) text.append(value) += '\n';
  auto status = print(std::move(text));
  if (!status) return status;
  if (!found.complete) {
    remark("note: there are more different values than logq lists");
  }
  if (report(found.gaps)) return ExitStatus::kGap;
  return found.values.empty() ? ExitStatus::kNothing : ExitStatus::kShown;
}

Result<ExitStatus> list_values(const Options& options, const Stores& stores) {
  DistinctValues found;
  for (const StoreDir& store : stores) {
    LOGD_RETURN_IF_ERROR(options.action == Action::kFieldNames
                             ? collect_field_names(store, found)
                             : collect_values(store, options.field, found));
  }
  return print_values(found);
}

Result<ExitStatus> print_disk_usage(const Stores& stores) {
  std::string text;
  for (const StoreDir& store : stores) {
    const auto bytes = disk_bytes(store);
    if (!bytes) return fail(bytes.error());
    text += "Logs take up ";
    append_size(text, *bytes);
    text += " in " + store.path() + ".\n";
  }
  return print(std::move(text));
}

// Counted from the newest, as -b does.
Result<ExitStatus> print_boots(const Options& options, const Stores& stores) {
  const auto boots = list_boots(stores);
  if (!boots) return fail(boots.error());
  Stamp stamp(StampStyle::kFull, options.listing.output.utc);
  std::string text;
  if (!options.listing.quiet && !boots->empty()) {
    text = "IDX BOOT ID                          FIRST ENTRY" +
           std::string(17, ' ') + "LAST ENTRY\n";
  }
  for (size_t i = 0; i < boots->size(); ++i) {
    const BootRange& boot = (*boots)[i];
    const size_t back = boots->size() - 1 - i;
    const std::string index = (back == 0 ? "" : "-") + std::to_string(back);
    text.append(3 - std::min<size_t>(3, index.size()), ' ');
    text += index + " " + boot.id.hex() + " ";
    stamp.append(text, boot.first_us);
    text += " ";
    stamp.append(text, boot.last_us);
    text += "\n";
  }
  auto status = print(std::move(text));
  if (status && boots->empty()) return ExitStatus::kNothing;
  return status;
}

}  // namespace

Result<ExitStatus> run(Options options, const Environment& environment) {
  if (options.action == Action::kPrintText) return print(options.text);
  options.directories = distinct_directories(options.directories);
  if (options.action == Action::kShow && options.follow) {
    return show_and_follow(options);
  }
  if (options.action == Action::kRepair) {
    return repair_stores(options.directories);
  }
  if (options.action == Action::kDump) return dump_file(options);
  if (options.action == Action::kMaintain) {
    return maintain(options, environment);
  }
  auto stores = open_stores(options.directories);
  if (!stores) return fail(stores.error());
  switch (options.action) {
    case Action::kFieldValues:
    case Action::kFieldNames:
      return list_values(options, *stores);
    case Action::kDiskUsage:
      return print_disk_usage(*stores);
    case Action::kListBoots:
      return print_boots(options, *stores);
    case Action::kDelete:
      return delete_entries(options, *stores, environment);
    case Action::kFileHeaders:
      return print_file_headers(options, *stores);
    case Action::kVerify:
      return verify_stores(*stores);
    default:
      return show(options, *stores, environment);
  }
}

}  // namespace logq
