#include "peer_client/core/downloader.h"

#include <algorithm>

#include "common/base/address.h"
#include "common/base/file_name.h"
#include "peer_client/core/file_hasher.h"
#include "peer_client/core/local_copy.h"

namespace trueque {
namespace {

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

}  // namespace

Downloader::Downloader(PeerConnector& peers, const Clock& clock, Waiter wait,
                       DownloadSettings settings, PeerKey own, Landing& landing, HeldFiles& held)
    : peers_(peers),
      clock_(clock),
      wait_(std::move(wait)),
      settings_(std::move(settings)),
      own_(std::move(own)),
      landing_(landing),
      held_(held),
      earlier_(settings_.shared_dir, settings_.begun_elsewhere, held) {}

Result<DownloadOutcome> Downloader::fetch(const DownloadRequest& request,
                                          Cancellation& cancellation, DownloadObserver& observer) {
  if (Status name = validate_file_name(request.choice.file_name); !name) {
    return make_error(Code::kInvalidArgument,
                      "the directory lists a file under the name '" + request.choice.file_name +
                          "', which " + name.error().message + ", so it cannot be written here");
  }
  if (!request.choice.content) {
    return ask_for_message(request.choice, sources_of(request.choice.sources, true), cancellation);
  }
  std::optional<Landing::Place> place;
  Result<std::optional<DownloadOutcome>> here = look(request, place, cancellation);
  if (!here) return here.error();
  if (*here) {
    // What is here whole needs no part any more.
    if (place) (void)place->folder->remove_part(part_name(place->name, *request.choice.content));
    return std::move(**here);
  }
  if (!place) {
    Result<Landing::Place> made = landing_.choose(request, true);
    if (!made) return made.error();
    place = std::move(*made);
  }
  return fetch_content(request, std::move(*place), cancellation, observer);
}

Result<std::optional<DownloadOutcome>> Downloader::look(const DownloadRequest& request,
                                                        std::optional<Landing::Place>& place,
                                                        const Cancellation& cancellation) {
  const FileChoice& choice = request.choice;
  Result<Landing::Place> chosen = landing_.choose(request, false);
  if (!chosen && chosen.error().code != Code::kNotFound) return chosen.error();
  if (chosen) {
    Result<std::optional<DownloadOutcome>> held =
        landing_.settle_name(request, *chosen, cancellation);
    if (!held || *held) return held;
    place = std::move(*chosen);
  }
  if (auto shared = already_shared(request, cancellation)) {
    if (!request.output) return shared;
    Result<std::optional<DownloadOutcome>> copy =
        copy_shared(request, place, shared->path, cancellation);
    if (!copy || *copy) return copy;
  }
  if (sources_of(choice.sources, false).empty()) return nobody_else(choice);
  return std::optional<DownloadOutcome>();
}

Result<std::optional<DownloadOutcome>> Downloader::copy_shared(const DownloadRequest& request,
                                                               std::optional<Landing::Place> place,
                                                               const std::string& from,
                                                               const Cancellation& cancellation) {
  if (!place) {
    Result<Landing::Place> made = landing_.choose(request, true);
    if (!made) return made.error();
    place = std::move(*made);
  }
  const ContentId& wanted = *request.choice.content;
  Result<PartStore> store = PartStore::open(*place->folder, place->name, wanted);
  if (!store) return store.error();
  const PartFile& part = store->part();
  const Status copied = copy_file(from, part, cancellation);
  const Result<Content> content =
      copied ? hash_file(part.fd(), part.path(), nullptr, cancellation) : copied.error();
  if (content && content->id == wanted) {
    Result<DownloadOutcome> outcome = finish(request, *place, *store, content->size, cancellation);
    if (!outcome) return outcome.error();
    outcome->copied_from = from;
    return std::optional(std::move(*outcome));
  }
  if (!store->holds_anything()) store->remove();
  if (!content && content.error().code != Code::kNotFound) return content.error();
  return std::optional<DownloadOutcome>();
}

std::optional<DownloadOutcome> Downloader::already_shared(const DownloadRequest& request,
                                                          const Cancellation& cancellation) {
  const FileChoice& choice = request.choice;
  std::vector<std::string> listed;
  // Without an output the name itself was looked at: it is where the file would land.
  if (request.output) listed.push_back(choice.file_name);
  for (const FileSource& source : choice.sources) {
    if (is_of(own_, source)) listed.push_back(source.file.name);
  }
  const auto name = held_.find({choice.size, *choice.content}, listed, cancellation);
  if (!name) return std::nullopt;
  DownloadOutcome outcome = outcome_of(DownloadOutcome::Result::kAlready, choice);
  outcome.path = held_.path_of(*name);
  outcome.shared_name = *name;
  return outcome;
}

Result<DownloadOutcome> Downloader::fetch_content(const DownloadRequest& request,
                                                  Landing::Place place, Cancellation& cancellation,
                                                  DownloadObserver& observer) {
  const FileChoice& choice = request.choice;
  std::vector<TransferSource> sources = sources_of(choice.sources, false);
  Result<PartStore> store = open_part(choice, place, observer);
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
  observer.ended(transfer.report());
  if (size) return finish(request, place, *store, *size, cancellation);
  // Nothing worth keeping is a file less that a person wonders about.
  if (!store->holds_anything()) store->remove();
  const std::vector<TransferSource> old = transfer.old_peers();
  if (old.empty() || size.error().code == Code::kCancelled || size.error().code == Code::kAborted)
    return size.error();
  Result<DownloadOutcome> message = ask_for_message(choice, old, cancellation);
  if (!message) return size.error();
  return message;
}

Result<PartStore> Downloader::open_part(const FileChoice& choice, const Landing::Place& place,
                                        DownloadObserver& observer) const {
  std::optional<EarlierParts::Brought> earlier = earlier_.bring(choice, *place.folder, place.name);
  if (!earlier) return PartStore::open(*place.folder, place.name, *choice.content);
  observer.note("taking up what was begun at " + earlier->from);
  return PartStore::open(*place.folder, std::move(earlier->part), *choice.content);
}

Result<DownloadOutcome> Downloader::finish(const DownloadRequest& request, Landing::Place& place,
                                           const PartStore& store, std::uint64_t size,
                                           const Cancellation& cancellation) const {
  if (Status status = store.finish(size); !status) return status.error();
  Result<std::optional<DownloadOutcome>> held =
      landing_.give_name(request, place, store.part().name(), cancellation);
  if (!held) return held.error();
  if (*held) {
    store.remove();
    return std::move(**held);
  }
  if (Status synced = place.folder->sync(); !synced) return synced.error();
  store.remove_journal();
  DownloadOutcome outcome = outcome_of(DownloadOutcome::Result::kFetched, request.choice);
  outcome.content->size = size;
  outcome.path = place.path();
  outcome.shared_name = place.shared_name();
  if (outcome.shared_name) held_.add(*outcome.shared_name, *request.choice.content);
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

Error Downloader::nobody_else(const FileChoice& choice) const {
  const auto other =
      std::find_if(choice.sources.begin(), choice.sources.end(),
                   [this](const FileSource& row) { return row.peer_name != own_.username; });
  if (other == choice.sources.end()) {
    return make_error(Code::kNotFound, "only you share " + choice.file_name +
                                           ", and it is not in your folder; index it again");
  }
  return make_error(
      Code::kNotFound,
      other->peer_name + "'s " + choice.file_name + " is announced at your own address " +
          host_and_port(own_.ip, own_.port) +
          ", and it is not in your folder; let shared_dir be the folder that the peer-server there "
          "shares, or log in with the address and port of your own peer-server");
}

}  // namespace trueque
