#include "peer_client/core/downloader.h"

#include <algorithm>
#include <filesystem>

#include "common/base/file_name.h"

namespace trueque {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kMostNames = 1000;
constexpr std::size_t kMostOfASize = 4;

std::string parent_of(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string::npos ? std::string() : name.substr(0, slash);
}

std::string joined(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

// `path` within `folder`, both as they are on this machine; nothing when outside.
std::optional<std::string> within(const fs::path& path, const std::string& folder) {
  std::error_code failure;
  const fs::path root = fs::canonical(folder, failure);
  if (failure) return std::nullopt;
  const std::string relative = path.lexically_relative(root).generic_string();
  if (relative.empty() || relative == ".." || relative.starts_with("../")) return std::nullopt;
  return relative == "." ? std::string() : relative;
}

DownloadOutcome outcome_of(DownloadOutcome::Result result, const FileChoice& choice) {
  DownloadOutcome outcome;
  outcome.result = result;
  outcome.file_name = choice.file_name;
  if (choice.content) outcome.content = Content{choice.size, *choice.content};
  return outcome;
}

bool is_of(const PeerKey& peer, const FileSource& source) {
  return source.peer_port && source.peer_ip == peer.ip && *source.peer_port == peer.port;
}

// Who may be asked; with_own, the peer-server beside us last for what we list ourselves.
std::vector<TransferSource> sources_of(std::span<const FileSource> rows, const PeerEndpoint& beside,
                                       const PeerKey& own, bool with_own) {
  std::vector<TransferSource> sources;
  std::vector<TransferSource> ours;
  for (const FileSource& row : rows) {
    TransferSource source{row.peer_name, beside, 0};
    // A row without a port is the original's: it knew one peer-server only.
    if (row.peer_port) source.endpoint = {row.peer_ip, *row.peer_port};
    if (row.file.content) source.size = row.file.content->size;
    if (!is_of(own, row)) {
      sources.push_back(std::move(source));
    } else if (with_own) {
      source.endpoint = beside;
      ours.push_back(std::move(source));
    }
  }
  sources.insert(sources.end(), ours.begin(), ours.end());
  return sources;
}

SwarmNews news_from(const SwarmReply& reply, std::uint64_t size, const PeerKey& own) {
  SwarmNews news;
  news.renew = reply.renew;
  for (const PeerKey& peer : reply.peers) {
    if (peer.ip == own.ip && peer.port == own.port) continue;
    if (peer < own) ++news.rank;
    news.peers.push_back({peer.username, {peer.ip, peer.port}, size, true});
  }
  return news;
}

Error nobody_else(const FileChoice& choice) {
  return make_error(Code::kNotFound, "only you share " + choice.file_name +
                                         ", and it is not in your folder; index it again");
}

}  // namespace

Downloader::Downloader(PeerConnector& peers, const Clock& clock, Waiter wait,
                       DownloadSettings settings, PeerKey own)
    : peers_(peers),
      clock_(clock),
      wait_(std::move(wait)),
      settings_(std::move(settings)),
      own_(std::move(own)) {}

Result<DownloadOutcome> Downloader::fetch(const DownloadRequest& request,
                                          Cancellation& cancellation, DownloadObserver& observer) {
  const FileChoice& choice = request.choice;
  if (Status name = validate_file_name(choice.file_name); !name) {
    return make_error(Code::kInvalidArgument,
                      "the directory gave a name that " + name.error().message);
  }
  if (!choice.content)
    return ask_for_message(choice, sources_of(choice.sources, true), cancellation);
  Result<Place> place = choose_place(request, false);
  if (!place && place.error().code != Code::kNotFound) return place.error();
  if (place) {
    Result<std::optional<DownloadOutcome>> held = settle_name(request, *place, cancellation);
    if (!held) return held.error();
    if (*held) return std::move(**held);
  }
  const bool only_own = sources_of(choice.sources, false).empty();
  if (!request.output || only_own) {
    if (auto shared = already_shared(choice, cancellation)) return std::move(*shared);
  }
  if (only_own) return nobody_else(choice);
  if (!place) place = choose_place(request, true);
  if (!place) return place.error();
  return fetch_content(request, std::move(*place), cancellation, observer);
}

Result<Downloader::Place> Downloader::choose_place(const DownloadRequest& request,
                                                   bool create) const {
  const std::string& name = request.choice.file_name;
  if (request.output) return place_output(*request.output, name);
  if (is_hidden(name)) {
    return make_error(Code::kFailedPrecondition,
                      "the name is hidden and a directory chose it; give --output to fetch it");
  }
  if (settings_.shared_dir.empty()) return place_below(".", name, false, create);
  return place_below(settings_.shared_dir, name, true, create);
}

Result<Downloader::Place> Downloader::place_below(const std::string& root, const std::string& name,
                                                  bool shared, bool create) const {
  const std::string folder = parent_of(name);
  Result<TargetFolder> target = TargetFolder::open(root, folder, create);
  if (!target) return target.error();
  Place place{std::move(*target), std::string(last_component(name)), std::nullopt};
  if (shared) place.shared = folder;
  return place;
}

Result<Downloader::Place> Downloader::place_output(const std::string& output,
                                                   const std::string& file_name) const {
  std::error_code failure;
  const bool into_folder = fs::is_directory(output, failure);
  const fs::path named = fs::path(output);
  const fs::path folder = into_folder ? named : named.parent_path();
  const std::string name =
      into_folder ? std::string(last_component(file_name)) : named.filename().string();
  const fs::path real = fs::canonical(folder.empty() ? fs::path(".") : folder, failure);
  if (failure || name.empty()) {
    return make_error(Code::kAborted, "there is no folder " + folder.string() +
                                          "; make it first, or give another "
                                          "--output");
  }
  if (into_folder && is_hidden(name)) {
    return make_error(Code::kFailedPrecondition,
                      "the name is hidden and a directory chose it; name the file in --output");
  }
  const auto inside = within(real, settings_.shared_dir);
  if (inside && !is_hidden(joined(*inside, name))) {
    Result<Place> place = place_below(settings_.shared_dir, joined(*inside, name), true, false);
    if (place) place->exact = !into_folder;
    return place;
  }
  Result<TargetFolder> target = TargetFolder::open(real.string(), "", false);
  if (!target) return target.error();
  return Place{std::move(*target), name, std::nullopt, !into_folder};
}

Result<std::optional<DownloadOutcome>> Downloader::settle_name(const DownloadRequest& request,
                                                               Place& place,
                                                               Cancellation& cancellation) const {
  const std::string wanted = place.name;
  for (unsigned number = 1; number <= kMostNames; ++number) {
    place.name = numbered_name(wanted, number);
    const Result<UniqueFd> file = place.folder.open_file(place.name);
    if (!file && file.error().code == Code::kNotFound) return std::optional<DownloadOutcome>();
    const std::string path = place.folder.path_of(place.name);
    if (file) {
      const Result<Content> content = hash_file(file->get(), path, nullptr, cancellation);
      if (cancellation.cancelled()) return content.error();
      if (content && content->id == *request.choice.content) {
        DownloadOutcome outcome = outcome_of(DownloadOutcome::Result::kAlready, request.choice);
        outcome.content = *content;
        outcome.path = path;
        if (place.shared) outcome.shared_name = joined(*place.shared, place.name);
        return std::optional(std::move(outcome));
      }
    }
    if (place.exact) {
      return make_error(Code::kAlreadyExists,
                        "there is a different file " + path + "; choose another --output");
    }
  }
  return make_error(Code::kAlreadyExists, "too many files are called like " + wanted);
}

std::optional<DownloadOutcome> Downloader::already_shared(const FileChoice& choice,
                                                          Cancellation& cancellation) {
  const LocalFolder folder(settings_.shared_dir);
  std::vector<std::string> names;
  for (const FileSource& source : choice.sources) {
    if (is_of(own_, source)) names.push_back(source.file.name);
  }
  for (std::string& name : names_of_size(choice.size)) names.push_back(std::move(name));
  for (const std::string& name : names) {
    const Result<Content> content = folder.content_of(name, nullptr, cancellation);
    if (!content || content->id != *choice.content) continue;
    DownloadOutcome outcome = outcome_of(DownloadOutcome::Result::kAlready, choice);
    outcome.content = *content;
    outcome.path = folder.path_of(name);
    outcome.shared_name = name;
    return outcome;
  }
  return std::nullopt;
}

std::vector<std::string> Downloader::names_of_size(std::uint64_t size) {
  if (!held_) held_ = LocalFolder(settings_.shared_dir).names_by_size();
  std::vector<std::string> names;
  if (held_->count(size) > kMostOfASize) return names;
  const auto [first, last] = held_->equal_range(size);
  for (auto each = first; each != last; ++each) names.push_back(each->second);
  return names;
}

Result<DownloadOutcome> Downloader::fetch_content(const DownloadRequest& request, Place place,
                                                  Cancellation& cancellation,
                                                  DownloadObserver& observer) {
  const FileChoice& choice = request.choice;
  std::vector<TransferSource> sources = sources_of(choice.sources, false);
  Result<PartStore> store = PartStore::open(place.folder, place.name, *choice.content);
  if (!store) return store.error();
  TransferContext context{
      peers_, clock_, wait_, cancellation, observer, settings_.transfer, choice.file_name};
  context.aside = settings_.aside;
  context.limit = settings_.limit;
  if (request.more_sources) {
    // It may be asked for longer than this download takes: nothing in here is ours.
    context.more_sources = [ask = request.more_sources, beside = settings_.beside, own = own_] {
      return trueque::sources_of(ask(), beside, own, false);
    };
  }
  if (place.shared && request.join_swarm) context.swarm = seat_for(request);
  Transfer transfer(context, *choice.content, std::move(sources), *store);
  const Result<std::uint64_t> size = transfer.run();
  if (size) {
    Result<DownloadOutcome> outcome = finish(request, place, *store, *size, cancellation);
    if (outcome) outcome->report = transfer.report();
    return outcome;
  }
  // Nothing worth keeping is a file less that a person wonders about.
  if (!store->holds_anything()) store->remove();
  const std::vector<TransferSource> old = transfer.old_peers();
  if (old.empty() || size.error().code == Code::kCancelled || size.error().code == Code::kAborted)
    return size.error();
  Result<DownloadOutcome> message = ask_for_message(choice, old, cancellation);
  if (!message) return size.error();
  return message;
}

Result<DownloadOutcome> Downloader::finish(const DownloadRequest& request, Place& place,
                                           const PartStore& store, std::uint64_t size,
                                           Cancellation& cancellation) const {
  if (Status status = store.finish(size); !status) return status.error();
  while (true) {
    const Status placed = place.folder.place(store.part(), place.name);
    if (placed) break;
    if (placed.error().code != Code::kAlreadyExists) return placed.error();
    // Taken while we were fetching: look again.
    Result<std::optional<DownloadOutcome>> held = settle_name(request, place, cancellation);
    if (!held) return held.error();
    if (!*held) continue;
    store.remove();
    return std::move(**held);
  }
  store.remove_journal();
  DownloadOutcome outcome = outcome_of(DownloadOutcome::Result::kFetched, request.choice);
  outcome.content->size = size;
  outcome.path = place.folder.path_of(place.name);
  if (place.shared) outcome.shared_name = joined(*place.shared, place.name);
  return outcome;
}

// The first peer that answers gives the sentence.
Result<DownloadOutcome> Downloader::ask_for_message(const FileChoice& choice,
                                                    std::span<const TransferSource> sources,
                                                    Cancellation& cancellation) {
  Error last = make_error(Code::kNotFound, "there is no source");
  for (const TransferSource& source : sources) {
    const std::unique_ptr<PeerChannel> channel = peers_.connect(source.endpoint);
    const Cancellation::Hook hook(cancellation, [&channel] { channel->cancel(); });
    Result<std::string> message = channel->download_message(source.peer_name, choice.file_name);
    if (message) {
      DownloadOutcome outcome = outcome_of(DownloadOutcome::Result::kPlaceholder, choice);
      outcome.message = std::move(*message);
      return outcome;
    }
    last = message.error();
    last.message = source.label() + ": " + last.message;
    if (cancellation.cancelled()) break;
  }
  return last;
}

// As above, nothing in here is ours.
SwarmSeat::Asks Downloader::seat_for(const DownloadRequest& request) const {
  const Content content{request.choice.size, *request.choice.content};
  return {[join = request.join_swarm, content, own = own_]() -> Result<SwarmNews> {
            const Result<SwarmReply> reply = join(content);
            if (!reply) return reply.error();
            return news_from(*reply, content.size, own);
          },
          [leave = request.leave_swarm, content] {
            if (leave) leave(content);
          }};
}

std::vector<TransferSource> Downloader::sources_of(std::span<const FileSource> rows,
                                                   bool with_own) const {
  return trueque::sources_of(rows, settings_.beside, own_, with_own);
}

}  // namespace trueque
