// What menu and subcommands share: settings, the parts main.cpp built, and how files are
// offered.
#pragma once

#include <string>
#include <vector>

#include "common/directory/http_directory_client.h"
#include "peer_client/cli/console.h"
#include "peer_client/cli/interrupts.h"
#include "peer_client/cli/line_input.h"
#include "peer_client/core/announcer.h"
#include "peer_client/core/file_finder.h"
#include "peer_client/core/indexer.h"

namespace trueque {

inline constexpr unsigned kLongestWaitSeconds = 7 * 24 * 3600;

struct ClientSettings {
  DirectoryEndpoint directory;  // whose login is kept, and the one people are told of
  std::vector<DirectoryEndpoint> other_directories;  // that share its state
  PeerEndpoint beside;                               // the peer-server beside this client
  std::string shared_dir;                            // may be empty
  TransferTerms transfer;
  std::uint64_t download_rate = 0;  // of all downloads together, bytes a second; 0: no limit
  // How long the peer-server beside may take to see a new file; hashing it comes on top.
  std::chrono::milliseconds announce_patience{6000};

  std::string directory_url() const;
  std::vector<DirectoryEndpoint> directories() const;
  // The address others reach the peer-server beside this client at: its own where it
  // stands on another machine, else this machine's.
  std::string default_peer_ip() const;
};

// References to what main.cpp owns; they outlive every user.
struct ClientParts {
  const ClientSettings& settings;
  DirectoryClient& directory;
  PeerConnector& peers;
  PeerConnector& beside;  // to the peer-server beside this client, which answers soon or hangs
  const Clock& clock;
  const Waiter& wait;
  Console& console;
  LineInput& input;
  Interrupts& interrupts;
  const RunAside& aside;  // whose jobs may refer to sessions
  TokenBucket& limit;     // on all downloads together
};

Result<Indexer::Report> index_files(const ClientParts& parts, Session& session,
                                    const std::vector<std::string>& names, std::ostream& stream,
                                    bool terminal);

// A numbered table of the choices: name, size, sources, content id's first digits.
std::string choices_table(const std::vector<FileChoice>& choices);

// Sentences for a person, each a line, made printable.
std::string describe(const Indexer::Report& report);

}  // namespace trueque
