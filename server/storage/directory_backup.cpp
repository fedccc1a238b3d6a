#include "server/storage/directory_backup.h"

#include <algorithm>

#include "server/storage/journal/journal_segments.h"
#include "server/storage/session_document.h"
#include "server/storage/snapshot/snapshot_slice.h"
#include "server/storage/state_document.h"

namespace trueque {
namespace {

using nlohmann::json;

// A server cuts its journal once a second at most.
constexpr int kTries = 20;

SessionDocument sessions_of(const DirectoryTables& tables) {
  std::vector<OrderedSession> sessions;
  SessionDocument document;
  for (const auto& [key, peer] : tables.all_peers()) {
    for (OrderedSession& each : tables.sessions_of(peer)) sessions.push_back(std::move(each));
    if (peer.leased) document.leases.push_back(key);
  }
  std::sort(sessions.begin(), sessions.end(),
            [](const auto& left, const auto& right) { return left.order < right.order; });
  for (OrderedSession& each : sessions) document.sessions.push_back(std::move(each.session));
  return document;
}

Result<DirectoryOnDisk> read_once(const StorageFiles& files, const StatePaths& paths,
                                  const Clock& clock) {
  DirectoryOnDisk found;
  found.backup.tables = std::make_unique<DirectoryTables>();
  auto loaded = StateLoader(files, paths, clock, *found.backup.tables).load();
  if (!loaded) return loaded.error();
  found.loaded = *std::move(loaded);
  const auto text = files.read(paths.accounts);
  if (!text && text.error().code != Code::kNotFound) return text.error();
  auto accounts = text ? read_accounts(*text) : Result<Accounts>(Accounts());
  if (!accounts) {
    return make_error(accounts.error().code, paths.accounts + ": " + accounts.error().message);
  }
  found.backup.accounts = *std::move(accounts);
  return found;
}

}  // namespace

std::string write_backup(const DirectoryBackup& backup, bool with_secrets) {
  std::string out(kStateHead);
  SnapshotCursor cursor;
  while (const auto slice = cursor.next(*backup.tables)) out += slice->peers;
  out += "\n]";
  if (with_secrets) {
    out += ", ";
    if (backup.accounts) {
      append_accounts(out, *backup.accounts);
      out += ", ";
    }
    append_sessions(out, sessions_of(*backup.tables));
  }
  return out + "}\n";
}

Result<DirectoryBackup> read_backup(std::string_view text, const Clock& clock) {
  const auto state = read_state(text);
  if (!state) return state.error();
  DirectoryBackup backup;
  backup.tables = std::make_unique<DirectoryTables>();
  for (const LoadedPeer& peer : state->peers) {
    Change ignored;
    backup.tables->restore_peer(peer.key, clock.steady());
    const auto added = backup.tables->add_files(peer.key, peer.files, ignored);
    if (!added) return added.error();
  }
  if (state->from_original) return backup;
  const Result<json> document = parse_json_without("peers", text);
  if (!document) return document.error();
  JsonShape shape;
  if (document->contains("accounts")) backup.accounts = read_accounts_member(*document, shape);
  if (document->contains("sessions")) {
    const SessionDocument sessions = read_session_members(*document, shape);
    for (const Session& session : sessions.sessions) backup.tables->restore_session(session);
    for (const PeerKey& peer : sessions.leases) backup.tables->restore_lease(peer);
  }
  if (const Status status = shape.status(); !status) return status.error();
  return backup;
}

Status require_directory(const StorageFiles& files, const StatePaths& paths) {
  for (const std::string& path : {paths.state, paths.sessions, paths.accounts}) {
    const auto there = files.list(path);
    if (!there) return there.error();
    if (std::find(there->begin(), there->end(), path) != there->end()) return {};
  }
  const auto segments = list_segments(files, paths.journal);
  if (!segments) return segments.error();
  if (!segments->empty()) return {};
  return make_error(Code::kNotFound, "there is no directory at " + paths.state +
                                         "; --path says where its state file is");
}

// When the same segments were there before and after, none was removed meanwhile: whichever
// snapshot was read, the journal makes it the state of the moment its end was read.
Result<DirectoryOnDisk> read_directory(const StorageFiles& files, const StatePaths& paths,
                                       const Clock& clock) {
  if (Status status = require_directory(files, paths); !status) return status.error();
  for (int i = 0; i < kTries; ++i) {
    const auto before = list_segments(files, paths.journal);
    if (!before) return before.error();
    if (files.read(paths.import)) {
      return make_error(Code::kAborted, paths.import +
                                            " was not taken over to its end; start main-server, "
                                            "which finishes that");
    }
    auto found = read_once(files, paths, clock);
    const auto after = list_segments(files, paths.journal);
    if (!after) return after.error();
    if (*before == *after) return found;
  }
  return make_error(Code::kAborted, paths.state + " changes too fast to be read; try again");
}

}  // namespace trueque
