// Brings one chosen file to this machine: decides where it lands, whether it is
// there already, who may be asked, and gives it its final name once every byte
// is verified. Placeholders, and peers older than FileTransfer, give a sentence.
// One download at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "peer_client/core/file_choice.h"
#include "peer_client/core/local_folder.h"
#include "peer_client/core/transfer.h"

namespace trueque {

struct DownloadSettings {
  std::string shared_dir;  // empty: files land in the current folder, not shared
  PeerEndpoint beside;     // the peer-server beside this client
  TransferTerms transfer;
  RunAside aside = nullptr;      // for questions to the directory meanwhile; may be empty
  TokenBucket* limit = nullptr;  // shared by all downloads; none: no limit
};

struct DownloadRequest {
  FileChoice choice;
  std::optional<std::string> output;  // a file or an existing folder
  // Asks the directory who has the content now; may be empty. Refers only to what
  // outlives DownloadSettings::aside: it may still be asking when the download is over.
  std::function<std::vector<FileSource>()> more_sources = nullptr;
  // Says to the directory that we fetch the content into our shared folder, where the
  // peer-server beside gives what we have of it, and that we no longer do. May be empty.
  std::function<Result<SwarmReply>(const Content&)> join_swarm = nullptr;
  std::function<void(const Content&)> leave_swarm = nullptr;
};

struct DownloadOutcome {
  enum class Result { kFetched, kAlready, kPlaceholder };

  Result result = Result::kFetched;
  std::string file_name;  // as the directory lists it
  std::string path;       // where it is; empty for a placeholder
  std::optional<Content> content;
  std::string message;                     // the peer's sentence for a placeholder
  std::optional<std::string> shared_name;  // its name within shared_dir, where it is in there
  TransferReport report;                   // of a content that was fetched
};

class Downloader {
 public:
  // `own` is who we are: never a source of ours.
  Downloader(PeerConnector& peers, const Clock& clock, Waiter wait, DownloadSettings settings,
             PeerKey own);

  // Errors as those of Transfer::run, and kFailedPrecondition, kAlreadyExists,
  // kInvalidArgument for a target that will not do.
  Result<DownloadOutcome> fetch(const DownloadRequest& request, Cancellation& cancellation,
                                DownloadObserver& observer);

 private:
  struct Place {
    TargetFolder folder;
    std::string name;                   // final component
    std::optional<std::string> shared;  // folder within shared_dir, "" for its top
    bool exact = false;                 // the person named this very file
  };

  // kNotFound for a folder that is not there yet, unless it is to `create` it.
  Result<Place> choose_place(const DownloadRequest& request, bool create) const;
  Result<Place> place_below(const std::string& root, const std::string& name, bool shared,
                            bool create) const;
  Result<Place> place_output(const std::string& output, const std::string& file_name) const;

  // Looks at `name`, `name (2)`, ... for the content: gives the outcome when one has
  // it, and otherwise sets place.name to the first free one.
  Result<std::optional<DownloadOutcome>> settle_name(const DownloadRequest& request, Place& place,
                                                     Cancellation& cancellation) const;
  // What our own listing in the directory points to, when it really is that content,
  // or what else in shared_dir is, looking into at most four files of its size.
  std::optional<DownloadOutcome> already_shared(const FileChoice& choice,
                                                Cancellation& cancellation);
  std::vector<std::string> names_of_size(std::uint64_t size);
  Result<DownloadOutcome> fetch_content(const DownloadRequest& request, Place place,
                                        Cancellation& cancellation, DownloadObserver& observer);
  Result<DownloadOutcome> finish(const DownloadRequest& request, Place& place,
                                 const PartStore& store, std::uint64_t size,
                                 Cancellation& cancellation) const;
  Result<DownloadOutcome> ask_for_message(const FileChoice& choice,
                                          std::span<const TransferSource> sources,
                                          Cancellation& cancellation);

  SwarmSeat::Asks seat_for(const DownloadRequest& request) const;
  std::vector<TransferSource> sources_of(std::span<const FileSource> rows, bool with_own) const;

  PeerConnector& peers_;
  const Clock& clock_;
  Waiter wait_;
  DownloadSettings settings_;
  PeerKey own_;
  std::optional<LocalFolder::Sizes> held_;  // what was in shared_dir when it was first asked for
};

}  // namespace trueque
