// The digest of a set of shared files: the same for the same files, in whatever order
// they came, so that a peer and a directory find out by one number that they agree. It
// is the XOR of one hash of each file, and so follows the set at the price of one hash
// for each file that joins or leaves.
//
// A file's hash is the first 16 bytes of the SHA-256 of
//   name NUL size-in-decimal NUL content-id-in-lower-case-hex
// where size and id of a placeholder are empty. Good against chance, not against a peer
// that looks for two sets of its own with the same digest: it would fool itself alone.
// A value type; not synchronised.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/content/content.h"

namespace trueque {

class FileSetDigest {
 public:
  static constexpr std::size_t kBytes = 16;

  // Of no files.
  FileSetDigest() = default;
  // Nothing unless `text` is 32 hex digits, of either case.
  static std::optional<FileSetDigest> from_hex(std::string_view text);
  // Nothing unless there are exactly kBytes.
  static std::optional<FileSetDigest> from_bytes(std::string_view raw);

  // The file joins the set, or leaves it if it is there.
  void toggle(std::string_view name, const std::optional<Content>& content);
  // All files of the other set do.
  void toggle(const FileSetDigest& other);

  bool operator==(const FileSetDigest&) const = default;

  std::string hex() const;
  std::span<const std::uint8_t, kBytes> bytes() const { return bytes_; }

 private:
  std::array<std::uint8_t, kBytes> bytes_{};
};

}  // namespace trueque
