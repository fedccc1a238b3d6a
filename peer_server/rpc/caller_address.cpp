#include "peer_server/rpc/caller_address.h"

#include <charconv>

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

std::uint16_t caller_port(std::string_view peer) {
  const std::size_t colon = peer.rfind(':');
  std::uint16_t port = 0;
  if (colon == std::string_view::npos) return port;
  const char* const end = peer.data() + peer.size();
  const auto parsed = std::from_chars(peer.data() + colon + 1, end, port);
  return parsed.ec == std::errc() && parsed.ptr == end ? port : std::uint16_t{0};
}

}  // namespace trueque
