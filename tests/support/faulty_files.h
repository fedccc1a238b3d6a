// StorageFiles in memory that knows what a crash may leave. Operations that change
// something are counted; a test can let the power fail at one of them, or some of them fail.
//
// What a sync did not promise may or may not be there after crash(): bytes appended to a
// file, and names created, moved and removed. Bytes whose sync failed are in doubt for
// good. Any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "server/storage/storage_files.h"

namespace trueque::testing {

class FaultyFiles final : public StorageFiles {
 public:
  enum class Operation { kCreate, kAppend, kSync, kRename, kRemove, kSyncFolder };
  // What becomes of that which was not synced.
  enum class Survival {
    kNothing,     // all of it is lost
    kEverything,  // none of it is
    kNames,       // names are there, bytes are not
    kTorn,        // names are there, and the first half of the bytes
    kZeros,       // as many bytes as there should be, but zeros
    kChance,      // each as it comes
  };

  // The power fails at the `operation`th operation from now on, which may be half done;
  // 0: never.
  void fail_power_at(std::uint64_t operation);
  std::uint64_t operations() const;
  // Fails each operation for which `refuse` gives a reason, "No space left on device".
  using Refuse = std::function<std::string(Operation, const std::string& path)>;
  void refuse(Refuse refuse);
  // The machine is on again: what was not synced survives or does not.
  void crash(Survival survival, std::uint64_t seed = 0);

  void put(const std::string& path, const std::string& bytes);
  std::map<std::string, std::string> contents() const;

  Result<std::unique_ptr<AppendFile>> create(const std::string& path, mode_t mode) override;
  Result<std::string> read(const std::string& path) const override;
  Result<std::vector<std::string>> list(const std::string& prefix) const override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status sync(const std::string& path) override;
  Status sync_folder(const std::string& path) override;

 private:
  // Bytes by their order: on disk, never promised again, and not yet synced.
  struct Inode {
    std::string bytes;
    std::size_t synced = 0;    // of the bytes
    std::size_t in_doubt = 0;  // up to here no later sync helps
  };
  using InodePtr = std::shared_ptr<Inode>;
  using Names = std::map<std::string, InodePtr>;
  struct Naming {
    std::string path;
    InodePtr inode;    // none: the name goes
    std::string from;  // the name it had, which goes with it
  };
  class OpenFile;

  // Counts the operation; an error where it must not happen.
  Status begin(Operation operation, const std::string& path);
  Status append_to(const InodePtr& inode, const std::string& path, std::string_view bytes);
  Status sync_inode(const InodePtr& inode, const std::string& path);
  static void apply(const Naming& naming, Names& names);
  void name(Naming naming);
  void settle(Inode& inode, Survival survival, std::mt19937_64& chance) const;

  mutable std::mutex mutex_;
  Names now_;      // as programs see them
  Names on_disk_;  // as they were synced
  std::vector<Naming> unsynced_names_;
  std::uint64_t count_ = 0;
  std::uint64_t power_fails_at_ = 0;
  bool powerless_ = false;
  std::uint64_t life_ = 0;  // files opened before a crash are no use after it
  Refuse refuse_;
};

}  // namespace trueque::testing
