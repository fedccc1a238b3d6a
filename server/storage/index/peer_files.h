// What one peer shares, linked into the index for as long as it is here. A table of
// variants under their names: about 7 bytes a file; and the digest of them all, which is
// kept up from the first time on that it is asked for: reading a million files from disk
// should not wait for it. Not synchronised.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "common/directory/file_set_digest.h"
#include "server/storage/index/file_index.h"
#include "server/storage/index/id_table.h"

namespace trueque {

class PeerFiles {
 public:
  // References must outlive it.
  PeerFiles(FileIndex& index, const PeerKey& peer);
  // It has no files any more, unless the index goes as well.
  ~PeerFiles();
  PeerFiles(const PeerFiles&) = delete;
  PeerFiles& operator=(const PeerFiles&) = delete;

  std::size_t size() const { return size_; }
  // Tells the processor that the name will be looked for soon.
  void prefetch(NameId name) const { variants_.prefetch(mixed(name)); }
  // kNoVariant when the peer does not have the name.
  VariantId find(NameId name) const;
  // A name the peer does not have.
  void add(NameId name, const std::optional<Content>& content);
  // One of its variants.
  void remove(VariantId variant);

  // Looks at all files where it is not known; calls `pause` now and then, between two of
  // them.
  const FileSetDigest& digest(const std::function<void()>& pause = [] {});
  // Until it is asked for again: what comes and goes meanwhile costs less.
  void forget_digest() { digest_.reset(); }

  // Calls visit(variant) for each, in no order; nothing may change meanwhile.
  template <typename Visit>
  void each(Visit visit) const {
    variants_.each(visit);
  }
  const FileIndex& index() const { return index_; }

 private:
  static constexpr std::size_t kParts = 8;

  void toggle(FileSetDigest& digest, VariantId variant) const;

  FileIndex& index_;
  const PeerNumber number_;
  std::size_t size_ = 0;
  std::optional<FileSetDigest> digest_;  // none: not known
  IdTable variants_{kParts};
};

}  // namespace trueque
