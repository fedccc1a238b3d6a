// Lists fetched files under the peer that fetched them: placeholders always, real files
// once the peer-server beside this client serves them. There is one wait for all of them,
// and one request lists them. Also tells whether what was listed without that is served.
#pragma once

#include <span>

#include "peer_client/core/download_observer.h"
#include "peer_client/core/downloader.h"
#include "peer_client/core/session.h"

namespace trueque {

class Announcer {
 public:
  // `peers` gives up by itself on a peer-server that hangs. `patience`: how long one
  // that runs may take to see the new file; to hash it, that and a second a 50 MiB.
  Announcer(Session& session, PeerConnector& peers, const Clock& clock, Waiter wait,
            PeerEndpoint beside, std::chrono::milliseconds patience);

  // A sentence a line that says what is not listed, why, and what to do; nothing when all
  // are. Cancelling ends the waiting.
  std::optional<std::string> announce(std::span<const DownloadOutcome* const> outcomes,
                                      Cancellation& cancellation, DownloadObserver& observer);
  // Asks for some of `files`, which are listed: a sentence that says why others cannot fetch
  // them and what to do. Waits no longer than `patience`.
  std::optional<std::string> check_listed(std::span<const SharedFile> files,
                                          Cancellation& cancellation, DownloadObserver& observer);

 private:
  class Question;

  // Those of `files` that are not served when patience ends move to `unserved`. Patience
  // is longer by `hashing` with a peer-server that hashes.
  Status wait_until_served(std::vector<SharedFile>& files, std::vector<SharedFile>& unserved,
                           std::chrono::milliseconds hashing, Cancellation& cancellation,
                           DownloadObserver& observer);
  std::string where() const;
  std::string reason(std::span<const SharedFile> files, const Error& error) const;

  Session& session_;
  PeerConnector& peers_;
  const Clock& clock_;
  Waiter wait_;
  PeerEndpoint beside_;
  std::chrono::milliseconds patience_;
};

}  // namespace trueque
