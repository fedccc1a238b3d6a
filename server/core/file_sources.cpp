#include "server/core/file_sources.h"

#include <utility>

#include "common/base/address.h"
#include "common/base/text.h"

namespace trueque {
namespace {

FileSource to_file_source(Source source) {
  FileSource out;
  out.download_link = "http://" + host_in_url(source.peer.ip) + "/download/" +
                      percent_encode_segment(source.peer.username) + "/" +
                      percent_encode_path(source.file.name);
  out.peer_name = std::move(source.peer.username);
  out.peer_ip = std::move(source.peer.ip);
  out.peer_port = source.peer.port;
  out.file = std::move(source.file);
  return out;
}

}  // namespace

Result<std::vector<FileSource>> to_file_sources(Result<std::vector<Source>> sources) {
  if (!sources.ok()) return sources.error();
  if (sources->empty()) return make_error(Code::kNotFound, "File not found.");
  std::vector<FileSource> out;
  out.reserve(sources->size());
  for (Source& source : *sources) out.push_back(to_file_source(std::move(source)));
  return out;
}

}  // namespace trueque
