#include "server/http/client_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace trueque {
namespace {

// The first 64 bits of an IPv6 address, which is what one host gets; IPv4 as it is.
std::string key_of(const std::string& text) {
  std::array<char, sizeof(in6_addr)> bytes{};
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  return std::string(bytes.data(), 8);
}

}  // namespace

ClientAddress& AddressBook::of(const std::string& text) {
  std::string key = key_of(text);
  std::unique_ptr<ClientAddress>& found = addresses_[key];
  if (!found) {
    found = std::make_unique<ClientAddress>();
    found->key = std::move(key);
  }
  return *found;
}

bool AddressBook::admit(ClientAddress& address) {
  if (max_total_ != 0 && members_ >= max_total_) return false;
  if (max_per_address_ != 0 && address.members >= max_per_address_) return false;
  ++address.members;
  ++members_;
  return true;
}

void AddressBook::admit_guest(ClientAddress& address) { ++address.guests; }

void AddressBook::release(ClientAddress& address, bool guest) {
  if (guest) {
    --address.guests;
  } else {
    --address.members;
    --members_;
  }
  if (address.members + address.guests == 0 && address.waiting.empty()) {
    const std::string key = address.key;
    addresses_.erase(key);
  }
}

}  // namespace trueque
