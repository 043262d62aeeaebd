#include "tests/logd/testing/temp_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "format/checksum.h"
#include "logd/store/recovery.h"
#include "tests/format/testing/store_samples.h"

namespace logd::testing {

std::vector<Sample> read_store(const logfmt::StoreDir& store) {
  std::map<uint64_t, Sample> entries;
  const auto files = store.list();
  if (!files) return {};
  for (const auto& file : *files) {
    const auto reading = file.kind == logfmt::StoreFileKind::kWal
                             ? logfmt::testing::read_wal(store, file.name)
                             : logfmt::testing::read_segment(store, file.name);
    for (const Sample& entry : reading.entries) {
      entries.emplace(entry.seq, entry);
    }
  }
  std::vector<Sample> list;
  for (auto& [seq, entry] : entries) list.push_back(std::move(entry));
  return list;
}

std::vector<std::string> names(const logfmt::StoreDir& store) {
  std::vector<std::string> list;
  const auto files = store.list();
  if (!files) return {};
  for (const auto& file : *files) list.push_back(file.name);
  return list;
}

std::string field_of(const Sample& entry, std::string_view name) {
  const auto view = entry.view();
  for (const auto& list : {view.payload, view.context}) {
    if (const auto value = list.find(name)) return std::string(*value);
  }
  return "-";
}

std::string message_of(const Sample& entry) {
  return field_of(entry, "MESSAGE");
}

std::vector<std::string> messages(const std::vector<Sample>& entries) {
  std::vector<std::string> list;
  for (const Sample& entry : entries) list.push_back(message_of(entry));
  return list;
}

bool becomes_true(const std::function<bool()>& condition) {
  using std::chrono::steady_clock;
  const auto until = steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

TempStore::TempStore(const std::string& path, const StoreConfig& config)
    : zone_(std::move(LandingZone::create(0).value())) {
  if (path.empty()) temp_.emplace();
  auto store =
      logfmt::StoreDir::open_or_create(path.empty() ? temp_->path() : path);
  if (!store) ADD_FAILURE() << store.error().message();
  store_.emplace(std::move(*store));
  auto found = recover_store(*store_, events_);
  if (!found) ADD_FAILURE() << found.error().message();
  encoder_ = std::make_unique<Encoder>(*store_, config, events_,
                                       std::move(found->encoded));
  for (ClosedWal& wal : found->wals) encoder_->enqueue(std::move(wal));
  syncer_ = std::make_unique<Syncer>(*store_, config.sync_interval);
  wal_ = std::make_unique<WalThread>(
      WalThreadParts{*store_, boot_, zone_, *syncer_, *encoder_, events_},
      OpenWal(), found->written_seq);
  writer_ = std::make_unique<StoreWriter>(
      StoreWriter::Parts{logfmt::checksum_seed(store_->id()), zone_, *wal_,
                         *syncer_},
      found->next_seq, 0);
  logfmt::append_field(context_.fields, "_TRANSPORT", "test");
}

void TempStore::stop() {
  if (writer_) writer_->commit();
  if (wal_) wal_->stop();
  if (syncer_) syncer_->wait();
  abandon();
}

void TempStore::abandon() {
  writer_.reset();
  if (wal_) wal_->abandon();
  wal_.reset();
  encoder_.reset();
  syncer_.reset();
}

bool TempStore::commit() {
  writer_->commit();
  return wal_->wait_written(writer_->position(), std::chrono::seconds(3));
}

bool TempStore::add(std::string_view text, uint8_t priority) {
  if (!writer_->admits(priority, text.size() + context_.fields.size() + 10)) {
    return false;
  }
  writer_->frame().begin_row(
      context_, {.realtime_us = 1'700'000'000'000'000, .priority = priority});
  writer_->frame().add_field("MESSAGE", text);
  writer_->frame().end_row();
  writer_->note_priority(priority);
  return true;
}

}  // namespace logd::testing
