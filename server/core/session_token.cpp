#include "server/core/session_token.h"

#include <sodium.h>

#include <array>
#include <cstdlib>

namespace trueque {

std::string random_token() {
  if (sodium_init() < 0) std::abort();  // no source of randomness: nothing is safe to run
  std::array<std::uint8_t, 32> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return to_hex(bytes);
}

TokenHash hash_token(std::string_view token) {
  TokenHash hash{};
  static_assert(hash.size() == crypto_hash_sha256_BYTES);
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(token.data()),
                     token.size());
  return hash;
}

}  // namespace trueque
