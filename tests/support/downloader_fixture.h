// One file of a few pieces in memory, peers that have it, named by their port, and a
// Downloader whose waiting moves a clock.
#pragma once

#include <gtest/gtest.h>

#include "common/base/files.h"
#include "peer_client/core/downloader.h"
#include "tests/support/fake_peers.h"
#include "tests/support/temporary_directory.h"

namespace trueque::testing {

inline constexpr std::size_t kMiB = 1024 * 1024;

class Notes final : public DownloadObserver {
 public:
  void progress(std::uint64_t done, std::uint64_t total) override {
    EXPECT_LE(done, total);
    if (on_progress) on_progress(done);
  }
  void note(const std::string& sentence) override { notes.push_back(sentence); }
  void sources(const std::vector<std::string>& labels) override {
    source_counts.push_back(labels.size());
  }
  void ended(const TransferReport& result) override { report = result; }

  std::vector<std::string> liars() const {
    std::vector<std::string> labels;
    for (const SourceReport& each : report.sources) {
      if (each.lied) labels.push_back(each.label);
    }
    return labels;
  }

  std::vector<std::string> notes;
  std::vector<std::size_t> source_counts;
  TransferReport report;
  std::function<void(std::uint64_t)> on_progress;
};

class DownloaderFixture : public ::testing::Test {
 protected:
  DownloaderFixture() {
    settings_.shared_dir = folder_.path().string();
    settings_.beside = {"127.0.0.1", 50051};
    settings_.transfer.max_sources = 1;  // so that everything happens in order
  }

  FakePeer& peer(std::uint16_t port) { return peers_.at({"10.0.0.9", port}); }
  FakePeer& honest(std::uint16_t port) {
    peer(port).add("a.bin", bytes_);
    return peer(port);
  }
  FileSource source(std::uint16_t port, const std::string& name = "a.bin") const {
    return {"peer" + std::to_string(port),
            "10.0.0.9",
            port,
            {name, Content{file_.size, file_.content_id}},
            ""};
  }
  FileChoice choice(const std::vector<std::uint16_t>& ports,
                    const std::string& name = "a.bin") const {
    FileChoice made{name, file_.content_id, file_.size, {}};
    for (const std::uint16_t port : ports) made.sources.push_back(source(port, name));
    return made;
  }
  Result<DownloadOutcome> fetch(const DownloadRequest& request) {
    Landing landing(settings_.shared_dir);
    HeldFiles held(settings_.shared_dir);
    Downloader downloader(peers_, clock_, wait_, settings_, own_, landing, held);
    return downloader.fetch(request, cancellation_, notes_);
  }
  Result<DownloadOutcome> fetch(const std::vector<std::uint16_t>& ports) {
    return fetch({choice(ports), std::nullopt});
  }
  std::string text(const std::string& name) const {
    return read_file(folder_.file(name)).value_or("(no file)");
  }
  std::string wanted() const { return {bytes_.begin(), bytes_.end()}; }

  TemporaryDirectory folder_;
  ManualClock clock_;
  FakePeers peers_{clock_};
  Waiter wait_ = [this](std::chrono::milliseconds time, Cancellation&) { clock_.advance(time); };
  DownloadSettings settings_;
  PeerKey own_{"me", "10.0.0.1", 50051};
  Cancellation cancellation_;
  Notes notes_;
  std::vector<std::uint8_t> bytes_ = some_bytes(3 * kMiB + 7);
  RemoteFile file_ = describe_bytes("a.bin", bytes_);
};

}  // namespace trueque::testing
