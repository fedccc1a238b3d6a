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
}

void PeerFiles::remove(VariantId variant) {
  variants_.erase(mixed(index_.variant(variant).name), variant);
  index_.unlink(number_, variant);
  --size_;
}

}  // namespace trueque
