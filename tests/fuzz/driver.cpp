// Runs a fuzz target without libFuzzer: every seed of a folder, then random
// mutations of the seeds from a fixed random seed, so that a failure repeats.
//   <target> CORPUS_FOLDER ROUNDS
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "common/base/files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t bound) {
  return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
}

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

// Changes, removes, repeats or inserts a few bytes, or joins two seeds.
std::string mutate(const std::vector<std::string>& seeds, Random& random) {
  std::string text = seeds[below(random, seeds.size())];
  for (std::size_t step = below(random, 6) + 1; step > 0; --step) {
    const std::size_t at = below(random, text.size() + 1);
    switch (below(random, 5)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(below(random, 256));
        break;
      case 1:
        text.erase(at, below(random, 8));
        break;
      case 2:
        text.insert(at, 1, static_cast<char>(below(random, 256)));
        break;
      case 3:
        text.insert(at, text.substr(at, below(random, 64)));
        break;
      default: {
        const std::string& other = seeds[below(random, seeds.size())];
        text = text.substr(0, at) + other.substr(below(random, other.size() + 1));
      }
    }
  }
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: " << argv[0] << " CORPUS_FOLDER ROUNDS\n";
    return 2;
  }
  std::vector<std::string> seeds = {""};
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    seeds.push_back(trueque::read_file(entry.path().string()).value_or(""));
  }
  for (const std::string& seed : seeds) run(seed);
  Random random(20260101);
  const long rounds = std::strtol(argv[2], nullptr, 10);
  for (long round = 0; round < rounds; ++round) run(mutate(seeds, random));
  std::cout << seeds.size() << " seeds and " << rounds << " mutations\n";
  return 0;
}
