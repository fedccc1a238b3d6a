#include "server/storage/journal/journal_records.h"

#include <google/protobuf/arena.h>

#include "common/base/address.h"
#include "common/base/file_name.h"
#include "server/core/request_rules.h"
#include "server/storage/session_document.h"
#include "trueque/journal/v1/journal.pb.h"

namespace trueque {
namespace {

namespace pb = ::trueque::journal::v1;
using google::protobuf::Arena;

std::string_view as_text(const Sha256& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

void write_peer(const PeerKey& peer, pb::Peer& out) {
  out.set_username(peer.username);
  out.set_ip(peer.ip);
  out.set_port(peer.port);
}

void write_files(std::span<const SharedFile> files,
                 google::protobuf::RepeatedPtrField<pb::File>& out) {
  out.Reserve(static_cast<int>(files.size()));
  for (const SharedFile& file : files) {
    pb::File& each = *out.Add();
    each.set_name(file.name);
    if (!file.content) continue;
    const std::string_view id = as_text(file.content->id.bytes);
    each.set_content_id(id.data(), id.size());
    each.set_size(file.content->size);
  }
}

// A batch of the one record that `write` fills in.
template <typename Write>
std::string batch_of_one(Write write) {
  Arena arena;
  auto* batch = Arena::CreateMessage<pb::Batch>(&arena);
  write(*batch->add_records());
  return batch->SerializeAsString();
}

class Replay {
 public:
  Replay(Clock::Steady now, DirectoryTables& tables) : now_(now), tables_(tables) {}

  // False when the record makes no sense.
  bool apply(const pb::Record& record) {
    switch (record.change_case()) {
      case pb::Record::kSessionOpened:
        return open(record.session_opened());
      case pb::Record::kSessionEnded:
        return end(record.session_ended().token_hash());
      case pb::Record::kLeaseBegan:
        return with_peer(record.lease_began(), [this](const PeerKey& key) {
          tables_.restore_lease(key);
          return true;
        });
      case pb::Record::kFilesPut:
        return put(record.files_put(), &DirectoryTables::add_files);
      case pb::Record::kFilesReplaced:
        return put(record.files_replaced(), &DirectoryTables::replace_files);
      case pb::Record::kFilesRemoved:
        return remove(record.files_removed());
      case pb::Record::kPeerEnded:
        return with_peer(record.peer_ended(), [this](const PeerKey& key) {
          tables_.drop_peer(key);
          return true;
        });
      case pb::Record::CHANGE_NOT_SET:
        return false;  // a kind that is not known here
    }
    return false;
  }

 private:
  static std::optional<PeerKey> read_peer(const pb::Peer& peer) {
    const auto ip = canonical_host(peer.ip());
    if (!validate_username(peer.username()) || !ip || *ip != peer.ip()) return std::nullopt;
    if (peer.port() == 0 || peer.port() > 65535) return std::nullopt;
    return PeerKey{peer.username(), *ip, static_cast<std::uint16_t>(peer.port())};
  }

  template <typename Message, typename Step>
  bool with_peer(const Message& message, Step step) {
    const auto key = read_peer(message.peer());
    return key && step(*key);
  }

  bool open(const pb::SessionOpened& opened) {
    const auto token = ContentId::from_bytes(opened.token_hash());
    if (!token || opened.opened() > kLatestOpening) return false;
    const Clock::Wall when{std::chrono::seconds(opened.opened())};
    return with_peer(opened, [&](const PeerKey& key) {
      tables_.reopen_session({token->bytes, key, when}, now_);
      return true;
    });
  }

  bool end(const std::string& token_hash) {
    const auto token = ContentId::from_bytes(token_hash);
    if (token) tables_.drop_session(token->bytes);
    return token.has_value();
  }

  static bool read_file(const pb::File& file, SharedFile& out) {
    if (!validate_file_name(file.name())) return false;
    out.name = file.name();
    out.content.reset();
    if (file.content_id().empty()) return true;
    const auto id = ContentId::from_bytes(file.content_id());
    if (!id || file.size() > kMaxFileSize) return false;
    out.content = Content{file.size(), *id};
    return true;
  }

  template <typename Message, typename Verb>
  bool put(const Message& message, Verb verb) {
    std::vector<SharedFile> files(static_cast<std::size_t>(message.files_size()));
    for (int i = 0; i < message.files_size(); ++i) {
      if (!read_file(message.files(i), files[static_cast<std::size_t>(i)])) return false;
    }
    return with_peer(message, [&](const PeerKey& key) {
      Change ignored;
      static_cast<void>((tables_.*verb)(key, files, ignored).ok());
      return true;
    });
  }

  bool remove(const pb::FilesRemoved& removed) {
    const std::vector<std::string> names(removed.names().begin(), removed.names().end());
    return with_peer(removed, [&](const PeerKey& key) {
      Change ignored;
      static_cast<void>(tables_.remove_files(key, names, ignored).ok());
      return true;
    });
  }

  const Clock::Steady now_;
  DirectoryTables& tables_;
};

}  // namespace

std::string session_opened_record(const Session& session) {
  using std::chrono::duration_cast;
  const auto opened = duration_cast<std::chrono::seconds>(session.opened.time_since_epoch());
  return batch_of_one([&](pb::Record& record) {
    pb::SessionOpened& out = *record.mutable_session_opened();
    out.set_token_hash(std::string(as_text(session.token)));
    write_peer(session.peer, *out.mutable_peer());
    out.set_opened(static_cast<std::uint64_t>(opened.count()));
  });
}

std::string lease_began_record(const PeerKey& peer) {
  return batch_of_one(
      [&](pb::Record& record) { write_peer(peer, *record.mutable_lease_began()->mutable_peer()); });
}

std::string files_put_record(const PeerKey& peer, std::span<const SharedFile> files) {
  return batch_of_one([&](pb::Record& record) {
    write_peer(peer, *record.mutable_files_put()->mutable_peer());
    write_files(files, *record.mutable_files_put()->mutable_files());
  });
}

std::string files_replaced_record(const PeerKey& peer, std::span<const SharedFile> files) {
  return batch_of_one([&](pb::Record& record) {
    write_peer(peer, *record.mutable_files_replaced()->mutable_peer());
    write_files(files, *record.mutable_files_replaced()->mutable_files());
  });
}

std::string files_removed_record(const PeerKey& peer, std::span<const std::string> names) {
  return batch_of_one([&](pb::Record& record) {
    write_peer(peer, *record.mutable_files_removed()->mutable_peer());
    for (const std::string& name : names) record.mutable_files_removed()->add_names(name);
  });
}

std::string ended_records(const Change& change) {
  pb::Batch batch;
  for (const TokenHash& token : change.ended_sessions) {
    batch.add_records()->mutable_session_ended()->set_token_hash(std::string(as_text(token)));
  }
  for (const PeerKey& peer : change.ended_peers) {
    write_peer(peer, *batch.add_records()->mutable_peer_ended()->mutable_peer());
  }
  return batch.SerializeAsString();
}

Status replay_batch(std::string_view batch, Clock::Steady now, DirectoryTables& tables) {
  Arena arena;
  auto* parsed = Arena::CreateMessage<pb::Batch>(&arena);
  Replay replay(now, tables);
  bool makes_sense = batch.size() <= INT_MAX &&
                     parsed->ParseFromArray(batch.data(), static_cast<int>(batch.size()));
  if (makes_sense) {
    for (const pb::Record& record : parsed->records()) {
      makes_sense = replay.apply(record);
      if (!makes_sense) break;
    }
  }
  if (makes_sense) return {};
  return make_error(Code::kDataLoss, "it holds a record that this program cannot read");
}

}  // namespace trueque
