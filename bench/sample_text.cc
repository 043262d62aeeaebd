#include "bench/sample_text.h"

#include <fmt/format.h>

#include <iterator>

namespace logbench {
namespace {

// Half of the lines are of two services, as on most machines.
constexpr int kShapes[] = {0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 5, 6};

}  // namespace

void SampleText::next(SampleLine& line) {
  line.text.clear();
  line.priority = 6;
  auto out = std::back_inserter(line.text);
  switch (kShapes[below(std::size(kShapes))]) {
    case 0:
      line.identifier = "nginx";
      fmt::format_to(out,
                     "10.8.{}.{} - - \"GET /api/v2/orders/{}?page={} "
                     "HTTP/1.1\" 200 {} \"-\" \"curl/7.88.1\" rt=0.{:03}",
                     below(4), below(256), below(100000), below(20),
                     200 + below(9000), below(1000));
      break;
    case 1:
      line.identifier = "orders";
      fmt::format_to(out,
                     "order {:08x} of customer {} moved from reserved to "
                     "paid in {} ms, {} items, queue length {}",
                     below(1ULL << 32), below(5000), below(400), 1 + below(9),
                     below(64));
      break;
    case 2:
      line.identifier = "sshd";
      line.priority = 5;
      fmt::format_to(out,
                     "Failed password for invalid user {} from "
                     "203.0.113.{} port {} ssh2",
                     below(2) ? "admin" : "oracle", below(256),
                     1024 + below(64000));
      break;
    case 3:
      line.identifier = "worker";
      fmt::format_to(out,
                     "job {:016x} finished: shard={} attempt={} "
                     "rows={} elapsed={}.{:02}s",
                     random_(), below(16), 1 + below(3), below(100000),
                     below(30), below(100));
      break;
    case 4:
      line.identifier = "postgres";
      line.priority = 4;
      fmt::format_to(out,
                     "duration: {}.{:03} ms  statement: SELECT * FROM "
                     "items WHERE id = {} AND state = 'open'",
                     below(3000), below(1000), below(1000000));
      break;
    case 5:
      line.identifier = "bot";
      line.priority = 3;
      fmt::format_to(out,
                     "request {:06} timed out after 30 s, trying again in "
                     "{} s (attempt {} of 5)",
                     below(1000000), 1 + below(60), 1 + below(5));
      break;
    default:
      line.identifier = "cron";
      fmt::format_to(out,
                     "(root) CMD (/usr/lib/maintenance/step{} "
                     "--limit={} > /dev/null)",
                     below(12), 100 * (1 + below(5)));
  }
}

}  // namespace logbench
