// The real file system, with a journal that a test can hold up, and a disk it can let fail.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "server/storage/disk_files.h"

namespace trueque::testing {

class ControlledFiles final : public StorageFiles {
 public:
  // Frames wait from now on before they are written.
  void hold() {
    set([this] { held_ = true; });
  }
  void release() {
    set([this] { held_ = false; });
  }
  void fail(bool fails) {
    set([this, fails] { fails_ = fails; });
  }
  // Until so many frames were begun since the last take_frames().
  void wait_for_frames(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return frames_ >= count; });
  }
  int take_frames() {
    const std::lock_guard lock(mutex_);
    return std::exchange(frames_, 0);
  }

  Result<std::unique_ptr<AppendFile>> create(const std::string& path, mode_t mode) override {
    if (Status status = check(path); !status) return status.error();
    auto file = disk_.create(path, mode);
    if (!file) return file.error();
    return std::unique_ptr<AppendFile>(std::make_unique<File>(*this, path, *std::move(file)));
  }
  Result<std::string> read(const std::string& path) const override { return disk_.read(path); }
  Result<std::vector<std::string>> list(const std::string& prefix) const override {
    return disk_.list(prefix);
  }
  Status rename(const std::string& from, const std::string& to) override {
    if (Status status = check(to); !status) return status;
    return disk_.rename(from, to);
  }
  Status remove(const std::string& path) override { return disk_.remove(path); }
  Status sync(const std::string& path) override { return disk_.sync(path); }
  Status sync_folder(const std::string& path) override { return disk_.sync_folder(path); }

 private:
  class File final : public AppendFile {
   public:
    File(ControlledFiles& files, std::string path, std::unique_ptr<AppendFile> file)
        : files_(files), path_(std::move(path)), file_(std::move(file)) {}
    Status append(std::string_view bytes) override {
      if (bytes.starts_with("TqFr")) files_.note_frame();
      if (Status status = files_.check(path_); !status) return status;
      return file_->append(bytes);
    }
    Status sync() override { return file_->sync(); }

   private:
    ControlledFiles& files_;
    const std::string path_;
    const std::unique_ptr<AppendFile> file_;
  };

  template <typename Step>
  void set(Step step) {
    const std::lock_guard lock(mutex_);
    step();
    changed_.notify_all();
  }
  void note_frame() {
    std::unique_lock lock(mutex_);
    ++frames_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_; });
  }
  Status check(const std::string& path) {
    const std::lock_guard lock(mutex_);
    if (!fails_) return {};
    return make_error(Code::kAborted, "cannot write " + path + ": No space left on device");
  }

  DiskFiles disk_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int frames_ = 0;
  bool held_ = false;
  bool fails_ = false;
};

}  // namespace trueque::testing
