#include "server/http/guest_list.h"

#include <algorithm>

namespace trueque {
namespace {

// A crowd must not fill the log as well.
constexpr std::chrono::seconds kBetweenNotes{1};

}  // namespace

void GuestList::add(Connection& guest) {
  guests_.push_back(&guest);
  note(guest);
}

void GuestList::remove(const Connection& guest) {
  guests_.erase(std::remove(guests_.begin(), guests_.end(), &guest), guests_.end());
}

void GuestList::note(const Connection& guest) {
  ++unnoted_;
  const Connection::Time now = std::chrono::steady_clock::now();
  if (now - last_note_ < kBetweenNotes) return;
  log_.warning("connection_refused",
               {{"remote", guest.ip()}, {"reason", "too many"}, {"count", unnoted_}});
  last_note_ = now;
  unnoted_ = 0;
}

}  // namespace trueque
