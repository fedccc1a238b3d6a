#include "peer_client/core/announcer.h"

#include <algorithm>
#include <deque>

#include "common/base/address.h"

namespace trueque {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLookAgain{250};
constexpr std::size_t kMostChecked = 32;
constexpr std::uint64_t kHashedASecond = 50UL * 1024 * 1024;  // bytes, by a slow machine

milliseconds time_to_hash(std::span<const SharedFile> files) {
  std::uint64_t bytes = 0;
  for (const SharedFile& file : files) bytes += file.content->size;
  return milliseconds(static_cast<std::int64_t>(bytes / (kHashedASecond / 1000)));
}

// A peer-server says so of what is new or new again, until it has looked at it.
bool is_unseen(const Error& error) {
  return error.code == Code::kNotFound || error.code == Code::kFailedPrecondition;
}

// It is there and runs.
bool is_hashing(const Error& error) {
  return error.retry_after || error.code == Code::kFailedPrecondition;
}

// "It is", "3 files are"
std::string subject(std::size_t files, const std::string& verb) {
  if (files == 1) return "It " + verb;
  return std::to_string(files) + " files " + (verb == "is" ? "are" : verb);
}

}  // namespace

// Asks for every file whether it is served, in rounds: those that are not yet are asked for
// again in the next. A round ends early once it has found many such.
class Announcer::Question final : public WholeFiles {
 public:
  explicit Question(const std::vector<SharedFile>& files) : files_(files), served_(files.size()) {
    for (std::size_t i = 0; i < files.size(); ++i) waiting_.push_back(i);
  }

  std::size_t waiting() const { return waiting_.size(); }
  // Why the first of those that are not served is not; retry_after where one is being hashed.
  Error error() const { return error_.value_or(make_error(Code::kUnavailable, "was not asked")); }
  void begin_round() {
    left_ = waiting_.size();
    failures_ = 0;
    error_.reset();
  }
  void split(std::vector<SharedFile>& files, std::vector<SharedFile>& unserved) const {
    std::vector<SharedFile> served;
    for (std::size_t i = 0; i < files.size(); ++i)
      (served_[i] ? served : unserved).push_back(std::move(files[i]));
    files = std::move(served);
  }

  std::optional<WholeFile> next() override {
    if (left_ == 0 || failures_ >= kMostFailures) return std::nullopt;
    --left_;
    const std::size_t file = waiting_.front();
    waiting_.pop_front();
    return WholeFile{files_[file].content->id, 0, file};
  }
  void arrived(const WholeFile& file, std::span<const std::uint8_t>) override {
    served_[file.number] = true;
  }
  void failed(const WholeFile& file, const Error& error) override {
    waiting_.push_back(file.number);
    ++failures_;
    if (!may_come(error)) failures_ = kMostFailures;
    if (!error_ || (may_come(*error_) && (!may_come(error) || error.retry_after))) error_ = error;
  }

 private:
  static constexpr std::size_t kMostFailures = 32;

  static bool may_come(const Error& error) { return error.retry_after || is_unseen(error); }

  const std::vector<SharedFile>& files_;
  std::vector<bool> served_;
  std::deque<std::size_t> waiting_;
  std::size_t left_ = 0;  // to ask in this round
  std::size_t failures_ = 0;
  std::optional<Error> error_;
};

Announcer::Announcer(Session& session, PeerConnector& peers, const Clock& clock, Waiter wait,
                     PeerEndpoint beside, std::chrono::milliseconds patience)
    : session_(session),
      peers_(peers),
      clock_(clock),
      wait_(std::move(wait)),
      beside_(std::move(beside)),
      patience_(patience) {}

std::optional<std::string> Announcer::announce(std::span<const DownloadOutcome* const> outcomes,
                                               Cancellation& cancellation,
                                               DownloadObserver& observer) {
  std::vector<SharedFile> listed;  // placeholders
  std::vector<SharedFile> files;
  std::size_t outside = 0;
  for (const DownloadOutcome* outcome : outcomes) {
    if (outcome->result == DownloadOutcome::Result::kPlaceholder) {
      listed.push_back({outcome->file_name, std::nullopt});
    } else if (outcome->shared_name) {
      files.push_back({*outcome->shared_name, outcome->content});
    } else {
      ++outside;
    }
  }
  std::string sentences;
  const auto say = [&](const std::string& sentence) {
    sentences += (sentences.empty() ? "" : "\n") + sentence;
  };
  if (outside > 0) {
    const bool one = outside == 1;
    say(subject(outside, "is") + " not indexed, because " + (one ? "it is" : "they are") +
        " outside your shared folder (shared_dir) or hidden in it: other peers cannot fetch " +
        (one ? "it" : "them") + " from you.");
  }
  std::vector<SharedFile> unserved;
  if (!files.empty()) {
    const Status served =
        wait_until_served(files, unserved, time_to_hash(files), cancellation, observer);
    if (!served) say(reason(unserved, served.error()));
  }
  listed.insert(listed.end(), files.begin(), files.end());
  if (!listed.empty()) {
    const auto indexed = session_.index_files(listed, IndexMode::kAdd);
    if (!indexed)
      say(subject(listed.size(), "could") + " not be indexed: " + indexed.error().message);
  }
  if (sentences.empty()) return std::nullopt;
  return sentences;
}

