#include "server/storage/directory_repair.h"

#include <map>

#include "server/storage/snapshot/snapshot_writer.h"

namespace trueque {
namespace {

constexpr mode_t kSecret = 0600;

// The damaged bytes of each segment, one range behind the other.
Result<std::map<std::string, std::string>> damaged_bytes(
    const StorageFiles& files, const std::vector<JournalDamage>& damages) {
  std::map<std::string, std::string> bytes;
  for (const JournalDamage& damage : damages) {
    if (damage.range.length == 0) continue;
    const auto segment = files.read(damage.path);
    if (!segment) return segment.error();
    bytes[damage.path] += segment->substr(damage.range.offset, damage.range.length);
  }
  return bytes;
}

}  // namespace

// The segments go last: until then it can all be done again.
Result<RepairReport> repair_directory(StorageFiles& files, const StatePaths& paths,
                                      const Clock& clock) {
  DirectoryTables tables;
  auto loaded = StateLoader(files, paths, clock, tables).load_despite_damage();
  if (!loaded) return loaded.error();
  RepairReport report{std::move(loaded->damages), {}, loaded->recovery};
  if (report.damages.empty()) return report;
  const auto bytes = damaged_bytes(files, report.damages);
  if (!bytes) return bytes.error();
  for (const auto& [segment, damaged] : *bytes) {
    auto aside = unused_path(files, segment + ".damaged");
    if (!aside) return aside.error();
    if (Status status = replace_file(files, *aside, damaged, kSecret); !status)
      return status.error();
    report.set_aside.push_back(*std::move(aside));
  }
  const auto written = write_whole_snapshot(files, paths, tables);
  if (!written) return written.error();
  return report;
}

}  // namespace trueque
