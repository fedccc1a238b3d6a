// What the directory's index costs in memory and time, without a server around it.
//   file_index_bench memory ENTRIES PEERS NAMES [in-order | load]
//                                                   bytes an entry and the time it took
//   file_index_bench lookups FILES                  how long lookups take while others change
//                                                   much: a peer of so many files comes, goes
//   file_index_bench names ENTRIES                  prints the names, for other programs
//   file_index_bench search NAMES_FILE              each line of standard input names a file
//                                                   of queries, which are timed
#include <malloc.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "server/storage/directory_tables.h"
#include "server/storage/memory_directory_repository.h"
#include "tests/bench/bench_names.h"

namespace {

using trueque::Change;
using trueque::Content;
using trueque::DirectoryTables;
using trueque::PeerKey;
using trueque::SharedFile;
using trueque::bench::NameMaker;

double seconds_on(clockid_t clock) {
  struct timespec now {};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Of this thread's processor: other programs on the machine do not count.
double cpu_seconds() { return seconds_on(CLOCK_THREAD_CPUTIME_ID); }

// What something took: of all threads' processors, and by the clock on the wall.
class Stopwatch {
 public:
  template <typename Work>
  void time(Work work) {
    const double cpu = seconds_on(CLOCK_PROCESS_CPUTIME_ID), wall = seconds_on(CLOCK_MONOTONIC);
    work();
    cpu_ += seconds_on(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    wall_ += seconds_on(CLOCK_MONOTONIC) - wall;
  }
  double cpu() const { return cpu_; }
  double wall() const { return wall_; }

 private:
  double cpu_ = 0, wall_ = 0;
};

std::size_t heap_in_use() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

std::size_t resident() {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0;
  statm >> pages >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

PeerKey peer_number(std::size_t p) {
  return {"user" + std::to_string(p), "10.0." + std::to_string(p / 250) + ".1",
          static_cast<std::uint16_t>(1000 + p)};
}

SharedFile file(std::string name, std::size_t content) {
  trueque::ContentId id;
  for (std::size_t i = 0; i < id.bytes.size(); ++i)
    id.bytes[i] = static_cast<std::uint8_t>(trueque::mixed(content * 32 + i + 1));
  return {std::move(name), Content{content + 1, id}};
}

// Adds `files` as the next ones of a peer of its own, as loading a state does.
void add(DirectoryTables& tables, std::size_t peer, const std::vector<SharedFile>& files) {
  Change change;
  tables.restore_peer(peer_number(peer), {});
  if (!tables.add_files(peer_number(peer), files, change).ok()) std::abort();
}

int memory(std::size_t entries, std::size_t peers, std::size_t names, const std::string& how) {
  DirectoryTables tables;
  NameMaker maker;
  std::vector<std::string> made(names);
  for (std::size_t i = 0; i < names; ++i) made[i] = maker.make(i);
  const bool is_load = how == "load";
  if (how == "in-order") std::sort(made.begin(), made.end());
  double bytes = 0;
  for (const std::string& name : made) bytes += static_cast<double>(name.size());
  ::malloc_trim(0);
  const std::size_t heap = heap_in_use();
  const std::size_t before = resident();
  Stopwatch watch;
  if (is_load) watch.time([&] { tables.begin_loading(entries); });
  const std::size_t each = entries / peers;
  for (std::size_t p = 0; p < peers; ++p) {
    std::vector<SharedFile> files;
    files.reserve(each);
    for (std::size_t i = 0; i < each; ++i) {
      const std::size_t n = (p * each + i) % names;
      files.push_back(file(made[n], n));
    }
    watch.time([&] { add(tables, p, files); });
  }
  if (is_load) watch.time([&] { tables.finish_loading(); });
  ::malloc_trim(0);
  std::printf(
      "%zu entries, %zu peers, %zu names of %.1f bytes: built in %.2f s of CPU (%.2f s), "
      "%.1f bytes an entry (resident %.1f)\n",
      entries, peers, names, bytes / static_cast<double>(names), watch.cpu(), watch.wall(),
      static_cast<double>(heap_in_use() - heap) / static_cast<double>(entries),
      static_cast<double>(resident() - before) / static_cast<double>(entries));
  return 0;
}

std::vector<std::string> lines_of(const char* path) {
  std::vector<std::string> lines;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// 1,000 peers share the names; one name in ten has more than one source.
void fill(DirectoryTables& tables, const std::vector<std::string>& names) {
  constexpr std::size_t kPeers = 1000;
  std::vector<std::vector<SharedFile>> files(kPeers);
  tables.begin_loading(names.size() * 13 / 10);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::size_t sources = i % 10 == 0 ? 1 + i / 10 % 7 : 1;
    for (std::size_t s = 0; s < sources; ++s)
      files[(i * 37 + s) % kPeers].push_back(file(names[i], i));
  }
  for (std::size_t p = 0; p < kPeers; ++p) add(tables, p, files[p]);
  tables.finish_loading();
}

// For each line of standard input, a file of queries, all of them once, and a line of
// JSON about them.
int search(const char* names) {
  DirectoryTables tables;
  fill(tables, lines_of(names));
  for (std::string file; std::getline(std::cin, file);) {
    std::vector<double> times;
    for (const std::string& each : lines_of(file.c_str())) {
      const double begin = cpu_seconds();
      (void)tables.files().search({each, 50, std::nullopt});
      times.push_back((cpu_seconds() - begin) * 1000);
    }
    const double all = std::accumulate(times.begin(), times.end(), 0.0);
    std::sort(times.begin(), times.end());
    std::printf("{\"per_second\": %.1f, \"median_ms\": %.3f, \"p99_ms\": %.3f}\n",
                1000 * static_cast<double>(times.size()) / all, times[times.size() / 2],
                times[times.size() * 99 / 100]);
    std::fflush(stdout);
  }
  return 0;
}

using Wall = std::chrono::steady_clock;

// Of lookups one after the other until `done`.
std::vector<double> look_up(const trueque::DirectoryRepository& repository,
                            const std::vector<std::string>& names, const std::atomic<bool>& done) {
  std::vector<double> times;
  for (std::size_t i = 0; !done; ++i) {
    const auto begin = Wall::now();
    (void)repository.find_by_name(names[i * 7919 % names.size()], 50);
    times.push_back(std::chrono::duration<double, std::micro>(Wall::now() - begin).count());
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
  std::sort(times.begin(), times.end());
  return times;
}

template <typename Change>
void time_lookups(const char* what, const trueque::DirectoryRepository& repository,
                  const std::vector<std::string>& names, Change change) {
  std::atomic<bool> done = false;
  std::vector<double> times;
  std::thread reader([&] { times = look_up(repository, names, done); });
  const auto begin = Wall::now();
  change();
  const double took = std::chrono::duration<double>(Wall::now() - begin).count();
  done = true;
  reader.join();
  std::printf("  %-44s %6.2f s, %6zu lookups: median %6.0f us, p99 %6.0f us, slowest %7.0f us\n",
              what, took, times.size(), times[times.size() / 2], times[times.size() * 99 / 100],
              times.back());
}

int lookups(std::size_t count) {
  trueque::MemoryDirectoryRepository repository;
  NameMaker maker;
  std::vector<std::string> names(count);
  std::vector<SharedFile> files;
  for (std::size_t i = 0; i < count; ++i) {
    names[i] = maker.make(i);
    files.push_back(file(names[i], i));
  }
  const auto log_in = [&](std::size_t p) {
    const auto token = file("", p).content->id.bytes;
    (void)repository.open_session({token, peer_number(p), {}}, {}, std::chrono::seconds(45));
    return token;
  };
  log_in(0);
  const auto token = log_in(1);
  (void)repository.add_files(peer_number(0), files);
  time_lookups("nothing else", repository, names,
               [] { std::this_thread::sleep_for(std::chrono::seconds(2)); });
  time_lookups("another peer adds them, 1,000 a request", repository, names, [&] {
    for (std::size_t i = 0; i + 1000 <= count; i += 1000)
      (void)repository.add_files(peer_number(1), std::span(files).subspan(i, 1000));
  });
  time_lookups("it replaces them all by one", repository, names,
               [&] { (void)repository.replace_files(peer_number(1), std::span(files).first(1)); });
  (void)repository.add_files(peer_number(1), files);
  time_lookups("it leaves", repository, names, [&] { (void)repository.close_session(token); });
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  const auto number = [&](int i) { return std::stoul(argv[i]); };
  if (what == "memory" && argc >= 5)
    return memory(number(2), number(3), number(4), argc == 6 ? argv[5] : "");
  if (what == "lookups" && argc == 3) return lookups(number(2));
  if (what == "search" && argc == 3) return search(argv[2]);
  if (what == "names" && argc == 3) {
    NameMaker maker;
    for (std::size_t i = 0; i < number(2); ++i) std::cout << maker.make(i) << "\n";
    return 0;
  }
  std::cerr
      << "usage: file_index_bench memory ENTRIES PEERS NAMES [in-order|load] | lookups FILES | "
         "names COUNT | search NAMES\n";
  return 2;
}
