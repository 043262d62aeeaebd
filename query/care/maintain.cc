#include "query/care/maintain.h"

#include "query/care/daemon_client.h"
#include "query/care/vacuum.h"
#include "query/store_list.h"

namespace logq {
namespace {

using logfmt::fail;
using logfmt::Result;

// A store that was named must be the one whose daemon is asked.
logfmt::Status ask_daemon(const Options& options) {
  const DaemonClient daemon(options.runtime_dir);
  if (options.directories_given) {
    const auto stores = open_stores(options.directories);
    if (!stores) return fail(stores.error());
    for (const auto& store : *stores) {
      LOGD_RETURN_IF_ERROR(daemon.check_serves(store));
    }
  }
  if (options.care.flush) LOGD_RETURN_IF_ERROR(daemon.command("flush"));
  if (options.care.sync) LOGD_RETURN_IF_ERROR(daemon.command("sync"));
  if (options.care.rotate) LOGD_RETURN_IF_ERROR(daemon.command("rotate"));
  return {};
}

}  // namespace

Result<ExitStatus> maintain(const Options& options,
                            const Environment& environment) {
  if (options.care.needs_logd()) LOGD_RETURN_IF_ERROR(ask_daemon(options));
  if (!options.care.vacuum.asked) return ExitStatus::kShown;
  const auto stores = open_stores(options.directories);
  if (!stores) return fail(stores.error());
  return vacuum(options, *stores, environment);
}

}  // namespace logq
