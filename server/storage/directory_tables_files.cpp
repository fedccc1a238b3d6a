// The verbs of DirectoryTables that are about a peer's files.
#include <unordered_set>

#include "server/storage/directory_tables.h"

namespace trueque {
namespace {

Error no_such_peer() { return make_error(Code::kNotFound, "Peer IP not found."); }

}  // namespace

std::optional<DirectoryTables::FileImage> DirectoryTables::put_file(Peer& peer,
                                                                    const SharedFile& file) {
  const NameId name = index_.intern(file.name);
  FileImage image{file.name, false, std::nullopt};
  const VariantId before = peer.files.find(name);
  if (before == kNoVariant) {
    ++file_count_;
  } else {
    if (index_.variant(before).has(file.content)) return std::nullopt;
    image.was_there = true;
    image.content = index_.variant(before).content();
    peer.files.remove(before);
  }
  peer.files.add(name, file.content);
  return image;
}

std::optional<DirectoryTables::FileImage> DirectoryTables::drop_file(Peer& peer, NameId name) {
  const VariantId before = peer.files.find(name);
  if (before == kNoVariant) return std::nullopt;
  FileImage image{std::string(index_.text(name)), true, index_.variant(before).content()};
  peer.files.remove(before);
  --file_count_;
  return image;
}

void DirectoryTables::drop_all_files(Peer& peer) {
  peer.files.forget_digest();
  std::vector<VariantId> variants;
  variants.reserve(peer.files.size());
  peer.files.each([&](VariantId each) { variants.push_back(each); });
  for (std::size_t i = 0; i < variants.size(); ++i) {
    peer.files.remove(variants[i]);
    --file_count_;
    pause_after(i);
  }
}

void DirectoryTables::put_back(const PeerKey& key, const std::vector<FileImage>& images) {
  Peer& peer = *find_peer(key);
  peer.revision = ++last_revision_;
  for (auto image = images.rbegin(); image != images.rend(); ++image) {
    pause_after(static_cast<std::size_t>(image - images.rbegin()));
    if (image->was_there) {
      put_file(peer, {image->name, image->content});
    } else {
      drop_file(peer, index_.find_name(image->name));
    }
  }
}

// To ask each time takes longer than a file does.
void DirectoryTables::pause_after(std::size_t files) const {
  if (files % 16 == 15) pause_();
}

std::uint64_t DirectoryTables::note_files(Peer& peer, std::vector<FileImage> images,
                                          Change& change) {
  const std::uint64_t count = peer.files.size();
  index_.tidy(pause_);
  if (images.empty()) return count;
  peer.revision = ++last_revision_;
  change.undo.emplace_back(
      [this, key = peer.key, images = std::move(images)] { put_back(key, images); });
  return count;
}

Result<std::uint64_t> DirectoryTables::add_files(const PeerKey& key,
                                                 std::span<const SharedFile> files,
                                                 Change& change) {
  Peer* peer = find_peer(key);
  if (peer == nullptr) return no_such_peer();
  std::vector<FileImage> images;
  for (const SharedFile& file : files) {
    if (auto image = put_file(*peer, file)) images.push_back(*std::move(image));
    pause_after(images.size());
  }
  return note_files(*peer, std::move(images), change);
}

Result<std::uint64_t> DirectoryTables::replace_files(const PeerKey& key,
                                                     std::span<const SharedFile> files,
                                                     Change& change) {
  Peer* peer = find_peer(key);
  if (peer == nullptr) return no_such_peer();
  std::unordered_set<NameId> wanted;
  for (const SharedFile& file : files) wanted.insert(index_.intern(file.name));
  std::vector<NameId> unwanted;
  peer->files.each([&](VariantId each) {
    const NameId name = index_.variant(each).name;
    if (!wanted.contains(name)) unwanted.push_back(name);
    pause_after(unwanted.size());
  });
  std::vector<FileImage> images;
  for (const NameId name : unwanted) {
    images.push_back(*drop_file(*peer, name));
    pause_after(images.size());
  }
  for (const SharedFile& file : files) {
    if (auto image = put_file(*peer, file)) images.push_back(*std::move(image));
    pause_after(images.size());
  }
  return note_files(*peer, std::move(images), change);
}

Result<std::uint64_t> DirectoryTables::remove_files(const PeerKey& key,
                                                    std::span<const std::string> names,
                                                    Change& change) {
  Peer* peer = find_peer(key);
  if (peer == nullptr) return no_such_peer();
  std::vector<FileImage> images;
  for (const std::string& text : names) {
    const NameId name = index_.find_name(text);
    if (name == kNoName) continue;
    if (auto image = drop_file(*peer, name)) images.push_back(*std::move(image));
    pause_after(images.size());
  }
  return note_files(*peer, std::move(images), change);
}

}  // namespace trueque
