#include "query/care/verify.h"

#include <unistd.h>

#include "format/store_check.h"
#include "query/output_stream.h"
#include "query/remarks.h"

namespace logq {
namespace {

using logfmt::fail;
using logfmt::FileCheck;
using logfmt::Result;
using logfmt::StoreDir;

std::string verdict(const FileCheck& file) {
  return std::string(file.gaps.empty() ? "PASS " : "FAIL ") + file.name + " (" +
         std::to_string(file.entries) +
         (file.entries == 1 ? " entry)\n" : " entries)\n");
}

Result<ExitStatus> verify(const StoreDir& store, OutputStream& stream) {
  bool damaged = false;
  if (const auto identity = logfmt::check_identity(store)) {
    remark(identity->message());
    damaged = true;
  }
  const auto check = logfmt::check_store(store);
  if (!check) return fail(check.error());
  for (const FileCheck& file : check->files) {
    stream.buffer() += verdict(file);
    if (auto flow = stream.flush(); !flow) return fail(std::move(flow.error()));
    damaged = report(file.gaps) || damaged;
  }
  for (const auto& file : check->set_aside) {
    remark("note: " + file.name +
           " was set aside because of damage; no query reads it");
  }
  return damaged ? ExitStatus::kGap : ExitStatus::kShown;
}

}  // namespace

Result<ExitStatus> verify_stores(std::span<const StoreDir> stores) {
  OutputStream stream(STDOUT_FILENO);
  auto worst = ExitStatus::kShown;
  for (const StoreDir& store : stores) {
    const auto status = verify(store, stream);
    if (!status) return status;
    if (*status == ExitStatus::kGap) worst = *status;
  }
  return worst;
}

}  // namespace logq
