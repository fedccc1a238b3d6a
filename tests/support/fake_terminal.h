// A person's side in memory: what is typed, what is shown, and no real waiting.
#pragma once

#include <sstream>

#include "peer_client/cli/client.h"
#include "peer_client/core/transfer.h"
#include "tests/support/fake_peers.h"
#include "tests/support/temporary_directory.h"

namespace trueque::testing {

class FakeTerminal {
 public:
  // `rate`: the limit on downloads, in bytes a second; 0: none.
  explicit FakeTerminal(DirectoryClient& directory, std::uint64_t rate = 0)
      : limit(download_limit(clock, rate)), directory_(directory) {
    settings.directory = {"127.0.0.1", 5000};
    settings.beside = {"10.0.0.1", 50051};
  }

  ClientParts parts(const std::string& typed = "") {
    typed_.clear();
    typed_.str(typed);
    return {settings, directory_, peers,      peers, clock, wait,
            console,  input_,     interrupts, aside, limit};
  }

  ClientSettings settings;
  ManualClock clock;
  FakePeers peers{clock};
  Waiter wait = [this](std::chrono::milliseconds time, Cancellation&) { clock.advance(time); };
  RunAside aside = [](const std::function<void()>& job) { job(); };
  TokenBucket limit;
  std::ostringstream out;
  std::ostringstream err;
  Console console{out, err, false, false, false};
  Interrupts interrupts{[](int) { std::abort(); }};

 private:
  DirectoryClient& directory_;
  std::istringstream typed_;
  StreamInput input_{typed_};
};

}  // namespace trueque::testing
