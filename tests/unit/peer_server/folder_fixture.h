// A shared folder on disk for tests, and what it told its listener.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "common/content/merkle_tree.h"
#include "peer_server/core/shared_folder.h"
#include "tests/support/temporary_directory.h"

namespace trueque::testing {

inline constexpr std::chrono::seconds kPatience{20};  // for what takes milliseconds

inline ContentId id_of(const std::string& bytes) {
  ContentHasher hasher(bytes.size());
  hasher.update({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  return root_of_pieces(PieceLayout(bytes.size()), hasher.take_piece_hashes());
}

inline std::string patterned(std::size_t size, unsigned seed = 1) {
  std::string bytes(size, '\0');
  for (char& c : bytes) {
    seed = seed * 1664525U + 1013904223U;
    c = static_cast<char>(seed >> 24);
  }
  return bytes;
}

// Knows what is shared by what a SharedFolder's listener was told.
class SharedNames {
 public:
  void apply(const std::vector<FolderChange>& changes) {
    const std::lock_guard lock(mutex_);
    for (const FolderChange& change : changes) {
      if (change.content) {
        names_[change.name] = *change.content;
        ++times_shared_[change.name];
      } else {
        names_.erase(change.name);
      }
    }
    changed_.notify_all();
  }
  // Waits until `name` is shared with this content.
  bool wait_for(const std::string& name, const ContentId& id) {
    return wait([&] { return names_.contains(name) && names_[name].id == id; });
  }
  bool wait_gone(const std::string& name) {
    return wait([&] { return !names_.contains(name); });
  }
  int times_shared(const std::string& name) {
    const std::lock_guard lock(mutex_);
    return times_shared_[name];
  }
  std::map<std::string, Content> names() {
    const std::lock_guard lock(mutex_);
    return names_;
  }

 private:
  template <typename Condition>
  bool wait(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, condition);
  }

  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::map<std::string, Content> names_;
  std::map<std::string, int> times_shared_;
};

class FolderOnDisk {
 public:
  FolderOnDisk() { std::filesystem::create_directory(temporary_.file("share")); }

  std::string path(const std::string& name = "") const {
    return temporary_.file(name.empty() ? "share" : "share/" + name);
  }
  std::string outside(const std::string& name) const { return temporary_.file(name); }

  void write(const std::string& name, const std::string& bytes) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << bytes;
  }
  // A file of zeros that takes no room.
  void write_sparse(const std::string& name, std::uint64_t size) const {
    write(name, "");
    std::filesystem::resize_file(path(name), size);
  }

  FolderOptions options() const {
    FolderOptions options;
    options.path = path();
    options.cache_directory = temporary_.file("cache");
    options.rest = std::chrono::milliseconds(30);
    options.hash_threads = 2;
    return options;
  }
  std::unique_ptr<SharedFolder> share() { return share(options()); }
  std::unique_ptr<SharedFolder> share(const FolderOptions& options) {
    auto folder = SharedFolder::open(
        options, log_, [this](const std::vector<FolderChange>& all) { names.apply(all); });
    return folder ? std::move(*folder) : nullptr;
  }
  // Shared, and all of it hashed.
  std::unique_ptr<SharedFolder> share_settled() {
    std::unique_ptr<SharedFolder> folder = share();
    if (folder && !folder->wait_until_settled(kPatience)) return nullptr;
    return folder;
  }
  const Log& log() const { return log_; }

  SharedNames names;

 private:
  TemporaryDirectory temporary_;
  Log log_{LogLevel::kOff, LogFormat::kText};
};

}  // namespace trueque::testing
