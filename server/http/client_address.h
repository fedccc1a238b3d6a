// The addresses that clients come from: how many connections each has, and which of
// them wait for a turn. Not synchronised.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

namespace trueque {

class Connection;

struct ClientAddress {
  std::string key;  // IPv4, or the half of an IPv6 address that a host is given whole
  std::size_t members = 0;
  std::size_t guests = 0;
  std::deque<Connection*> waiting;  // for a turn; see FairQueue
};

// How many connections there may be, altogether and from one address.
class AddressBook {
 public:
  // Zero: no limit.
  AddressBook(std::size_t total, std::size_t per_address)
      : max_total_(total), max_per_address_(per_address) {}

  // The one object of an address, there until its last connection is released.
  ClientAddress& of(const std::string& text);
  // Counts one more connection, unless it is one too many.
  bool admit(ClientAddress& address);
  void admit_guest(ClientAddress& address);
  // For each one admitted; the address may be gone afterwards.
  void release(ClientAddress& address, bool guest);

  std::size_t members() const { return members_; }

 private:
  const std::size_t max_total_;
  const std::size_t max_per_address_;
  std::size_t members_ = 0;
  std::unordered_map<std::string, std::unique_ptr<ClientAddress>> addresses_;  // by key
};

}  // namespace trueque
