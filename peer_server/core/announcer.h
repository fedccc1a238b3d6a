// Keeps a directory told of what this peer shares: logs in, announces the shared
// files, then only what joins and leaves, keeps the lease, and starts over when
// the directory has forgotten the peer.
//
// A login tells what the directory has of the peer already, as one digest: where that is
// of the shared files nothing is announced. A peer that has just started knows only when
// its folder is read what it shares, and waits for that a while before it compares. A
// heartbeat tells as well: where the directory has fewer files than it should (its state
// was lost, or is an older one) they are added again. Others may index more under the same
// peer, as the menu does, and that stays.
//
// Time is the Clock's and nothing waits here: step() does what is due, calling the
// directory, and says when to be called next. step() and log_out() are for one
// thread at a time; note_changes() may be called from any.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/logging.h"
#include "common/directory/directory_client.h"
#include "peer_server/core/folder_index.h"

namespace trueque {

struct AnnouncerIdentity {
  Credentials credentials;
  std::string peer_ip;
  std::uint16_t peer_port = kDefaultPeerPort;
};

// The files that are shared now, from a place on: FolderIndex::page; and all of them in two
// numbers. Called from step().
struct AnnouncedFolder {
  std::function<std::vector<SharedFile>(std::size_t& from, std::size_t limit)> page;
  std::function<FolderSummary()> summary;
};

class Announcer {
 public:
  using Random = std::function<double()>;  // from 0 up to, not including, 1

  static constexpr std::size_t kMaxBatchFiles = 10'000;
  // Changes remembered for the directory. Of what joins beyond it no more is known than
  // that the shared files are to be read again.
  static constexpr std::size_t kMostPending = 2 * kMaxBatchFiles;
  static constexpr std::size_t kMaxBatchBytes = 6UL * 1024 * 1024;  // of JSON, estimated high
  // So long a folder is waited for before what the directory has is replaced. It may take hours
  // to hash where nothing is known of it any more.
  static constexpr std::chrono::seconds kMostWaitForFolder{60};

  // References must outlive the Announcer.
  Announcer(AnnouncerIdentity identity, DirectoryClient& directory, AnnouncedFolder folder,
            const Clock& clock, Random random, const Log& log);

  // Names that joined or left the shared files.
  void note_changes(const std::vector<FolderChange>& changes);

  // Does what is due, at most one batch of files. Gives the time to be called
  // again; earlier is harmless.
  Clock::Steady step();
  // Ends the session, if there is one.
  void log_out();

  bool logged_in() const { return session_.has_value(); }

 private:
  using Steady = Clock::Steady;

  // Files on their way to the directory, oldest first.
  struct Batch {
    IndexMode mode = IndexMode::kAdd;
    std::vector<SharedFile> files;
  };

  void log_in();
  void begin_comparing();
  void compare();
  void look_for_lost_files(const FilesSummary& theirs, const FolderSummary& own);
  FolderSummary own_files() const;
  bool all_is_told() const;
  void listen_from_now_on();
  void announce_all();
  void take_page();
  void end_session();
  void tell_announced();
  void collect_changes();
  void push(IndexMode mode, std::vector<SharedFile> files);
  void send_batch();
  void split_or_drop(const Error& error);
  void note_refused(const Batch& batch);
  void send_heartbeat();
  void note_failure(const Error& error);
  void back_off(const Error& error, std::chrono::milliseconds least);
  bool original_directory() const { return session_ && session_->token.empty(); }
  Steady next_step() const;

  const AnnouncerIdentity identity_;
  DirectoryClient& directory_;
  const AnnouncedFolder folder_;
  const Clock& clock_;
  const Random random_;
  const Log& log_;

  mutable std::mutex mutex_;                               // guards the next four
  bool listening_ = false;                                 // else the pages will tell
  std::map<std::string, std::optional<Content>> pending_;  // none: left
  bool missed_ = false;                                    // something joined beyond kMostPending
  Steady pending_since_{};

  std::optional<LoginReply> session_;
  std::optional<Steady> compare_until_;  // while it is not known whether to announce at all
  Steady next_compare_{};
  std::map<std::string, std::optional<Content>> refused_;  // by the directory, of what is shared
  std::uint64_t lost_files_ = 0;  // were added again once; the directory may not want them
  std::deque<Batch> batches_;
  std::optional<std::size_t> next_page_;  // while the shared files are read; where it begins
  bool replacing_ = false;                // the next page takes the place of all the directory has
  bool telling_ = false;                  // in the log, once the last page is sent
  std::uint64_t directory_has_ = 0;       // files, by its last answer
  Steady next_heartbeat_{};
  Steady not_before_{};  // backing off
  int failures_ = 0;     // in a row
};

}  // namespace trueque
