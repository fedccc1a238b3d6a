// A state file, a sessions file or a backup of any bytes is read without harm, and one that is
// taken says the same when it is written again.
#include <cstdint>
#include <string>
#include <utility>

#include "server/storage/directory_backup.h"
#include "server/storage/session_document.h"
#include "server/storage/state_document.h"
#include "server/storage/state_reader.h"
#include "tests/fuzz/require.h"

namespace {

using trueque::testing::require;

std::string written(const trueque::LoadedState& state) {
  trueque::DirectoryTables tables;
  for (const trueque::LoadedPeer& peer : state.peers) {
    trueque::Change ignored;
    tables.restore_peer(peer.key, {});
    require(tables.add_files(peer.key, peer.files, ignored).ok());
  }
  std::string text(trueque::kStateHead);
  for (const auto& [key, peer] : tables.all_peers()) {
    text += text.size() == trueque::kStateHead.size() ? trueque::kFirstPeer : trueque::kNextPeer;
    trueque::append_peer(text, peer);
  }
  return text + std::string(trueque::kStateEnd);
}

// The quick way takes nothing that the thorough one refuses, and reads the same.
void check_quick_way(std::string_view text, const trueque::Result<trueque::LoadedState>& state) {
  trueque::LoadedState quickly;
  const bool is_whole = trueque::read_state_quickly(
      text, [&](trueque::LoadedPeer&& peer) { quickly.peers.push_back(std::move(peer)); });
  if (!is_whole) return;
  require(state.ok() && !state->from_original && quickly.peers.size() == state->peers.size());
  for (std::size_t i = 0; i < quickly.peers.size(); ++i) {
    require(quickly.peers[i].key == state->peers[i].key);
    require(quickly.peers[i].files == state->peers[i].files);
  }
}

void check_state(std::string_view text) {
  const auto state = trueque::read_state(text);
  check_quick_way(text, state);
  if (!state) return;
  const std::string once = written(*state);
  const auto again = trueque::read_state(once);
  require(again.ok() && !again->from_original);
  require(written(*again).size() == once.size());
}

void check_sessions(std::string_view text) {
  const auto document = trueque::read_sessions(text);
  if (!document) return;
  const std::string once = trueque::write_sessions(*document);
  const auto again = trueque::read_sessions(once);
  require(again.ok() && trueque::write_sessions(*again) == once);
}

void check_backup(std::string_view text) {
  const trueque::SystemClock clock;
  const auto backup = trueque::read_backup(text, clock);
  if (!backup) return;
  const auto again = trueque::read_backup(trueque::write_backup(*backup, true), clock);
  require(again.ok());
  require(again->accounts.has_value() == backup->accounts.has_value());
  require(again->tables->counts().files == backup->tables->counts().files);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_state(text);
  check_sessions(text);
  check_backup(text);
  return 0;
}
