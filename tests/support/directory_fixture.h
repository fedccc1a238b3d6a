// A Directory over memory with a clock moved by hand, passwords hashed at the
// smallest cost, and short ways to say what a test wants of it.
#pragma once

#include <string>
#include <vector>

#include "server/core/directory.h"
#include "server/storage/memory_account_repository.h"
#include "server/storage/memory_directory_repository.h"
#include "tests/support/manual_clock.h"

namespace trueque::testing {

inline constexpr HashCost kCheapHash{1, 8192};

inline ContentId content_id(std::uint8_t first) {
  ContentId id;
  id.bytes[0] = first;
  return id;
}

inline SharedFile placeholder(std::string name) { return {std::move(name), std::nullopt}; }

inline SharedFile real_file(std::string name, std::uint64_t size, std::uint8_t content) {
  return {std::move(name), Content{size, content_id(content)}};
}

struct DirectoryFixture {
  explicit DirectoryFixture(DirectoryRules with = {}) : rules(with) {}

  Result<LoginReply> log_in(const std::string& name, const std::string& ip = "10.0.0.1",
                            std::uint16_t port = kDefaultPeerPort,
                            const std::string& password = "secret",
                            const std::string& from = "192.0.2.1") {
    return directory.log_in({name, password, ip, port}, from);
  }
  // The token of a login that must succeed.
  Caller logged_in(const std::string& name, const std::string& ip = "10.0.0.1",
                   std::uint16_t port = kDefaultPeerPort) {
    return {log_in(name, ip, port).value().token, "192.0.2.1"};
  }

  DirectoryRules rules;
  ManualClock clock;
  MemoryDirectoryRepository repository;
  MemoryAccountRepository accounts;
  PasswordHasher hasher{kCheapHash, 2};
  Directory directory{rules, repository, accounts, hasher, clock};
};

inline DirectoryRules open_mode() { return {AuthMode::kOpen, Registration::kOpen, {}}; }
inline DirectoryRules closed_registration() {
  return {AuthMode::kPassword, Registration::kClosed, {}};
}

}  // namespace trueque::testing
