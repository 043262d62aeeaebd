// logq: see query/options.h for what it understands, query/run.h for what it
// does with it.
#include <malloc.h>
#include <signal.h>

#include <exception>
#include <utility>

#include "query/environment.h"
#include "query/options.h"
#include "query/remarks.h"
#include "query/run.h"
#include "query/time_zone.h"

namespace {

logfmt::Result<logq::ExitStatus> ask(const std::vector<std::string>& words) {
  const logq::Environment environment = logq::process_environment();
  auto options = logq::parse_options(words, environment);
  if (!options) return logfmt::fail(options.error());
  if (!options->time_zone.empty()) {
    LOGD_RETURN_IF_ERROR(logq::set_process_zone(options->time_zone));
  }
  return logq::run(std::move(*options), environment);
}

// Blocks are large and come one after the other. Giving their memory back to
// the system between two of them would cost more than reading them.
void keep_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
  // Threads hand memory on to each other; with an arena for each it would be
  // kept more than once.
  mallopt(M_ARENA_MAX, 1);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  keep_memory();
  // A reader that goes away shows as EPIPE where logq writes.
  signal(SIGPIPE, SIG_IGN);
  auto status = logq::ExitStatus::kFailure;
  try {
    const auto answer = ask({argv + 1, argv + argc});
    if (answer) {
      status = *answer;
    } else {
      logq::remark("logq: " + answer.error().message());
    }
  } catch (const std::exception& error) {
    logq::remark(std::string("logq: ") + error.what());
  }
  return static_cast<int>(status);
}
