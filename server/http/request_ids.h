// Names for requests, by which one can be followed through logs: the client's own
// X-Request-Id where it is fit for a log, else one made here. One thread at a time.
#pragma once

#include <random>
#include <string>

#include "server/http/http_message.h"

namespace trueque {

class RequestIds {
 public:
  RequestIds();

  // At most 64 characters, none but letters, digits and "-_.:".
  std::string id_of(const HttpRequest& request);
  std::string make();

 private:
  std::mt19937_64 random_;
};

}  // namespace trueque
