#include "tests/support/faulty_files.h"

#include <algorithm>

namespace trueque::testing {
namespace {

Error no_power() { return make_error(Code::kAborted, "the power is off"); }

}  // namespace

class FaultyFiles::OpenFile final : public AppendFile {
 public:
  OpenFile(FaultyFiles& files, std::uint64_t life, InodePtr inode, std::string path)
      : files_(files), life_(life), inode_(std::move(inode)), path_(std::move(path)) {}

  Status append(std::string_view bytes) override {
    const std::lock_guard lock(files_.mutex_);
    if (life_ != files_.life_) return no_power();
    return files_.append_to(inode_, path_, bytes);
  }
  Status sync() override {
    const std::lock_guard lock(files_.mutex_);
    if (life_ != files_.life_) return no_power();
    return files_.sync_inode(inode_, path_);
  }

 private:
  FaultyFiles& files_;
  const std::uint64_t life_;
  const InodePtr inode_;
  const std::string path_;
};

void FaultyFiles::fail_power_at(std::uint64_t operation) {
  const std::lock_guard lock(mutex_);
  power_fails_at_ = operation == 0 ? 0 : count_ + operation;
}

std::uint64_t FaultyFiles::operations() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

void FaultyFiles::refuse(Refuse refuse) {
  const std::lock_guard lock(mutex_);
  refuse_ = std::move(refuse);
}

void FaultyFiles::put(const std::string& path, const std::string& bytes) {
  const std::lock_guard lock(mutex_);
  now_[path] = on_disk_[path] = std::make_shared<Inode>(Inode{bytes, bytes.size(), 0});
}

std::map<std::string, std::string> FaultyFiles::contents() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::string> out;
  for (const auto& [path, inode] : now_) out[path] = inode->bytes;
  return out;
}

Status FaultyFiles::begin(Operation operation, const std::string& path) {
  if (powerless_) return no_power();
  ++count_;
  powerless_ = count_ == power_fails_at_;
  if (powerless_ || !refuse_) return {};  // the caller sees to what is half done
  const std::string reason = refuse_(operation, path);
  if (reason.empty()) return {};
  return make_error(Code::kAborted, "cannot write " + path + ": " + reason);
}

void FaultyFiles::apply(const Naming& naming, Names& names) {
  if (naming.inode) {
    names[naming.path] = naming.inode;
  } else {
    names.erase(naming.path);
  }
  names.erase(naming.from);
}

void FaultyFiles::name(Naming naming) {
  apply(naming, now_);
  unsynced_names_.push_back(std::move(naming));
}

Result<std::unique_ptr<AppendFile>> FaultyFiles::create(const std::string& path, mode_t /*mode*/) {
  const std::lock_guard lock(mutex_);
  if (Status status = begin(Operation::kCreate, path); !status) return status.error();
  const auto inode = std::make_shared<Inode>();
  name({path, inode, {}});
  if (powerless_) return no_power();
  return std::unique_ptr<AppendFile>(std::make_unique<OpenFile>(*this, life_, inode, path));
}

Status FaultyFiles::append_to(const InodePtr& inode, const std::string& path,
                              std::string_view bytes) {
  const Status status = begin(Operation::kAppend, path);
  // A disk that fills up, or goes, takes a part of it.
  if (!status || powerless_) bytes = bytes.substr(0, bytes.size() / 2);
  inode->bytes += bytes;
  if (powerless_) return no_power();
  return status;
}

Status FaultyFiles::sync_inode(const InodePtr& inode, const std::string& path) {
  if (Status status = begin(Operation::kSync, path); !status) {
    inode->in_doubt = inode->bytes.size();
    return status;
  }
  if (powerless_) return no_power();
  if (inode->in_doubt == 0) inode->synced = inode->bytes.size();
  return {};
}

Result<std::string> FaultyFiles::read(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto place = now_.find(path);
  if (place == now_.end()) return make_error(Code::kNotFound, "cannot open " + path);
  return place->second->bytes;
}

Result<std::vector<std::string>> FaultyFiles::list(const std::string& prefix) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> paths;
  for (const auto& [path, inode] : now_) {
    if (path.starts_with(prefix)) paths.push_back(path);
  }
  return paths;
}

Status FaultyFiles::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  if (Status status = begin(Operation::kRename, to); !status) return status;
  const auto place = now_.find(from);
  if (place == now_.end()) return make_error(Code::kNotFound, "cannot rename " + from);
  name({to, place->second, from});
  if (powerless_) return no_power();
  return {};
}

Status FaultyFiles::remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (Status status = begin(Operation::kRemove, path); !status) return status;
  if (!now_.contains(path)) return make_error(Code::kNotFound, "cannot remove " + path);
  name({path, nullptr, {}});
  if (powerless_) return no_power();
  return {};
}

Status FaultyFiles::sync(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto place = now_.find(path);
  if (place == now_.end()) return make_error(Code::kNotFound, "cannot open " + path);
  return sync_inode(place->second, path);
}

Status FaultyFiles::sync_folder(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (Status status = begin(Operation::kSyncFolder, path); !status) return status;
  if (powerless_) return no_power();
  on_disk_ = now_;
  unsynced_names_.clear();
  return {};
}

void FaultyFiles::settle(Inode& inode, Survival survival, std::mt19937_64& chance) const {
  const std::size_t unsynced = inode.bytes.size() - inode.synced;
  switch (survival) {
    case Survival::kEverything:
      break;
    case Survival::kNothing:
    case Survival::kNames:
      inode.bytes.resize(inode.synced);
      break;
    case Survival::kTorn:
      inode.bytes.resize(inode.synced + unsynced / 2);
      break;
    case Survival::kZeros:
      std::fill(inode.bytes.begin() + static_cast<std::ptrdiff_t>(inode.synced), inode.bytes.end(),
                '\0');
      break;
    case Survival::kChance:
      inode.bytes.resize(inode.synced + chance() % (unsynced + 1));
      break;
  }
  inode.synced = inode.bytes.size();
  inode.in_doubt = 0;
}

void FaultyFiles::crash(Survival survival, std::uint64_t seed) {
  const std::lock_guard lock(mutex_);
  std::mt19937_64 chance(seed);
  for (const Naming& each : unsynced_names_) {
    if (survival == Survival::kNothing) break;
    if (survival == Survival::kChance && chance() % 2 == 0) continue;
    apply(each, on_disk_);
  }
  for (auto& [path, inode] : on_disk_) settle(*inode, survival, chance);
  now_ = on_disk_;
  unsynced_names_.clear();
  powerless_ = false;
  power_fails_at_ = 0;
  ++life_;
}

}  // namespace trueque::testing
