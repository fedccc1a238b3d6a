// The verbs of DirectoryTables that are about a peer's files.
#include <unordered_set>

#include "server/storage/directory_tables.h"

namespace trueque {
namespace {

Error no_such_peer() { return make_error(Code::kNotFound, "Peer IP not found."); }

}  // namespace

std::optional<DirectoryTables::FileImage> DirectoryTables::put_file(Peer& peer,
                                                                    const SharedFile& file) {
  IndexedName& name = index_.intern(file.name);
  const auto [place, is_new] = peer.files.try_emplace(&name);
  FileEntry& entry = place->second;
  FileImage image{file.name, std::nullopt};
  if (is_new) {
    ++file_count_;
  } else {
    if (entry.variant->content == file.content) return std::nullopt;
    image.before = SharedFile{file.name, entry.variant->content};
    index_.unlink(entry);
  }
  index_.link(entry, peers_.find(peer.key)->first, name, file.content);
  return image;
}

std::optional<DirectoryTables::FileImage> DirectoryTables::drop_file(Peer& peer,
                                                                     IndexedName& name) {
  const auto place = peer.files.find(&name);
  if (place == peer.files.end()) return std::nullopt;
  FileImage image{*name.text, SharedFile{*name.text, place->second.variant->content}};
  index_.unlink(place->second);
  peer.files.erase(place);
  --file_count_;
  return image;
}

void DirectoryTables::put_back(const PeerKey& key, const std::vector<FileImage>& images) {
  Peer& peer = *find_peer(key);
  for (auto image = images.rbegin(); image != images.rend(); ++image) {
    if (image->before) {
      put_file(peer, *image->before);
    } else {
      drop_file(peer, *index_.find_name(image->name));
    }
  }
}

std::uint64_t DirectoryTables::note_files(Peer& peer, std::vector<FileImage> images,
                                          Change& change) {
  const std::uint64_t count = peer.files.size();
  index_.tidy();
  if (images.empty()) return count;
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
  }
  return note_files(*peer, std::move(images), change);
}

Result<std::uint64_t> DirectoryTables::replace_files(const PeerKey& key,
                                                     std::span<const SharedFile> files,
                                                     Change& change) {
  Peer* peer = find_peer(key);
  if (peer == nullptr) return no_such_peer();
  std::unordered_set<const IndexedName*> wanted;
  for (const SharedFile& file : files) wanted.insert(&index_.intern(file.name));
  std::vector<IndexedName*> unwanted;
  for (auto& [name, entry] : peer->files) {
    if (!wanted.contains(name)) unwanted.push_back(entry.variant->name);
  }
  std::vector<FileImage> images;
  for (IndexedName* name : unwanted) images.push_back(*drop_file(*peer, *name));
  for (const SharedFile& file : files) {
    if (auto image = put_file(*peer, file)) images.push_back(*std::move(image));
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
    IndexedName* name = index_.find_name(text);
    if (name == nullptr) continue;
    if (auto image = drop_file(*peer, *name)) images.push_back(*std::move(image));
  }
  return note_files(*peer, std::move(images), change);
}

}  // namespace trueque
