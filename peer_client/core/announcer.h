// Lists a fetched file under the peer that fetched it: a placeholder always, a
// real file once the peer-server beside this client serves it.
#pragma once

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

  // A sentence that says why the file is not listed and what to do; nothing when it is.
  // Cancelling ends the waiting.
  std::optional<std::string> announce(const DownloadOutcome& outcome, Cancellation& cancellation,
                                      DownloadObserver& observer);

 private:
  std::optional<std::string> index(SharedFile file);
  Status wait_until_served(const Content& content, Cancellation& cancellation,
                           DownloadObserver& observer);
  std::string reason(const std::string& name, const Error& error) const;

  Session& session_;
  PeerConnector& peers_;
  const Clock& clock_;
  Waiter wait_;
  PeerEndpoint beside_;
  std::chrono::milliseconds patience_;
};

}  // namespace trueque
