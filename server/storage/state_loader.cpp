#include "server/storage/state_loader.h"

#include <exception>
#include <optional>
#include <thread>

#include "server/storage/journal/journal_records.h"
#include "server/storage/peer_pipe.h"
#include "server/storage/state_document.h"
#include "server/storage/state_reader.h"

namespace trueque {
namespace {

Error damaged(const std::string& path, const Error& error) {
  return make_error(error.code, path + ": " + error.message +
                                    "; nothing was changed, repair the file or put it aside");
}

// Nothing when the file is missing.
Result<std::optional<std::string>> read_if_there(const StorageFiles& files,
                                                 const std::string& path) {
  Result<std::string> text = files.read(path);
  if (text.ok()) return std::optional<std::string>(*std::move(text));
  if (text.error().code == Code::kNotFound) return std::optional<std::string>();
  return text.error();
}

}  // namespace

Result<LoadedDirectory> StateLoader::load() {
  auto loaded = load_despite_damage();
  if (loaded && !loaded->damages.empty()) return loaded->damages.front().error();
  return loaded;
}

Result<LoadedDirectory> StateLoader::load_despite_damage() {
  const Clock::Steady begin = clock_.steady();
  LoadedDirectory loaded;
  tables_.begin_loading();
  Status status = load_state(loaded);
  if (status) status = load_sessions();
  if (status) status = replay(loaded);
  tables_.finish_loading();
  if (!status) return status.error();
  const RepositoryCounts counts = tables_.counts();
  loaded.recovery.peers = counts.peers;
  loaded.recovery.files = counts.files;
  loaded.recovery.took =
      std::chrono::duration_cast<std::chrono::microseconds>(clock_.steady() - begin);
  return loaded;
}

Status StateLoader::load_state(LoadedDirectory& loaded) {
  auto text = read_if_there(files_, paths_.state);
  if (!text.ok()) return text.error();
  if (!*text) return {};
  tables_.begin_loading(likely_files(**text));
  if (load_quickly(**text)) return {};
  while (!tables_.all_peers().empty())
    tables_.drop_peer(PeerKey(tables_.all_peers().begin()->first));
  Result<LoadedState> state = read_state(**text);
  if (!state.ok()) return damaged(paths_.state, state.error());
  for (const LoadedPeer& peer : state->peers) add(peer);
  loaded.warnings = std::move(state->warnings);
  if (state->from_original) loaded.original = **std::move(text);
  return {};
}

bool StateLoader::load_quickly(std::string_view text) {
  PeerPipe pipe;
  bool is_whole = false;
  std::thread reader([&] {
    // Memory may run out; the slow way says so where it does again.
    try {
      is_whole = read_state_quickly(text, [&](LoadedPeer&& peer) { pipe.put(std::move(peer)); });
    } catch (const std::exception&) {
      is_whole = false;
    }
    pipe.close();
  });
  while (const auto peer = pipe.take()) add(*peer);
  reader.join();
  return is_whole;
}

void StateLoader::add(const LoadedPeer& peer) {
  Change ignored;
  tables_.restore_peer(peer.key, clock_.steady());
  // It fails where there is no such peer alone.
  static_cast<void>(tables_.add_files(peer.key, peer.files, ignored).ok());
}

// Sessions and leases of peers that are not in the state file go: they ended, or the
// journal has their beginning.
Status StateLoader::load_sessions() {
  const auto text = read_if_there(files_, paths_.sessions);
  if (!text.ok()) return text.error();
  if (!*text) return {};
  Result<SessionDocument> document = read_sessions(**text);
  if (!document.ok()) return damaged(paths_.sessions, document.error());
  sessions_ = *std::move(document);
  for (const Session& session : sessions_.sessions) tables_.restore_session(session);
  for (const PeerKey& peer : sessions_.leases) tables_.restore_lease(peer);
  return {};
}

Status StateLoader::replay(LoadedDirectory& loaded) {
  auto journal = read_journal(files_, paths_.journal, sessions_.journal);
  if (!journal) return journal.error();
  loaded.damages = std::move(journal->damages);
  loaded.tail = journal->tail;
  for (const JournalSegment& segment : journal->segments) {
    for (const Frame& frame : segment.frames) {
      const Status replayed = replay_batch(frame.payload, clock_.steady(), tables_);
      if (replayed) continue;
      loaded.damages.push_back({segment.path,
                                {frame.offset, kFrameHeaderBytes + frame.payload.size()},
                                replayed.error().message});
    }
  }
  loaded.recovery.frames = journal->frames();
  loaded.recovery.bytes = journal->bytes();
  if (!journal->torn) return {};
  loaded.recovery.torn_bytes = journal->torn->range.length;
  loaded.recovery.torn_file = journal->torn->path;
  return {};
}

}  // namespace trueque
