// The verbs of DirectoryTables that are about a peer's files.
#include <algorithm>
#include <array>
#include <unordered_set>

#include "server/storage/directory_tables.h"

namespace trueque {
namespace {

// So many files are sent for from far away in memory while those before them are put.
constexpr std::size_t kTogether = 16;

Error no_such_peer() { return make_error(Code::kNotFound, "Peer IP not found."); }

}  // namespace

void DirectoryTables::put_file(Peer& peer, NameId name, const std::optional<Content>& content,
                               FileImages& before) {
  const VariantId former = peer.files.find(name);
  if (former == kNoVariant) {
    ++file_count_;
    before.had_not(index_.text(name));
  } else {
    if (index_.variant(former).has(content)) return;
    before.had(index_.text(name), index_.variant(former).content());
    peer.files.remove(former);
  }
  peer.files.add(name, content);
}

void DirectoryTables::put_files(Peer& peer, std::span<const SharedFile> files, FileImages& before) {
  std::array<NameId, kTogether> names;
  while (!files.empty()) {
    const auto some = files.first(std::min(files.size(), kTogether));
    index_.prefetch(some);
    for (std::size_t i = 0; i < some.size(); ++i) {
      names[i] = index_.intern(some[i].name);
      peer.files.prefetch(names[i]);
    }
    for (std::size_t i = 0; i < some.size(); ++i) put_file(peer, names[i], some[i].content, before);
    files = files.subspan(some.size());
    pause_();
  }
  index_.settle(pause_);
}

void DirectoryTables::drop_file(Peer& peer, NameId name, FileImages& before) {
  const VariantId former = peer.files.find(name);
  if (former == kNoVariant) return;
  before.had(index_.text(name), index_.variant(former).content());
  peer.files.remove(former);
  --file_count_;
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

void DirectoryTables::put_back(const PeerKey& key, const FileImages& images) {
  Peer& peer = *find_peer(key);
  peer.revision = ++last_revision_;
  FileImages undone;
  images.each_backwards(
      [&](std::string_view name, bool was_there, const std::optional<Content>& content) {
        pause_after(undone.size());
        if (was_there) {
          put_file(peer, index_.intern(name), content, undone);
        } else {
          drop_file(peer, index_.find_name(name), undone);
        }
      });
  index_.settle(pause_);
}

// To ask each time takes longer than a file does.
void DirectoryTables::pause_after(std::size_t files) const {
  if (files % 16 == 15) pause_();
}

std::uint64_t DirectoryTables::note_files(Peer& peer, FileImages images, Change& change) {
  const std::uint64_t count = peer.files.size();
  index_.tidy(pause_);
  if (images.size() == 0) return count;
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
  FileImages images;
  put_files(*peer, files, images);
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
  FileImages images;
  for (const NameId name : unwanted) {
    drop_file(*peer, name, images);
    pause_after(images.size());
  }
  put_files(*peer, files, images);
  return note_files(*peer, std::move(images), change);
}

Result<std::uint64_t> DirectoryTables::remove_files(const PeerKey& key,
                                                    std::span<const std::string> names,
                                                    Change& change) {
  Peer* peer = find_peer(key);
  if (peer == nullptr) return no_such_peer();
  FileImages images;
  for (const std::string& text : names) {
    const NameId name = index_.find_name(text);
    if (name == kNoName) continue;
    drop_file(*peer, name, images);
    pause_after(images.size());
  }
  return note_files(*peer, std::move(images), change);
}

}  // namespace trueque
