#include "server/storage/index/peer_files.h"

namespace trueque {

PeerFiles::PeerFiles(FileIndex& index, const PeerKey& peer)
    : index_(index), number_(index.add_peer(peer)) {}

PeerFiles::~PeerFiles() { index_.remove_peer(number_); }

VariantId PeerFiles::find(NameId name) const {
  return variants_.find(mixed(name),
                        [&](VariantId each) { return index_.variant(each).name == name; });
}

void PeerFiles::add(NameId name, const std::optional<Content>& content) {
  const VariantId variant = index_.link(number_, name, content);
  variants_.insert(mixed(name), variant,
                   [this](VariantId each) { return mixed(index_.variant(each).name); });
  ++size_;
  if (digest_) toggle(*digest_, variant);
}

void PeerFiles::remove(VariantId variant) {
  if (digest_) toggle(*digest_, variant);
  variants_.erase(mixed(index_.variant(variant).name), variant);
  index_.unlink(number_, variant);
  --size_;
}

const FileSetDigest& PeerFiles::digest(const std::function<void()>& pause) {
  if (digest_) return *digest_;
  FileSetDigest digest;
  std::size_t seen = 0;
  each([&](VariantId variant) {
    toggle(digest, variant);
    if (++seen % 16 == 0) pause();
  });
  return digest_.emplace(digest);
}

void PeerFiles::toggle(FileSetDigest& digest, VariantId variant) const {
  const Variant& file = index_.variant(variant);
  digest.toggle(index_.text(file.name), file.content());
}

}  // namespace trueque
