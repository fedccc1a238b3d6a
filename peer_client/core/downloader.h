// Brings one chosen file to this machine: decides where it lands, whether it is
// there already, who may be asked, and gives it its final name once every byte
// is verified. Placeholders, and peers older than FileTransfer, give a sentence.
// Several threads may fetch at once, each another content or to another name; what their
// downloads share is Landing and HeldFiles.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "peer_client/core/download.h"
#include "peer_client/core/earlier_parts.h"
#include "peer_client/core/held_files.h"
#include "peer_client/core/landing.h"

namespace trueque {

struct DownloadSettings {
  std::string shared_dir;  // empty: files land in the current folder, not shared
  PeerEndpoint beside;     // the peer-server beside this client
  TransferTerms transfer;
  RunAside aside = nullptr;      // for questions to the directory meanwhile; may be empty
  TokenBucket* limit = nullptr;  // shared by all downloads; none: no limit
  std::vector<std::string> begun_elsewhere = {};  // paths of parts outside shared_dir
};

class Downloader {
 public:
  // `own` is who we are: never a source of ours. Landing and HeldFiles are of the same
  // shared_dir.
  Downloader(PeerConnector& peers, const Clock& clock, Waiter wait, DownloadSettings settings,
             PeerKey own, Landing& landing, HeldFiles& held);

  // Errors as those of Transfer::run, and kFailedPrecondition, kAlreadyExists,
  // kInvalidArgument for a target that will not do.
  Result<DownloadOutcome> fetch(const DownloadRequest& request, Cancellation& cancellation,
                                DownloadObserver& observer);

  // The rules that hold before anything is fetched, for those who fetch in another way:
  // the outcome when the content is here already, and nothing when it is to be fetched to
  // `place`, which is empty where its folder is still to be made. What is in shared_dir and
  // wanted elsewhere is copied there.
  Result<std::optional<DownloadOutcome>> look(const DownloadRequest& request,
                                              std::optional<Landing::Place>& place,
                                              const Cancellation& cancellation);
  // Who may be asked for the choice: all but ourselves.
  std::vector<TransferSource> sources_of(std::span<const FileSource> rows, bool with_own) const;

 private:
  // Copies what is in shared_dir to where it is wanted as well. Nothing when that has become
  // another file meanwhile.
  Result<std::optional<DownloadOutcome>> copy_shared(const DownloadRequest& request,
                                                     std::optional<Landing::Place> place,
                                                     const std::string& from,
                                                     const Cancellation& cancellation);
  // What our own listing in the directory points to, when it really is that content,
  // or what else in shared_dir is.
  std::optional<DownloadOutcome> already_shared(const DownloadRequest& request,
                                                const Cancellation& cancellation);
  Result<DownloadOutcome> fetch_content(const DownloadRequest& request, Landing::Place place,
                                        Cancellation& cancellation, DownloadObserver& observer);
  Result<PartStore> open_part(const FileChoice& choice, const Landing::Place& place,
                              DownloadObserver& observer) const;
  Result<DownloadOutcome> finish(const DownloadRequest& request, Landing::Place& place,
                                 const PartStore& store, std::uint64_t size,
                                 const Cancellation& cancellation) const;
  Result<DownloadOutcome> ask_for_message(const FileChoice& choice,
                                          std::span<const TransferSource> sources,
                                          Cancellation& cancellation);

  SwarmSeat::Asks seat_for(const DownloadRequest& request) const;
  Error nobody_else(const FileChoice& choice) const;

  PeerConnector& peers_;
  const Clock& clock_;
  Waiter wait_;
  DownloadSettings settings_;
  PeerKey own_;
  Landing& landing_;
  HeldFiles& held_;
  EarlierParts earlier_;
};

}  // namespace trueque
