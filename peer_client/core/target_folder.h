// Where a download lands: one open folder, reached without following a symbolic
// link below its root, and the part file in it. Nothing here ever replaces a
// file that was there. Errors of the local disk are kAborted.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/files.h"
#include "common/content/part_name.h"

namespace trueque {

// The file being fetched, ".<name>.<first 8 digits of the content id>.part",
// locked against a second client. Stays when the download does not finish: what
// it holds is looked at again next time.
class PartFile {
 public:
  PartFile(UniqueFd fd, std::string name, std::string path)
      : fd_(std::move(fd)), name_(std::move(name)), path_(std::move(path)) {}

  int fd() const { return fd_.get(); }
  const std::string& name() const { return name_; }
  const std::string& path() const { return path_; }  // for messages

  Result<std::uint64_t> size() const;  // bytes
  Status write_at(std::uint64_t offset, std::span<const std::uint8_t> bytes) const;
  // Reads exactly `bytes.size()` bytes.
  Status read_at(std::uint64_t offset, std::span<std::uint8_t> bytes) const;
  // Has the disk begin with these bytes, so that finish() has little left to wait for.
  void start_writing_back(std::uint64_t offset, std::uint64_t length) const;
  Status cut(std::uint64_t size) const;  // or extends it
  // Cuts or extends the file to its final size, and makes it durable.
  Status finish(std::uint64_t size) const;

 private:
  UniqueFd fd_;
  std::string name_;
  std::string path_;
};

class TargetFolder {
 public:
  // Opens `folder` (components joined by '/', may be empty) below `root`, which is
  // opened as it is. Missing folders are made when `create`, else kNotFound.
  // kFailedPrecondition when a symbolic link is in the way.
  static Result<TargetFolder> open(const std::string& root, std::string_view folder, bool create);

  std::string path_of(std::string_view name) const;  // for messages and reports

  // A regular file of that very name; kNotFound for none, kFailedPrecondition for
  // anything else, links included.
  Result<UniqueFd> open_file(const std::string& name) const;
  // The part of this content: the one that is to become `name`; or, when there is
  // none, one in here that was to have another name, renamed; or a new one.
  // kFailedPrecondition when another client is fetching it, kAborted when a link is in its
  // place.
  Result<PartFile> open_part(const std::string& name, const ContentId& content) const;
  // Moves a part of `from` and its journal in here, where it is called `wanted` from then
  // on. Nothing where it stays: another client is at it, it is on another file system, or
  // there is a part of that name here. It is locked all the while.
  std::optional<PartFile> take_part(const TargetFolder& from, const std::string& part,
                                    const std::string& wanted) const;
  // Whether something of that very name is here, a link included.
  bool has(const std::string& name) const;
  // The file beside a part that tells of its pieces. kNotFound unless `create`.
  Result<PartFile> open_journal(const PartFile& part, bool create) const;
  // A file without a name, gone with the process.
  Result<PartFile> open_scratch() const;
  // A part that was not there; kAlreadyExists when it was. Not locked: for bytes that are
  // all at hand.
  Result<PartFile> create_part(const std::string& name, const ContentId& content) const;
  // Gives the part its final name in one step; kAlreadyExists when that is taken. Lasts
  // once the folder is synced.
  Status give_name(const std::string& part, const std::string& name) const;
  Status sync() const;
  // All that was written to the file system the folder is in: one wait for many files.
  Status sync_file_system() const;
  std::uint64_t device() const;  // the file system's number
  void remove(const PartFile& part) const { remove(part.name()); }
  void remove(const std::string& part) const;
  // Removes the part of that name and its journal; the bytes that freed.
  // kFailedPrecondition when another client is at it.
  Result<std::uint64_t> remove_part(const std::string& part) const;
  void remove_journal(const PartFile& part) const;

 private:
  TargetFolder(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  std::optional<PartFile> adopt_part(const std::string& wanted, const ContentId& content) const;

  UniqueFd fd_;
  std::string path_;
};

// "name.ext", "name (2).ext", "name (3).ext", ...: `number` from 1. Never longer
// than a component may be.
std::string numbered_name(const std::string& name, unsigned number);

}  // namespace trueque
