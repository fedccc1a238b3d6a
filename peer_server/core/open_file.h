// One shared file, open for reading, as it was when it was hashed. Reads fail
// with kFailedPrecondition as soon as the file is no longer that one, so that no
// wrong byte is ever given out. Any thread, one at a time.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "common/base/files.h"
#include "peer_server/core/file_stamp.h"

namespace trueque {

class OpenFile {
 public:
  // kFailedPrecondition unless the file behind `fd` has this stamp.
  static Result<OpenFile> adopt(UniqueFd fd, std::string name, const FileStamp& stamp);

  const std::string& name() const { return name_; }
  std::uint64_t size() const { return stamp_.size; }  // bytes

  // Fills `bytes` from `offset`, then checks that the file is still the same: what
  // it gives was read before the file changed.
  Status read(std::span<std::uint8_t> bytes, std::uint64_t offset) const;
  // The same over several buffers, one after another.
  Status read(std::span<const std::span<std::uint8_t>> parts, std::uint64_t offset) const;
  // Hints for the system: these bytes will be read soon; all will be read in order.
  void expect(std::uint64_t offset, std::uint64_t length) const;
  void expect_in_order() const;
  // kFailedPrecondition when the file has changed.
  Status check() const;

 private:
  OpenFile(UniqueFd fd, std::string name, const FileStamp& stamp);

  UniqueFd fd_;
  std::string name_;
  FileStamp stamp_;
};

// Fills `bytes` from `offset` of an open file called `name`. kFailedPrecondition when it
// is shorter than that.
Status read_exactly(int fd, std::span<std::uint8_t> bytes, std::uint64_t offset,
                    const std::string& name);
// What OpenFile's hints do.
void expect_reading(int fd, std::uint64_t offset, std::uint64_t length);
void expect_reading_in_order(int fd);

}  // namespace trueque
