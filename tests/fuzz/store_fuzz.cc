// The input as the file STORE of a directory.
#include "format/store_dir.h"
#include "tests/format/testing/temp_dir.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const logfmt::testing::TempDir folder;
  logfmt::testing::write_whole(folder / "STORE",
                               {reinterpret_cast<const char*>(data), size});
  const auto store = logfmt::StoreDir::open(folder.path());
  if (store && !store->list()) __builtin_trap();
  return 0;
}
