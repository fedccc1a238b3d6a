// search and peers.
#include "common/base/address.h"
#include "common/base/text.h"
#include "peer_client/cli/commands.h"
#include "peer_client/cli/human.h"

namespace trueque {
namespace {

Json hit_entry(const SearchHit& hit) {
  Json entry = {{"file_name", hit.file.name}, {"sources", hit.sources}};
  if (hit.file.content) {
    entry["size"] = hit.file.content->size;
    entry["content_id"] = hit.file.content->id.hex();
  }
  return entry;
}

std::vector<std::string> hit_row(const SearchHit& hit) {
  const auto& content = hit.file.content;
  return {printable(hit.file.name), content ? human_size(content->size) : "-",
          std::to_string(hit.sources), content ? short_id(content->id.hex()) : "-"};
}

}  // namespace

Answer Commands::search(const SearchOptions& options) {
  if (Status status = resume(); !status) return Answer::failed(status.error());
  std::string words;
  for (const std::string& word : options.words) words += (words.empty() ? "" : " ") + word;
  const Result<SearchPage> page = session_.search(words, options.limit, options.cursor);
  if (!page) return Answer::failed(page.error());
  Answer answer;
  answer.complete = true;
  answer.document = {{"files", Json::array()}, {"next", nullptr}};
  if (page->next) answer.document["next"] = *page->next;
  std::vector<std::vector<std::string>> rows = {{"name", "size", "sources", "content"}};
  for (const SearchHit& hit : page->files) {
    answer.document["files"].push_back(hit_entry(hit));
    rows.push_back(hit_row(hit));
  }
  if (page->files.empty()) {
    answer.error = make_error(Code::kNotFound, "no file has all of these words in its name");
    return answer;
  }
  answer.text = table(rows);
  if (page->next) answer.text += "There are more: add --cursor '" + printable(*page->next) + "'\n";
  return answer;
}

Answer Commands::peers() {
  if (Status status = resume(); !status) return Answer::failed(status.error());
  const Result<std::vector<PeerSummary>> peers = session_.peers();
  if (!peers) return Answer::failed(peers.error());
  Answer answer;
  answer.document["peers"] = Json::array();
  std::vector<std::vector<std::string>> rows = {{"name", "address", "files", "last seen"}};
  for (const PeerSummary& each : *peers) {
    answer.document["peers"].push_back({{"peer_name", each.peer.username},
                                        {"peer_ip", each.peer.ip},
                                        {"peer_port", each.peer.port},
                                        {"files", each.files}});
    rows.push_back({printable(each.peer.username),
                    printable(host_and_port(each.peer.ip, each.peer.port)),
                    std::to_string(each.files), human_duration(each.last_seen) + " ago"});
  }
  answer.text = table(rows);
  return answer;
}

}  // namespace trueque
