#include "query/care/repair.h"

#include <unistd.h>

#include "format/identity_repair.h"
#include "format/store_repair.h"
#include "query/output_stream.h"
#include "query/store_list.h"

namespace logq {
namespace {

using logfmt::fail;
using logfmt::RepairOutcome;
using logfmt::RepairStep;
using logfmt::Result;

std::string line_of(const RepairStep& step) {
  switch (step.outcome) {
    case RepairOutcome::kSound:
      return "SOUND " + step.name + "\n";
    case RepairOutcome::kMended:
      return "MENDED " + step.name + ": " + step.what + "\n";
    case RepairOutcome::kPartly:
      return "PARTLY " + step.name + ": " + step.what + "\n";
    case RepairOutcome::kLeft:
      return "LEFT " + step.name + ": " + step.what + "\n";
  }
  return {};
}

bool is_whole(RepairOutcome outcome) {
  return outcome == RepairOutcome::kSound || outcome == RepairOutcome::kMended;
}

Result<ExitStatus> repair(const std::string& directory, std::string& text) {
  const auto identity = logfmt::repair_identity(directory);
  if (!identity) {
    return fail(explain_store_error(identity.error(), directory));
  }
  if (*identity) {
    text += "MENDED STORE: its uuid is " + (*identity)->hex() +
            ", as the files say\n";
  }
  auto store = logfmt::StoreDir::open(directory);
  if (!store) return fail(explain_store_error(store.error(), directory));
  const auto steps = logfmt::repair_store(*store);
  if (!steps) return fail(steps.error());
  auto status = ExitStatus::kShown;
  for (const RepairStep& step : *steps) {
    text += line_of(step);
    if (!is_whole(step.outcome)) status = ExitStatus::kGap;
  }
  return status;
}

}  // namespace

Result<ExitStatus> repair_stores(const std::vector<std::string>& directories) {
  OutputStream stream(STDOUT_FILENO);
  auto worst = ExitStatus::kShown;
  for (const std::string& directory : directories) {
    const auto status = repair(directory, stream.buffer());
    if (auto flow = stream.flush(); !flow) return fail(std::move(flow.error()));
    if (!status) return status;
    if (*status == ExitStatus::kGap) worst = *status;
  }
  return worst;
}

}  // namespace logq
