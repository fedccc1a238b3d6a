#include "peer_server/rpc/caller_address.h"

namespace trueque {
namespace {

constexpr std::string_view kMapped = "::ffff:";

void replace(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at))
    text.replace(at, what.size(), with);
}

}  // namespace

std::string caller_address(std::string_view peer) {
  if (!peer.starts_with("ipv4:") && !peer.starts_with("ipv6:")) return std::string(peer);
  std::string text(peer.substr(5));
  replace(text, "%5B", "[");
  replace(text, "%5D", "]");
  const std::size_t bracket = text.rfind(']');
  const std::size_t colon = text.rfind(':');
  if (text.starts_with('[') && bracket != std::string::npos) {
    text = text.substr(1, bracket - 1);
  } else if (colon != std::string::npos) {
    text.resize(colon);
  }
  const bool mapped = text.starts_with(kMapped) && text.find('.') != std::string::npos;
  return mapped ? text.substr(kMapped.size()) : text;
}

}  // namespace trueque
