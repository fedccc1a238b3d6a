// Any body of a request to the directory is read or refused with a reason, and what
// was read says the same when it is written and read again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/directory/json_messages.h"

namespace {

using trueque::Json;
using trueque::Result;

void require(bool condition) {
  if (!condition) std::abort();
}

template <typename T>
bool is_read(const Result<T>& result) {
  require(result.ok() || !result.error().message.empty());
  return result.ok();
}

Json parsed(const std::string& text) {
  const Result<Json> document = trueque::parse_json_document(text);
  require(document.ok());
  return *document;
}

void check_find(const Json& body) {
  const auto query = trueque::read_file_query(body);
  if (!is_read(query)) return;
  const auto again = trueque::read_file_query(parsed(trueque::write_file_query(*query)));
  require(is_read(again));
  require(again->names == query->names && again->content_ids == query->content_ids);
  require(again->folder == query->folder && again->pattern == query->pattern);
  require(again->peer_name == query->peer_name && again->cursor == query->cursor);
  require(again->limit == query->limit && query->limit >= 1 && query->limit <= trueque::kMaxRows);
}

void check_swarm(const Json& body) {
  const auto message = trueque::read_swarm(body);
  if (!is_read(message)) return;
  const auto again = trueque::read_swarm(parsed(trueque::write_swarm(*message)));
  require(is_read(again) && again->content == message->content);
  require(again->peer.peer_ip == message->peer.peer_ip);
  require(again->peer.peer_port == message->peer.peer_port);
}

void check_index(const Json& body) {
  const auto message = trueque::read_index(body);
  if (!is_read(message)) return;
  const auto again = trueque::read_index(
      parsed(trueque::write_index(message->peer, message->files, message->mode)));
  require(is_read(again) && again->files == message->files && again->mode == message->mode);
}

// The quick way takes nothing that the thorough one refuses, and reads the same.
void check_quick_way(std::string_view text, const Result<Json>& body) {
  const auto quickly = trueque::read_index_quickly(text);
  if (!quickly) return;
  require(body.ok());
  const auto message = trueque::read_index(*body);
  require(message.ok() && quickly->files == message->files && quickly->mode == message->mode);
  require(quickly->peer.peer_ip == message->peer.peer_ip);
  require(quickly->peer.peer_port == message->peer.peer_port);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<Json> body = trueque::parse_json_document(text);
  check_quick_way(text, body);
  if (!is_read(body)) return 0;
  check_find(*body);
  check_swarm(*body);
  check_index(*body);
  is_read(trueque::read_login(*body));
  is_read(trueque::read_lookup(*body));
  return 0;
}