std::string Announcer::where() const {
  return "the peer-server beside you (" + host_and_port(beside_.ip, beside_.port) + ")";
}

std::optional<std::string> Announcer::check_listed(std::span<const SharedFile> files,
                                                   Cancellation& cancellation,
                                                   DownloadObserver& observer) {
  std::vector<SharedFile> asked;
  const std::size_t step = files.size() / kMostChecked + 1;
  for (std::size_t i = 0; i < files.size(); i += step) {
    if (files[i].content) asked.push_back(files[i]);
  }
  if (asked.empty()) return std::nullopt;
  std::vector<SharedFile> unserved;
  const Status served = wait_until_served(asked, unserved, milliseconds(0), cancellation, observer);
  // The original's peer-server moves no bytes and is asked nothing of the kind.
  if (served || served.error().code == Code::kUnimplemented) return std::nullopt;
  const Error& error = served.error();
  if (error.code == Code::kCancelled)
    return "It was not looked whether " + where() + " serves what you offer.";
  const std::string what =
      files.size() == 1 ? files.front().name : unserved.front().name + " and maybe others";
  if (is_hashing(error))
    return "Others cannot fetch " + what + " from you yet: " + where() + " is still hashing.";
  const std::string cannot = "Others cannot fetch " + what + " from you: " + where();
  if (error.code == Code::kNotFound)
    return cannot + " does not share it; let its shared_dir be the client's.";
  if (error.code == Code::kDeadlineExceeded)
    return cannot + " does not answer in time; restart it.";
  return cannot + " does not answer (" + error.message + "); start it.";
}

std::string Announcer::reason(std::span<const SharedFile> files, const Error& error) const {
  const bool one = files.size() == 1;
  const std::string what = one ? files.front().name : "them";
  const std::string later = std::string("When it has a [directory], it announces ") +
                            (one ? "the file" : "them") + " by itself; else index " + what +
                            " later.";
  const std::string again = one ? "index the file again." : "index them again.";
  const std::string is_not = subject(files.size(), "is") + " not indexed";
  if (error.code == Code::kCancelled)
    return is_not + " yet, because you did not wait for " + where() + ". " + later;
  if (is_hashing(error))
    return is_not + " yet: " + where() + " runs and is still hashing. " + later;
  if (error.code == Code::kNotFound) {
    return is_not + ", because " + where() + " does not share " + (one ? "it" : "them") +
           "; let its shared_dir be the client's, then " + again;
  }
  if (error.code == Code::kDeadlineExceeded) {
    return is_not + ", because " + where() + " does not answer in time; restart it, then " + again;
  }
  return is_not + ", because " + where() + " does not answer (" + error.message +
         "); start it, then " + again;
}

// A peer-server sees new files after a moment and then hashes them, after others maybe.
Status Announcer::wait_until_served(std::vector<SharedFile>& files,
                                    std::vector<SharedFile>& unserved, milliseconds hashing_takes,
                                    Cancellation& cancellation, DownloadObserver& observer) {
  const std::unique_ptr<PeerChannel> channel = peers_.connect(beside_);
  const Cancellation::Hook hook(cancellation, [&channel] { channel->cancel(); });
  Question question(files);
  const Clock::Steady hashed_by = clock_.steady() + patience_ + hashing_takes;
  Clock::Steady seen_by = clock_.steady() + patience_;
  bool told = false;
  while (true) {
    const std::size_t before = question.waiting();
    question.begin_round();
    channel->fetch_files(question);
    if (question.waiting() == 0) return {};
    const Error error =
        cancellation.cancelled() ? make_error(Code::kCancelled, "interrupted") : question.error();
    const Clock::Steady now = clock_.steady();
    const bool hashing = error.retry_after.has_value();
    if (hashing || question.waiting() < before) seen_by = now + patience_;
    const bool may_come = hashing || is_unseen(error);
    if (!may_come || now >= std::min(seen_by, hashed_by)) {
      question.split(files, unserved);
      return error;
    }
    if (hashing && !told) observer.note("waiting for the peer-server beside you to hash it");
    told = told || hashing;
    wait_(kLookAgain, cancellation);
  }
}

}  // namespace trueque
