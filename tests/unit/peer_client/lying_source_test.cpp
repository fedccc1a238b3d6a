// Downloads from a source that lies, fails or stalls, alone and beside an honest one.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "tests/support/downloader_fixture.h"

namespace trueque {
namespace {

using testing::FakePeer;
using testing::kMiB;

struct Lie {
  const char* name;
  std::function<void(FakePeer&)> tell;
  Code code;  // when nobody else has the file
};

const Lie kLies[] = {
    {"size larger", [](FakePeer& p) { p.stat_lie = [](RemoteFile& f) { ++f.size; }; },
     Code::kDataLoss},
    {"size zero", [](FakePeer& p) { p.stat_lie = [](RemoteFile& f) { f.size = 0; }; },
     Code::kDataLoss},
    {"piece size", [](FakePeer& p) { p.stat_lie = [](RemoteFile& f) { f.piece_size *= 2; }; },
     Code::kDataLoss},
    {"piece size zero", [](FakePeer& p) { p.stat_lie = [](RemoteFile& f) { f.piece_size = 0; }; },
     Code::kDataLoss},
    {"a hash", [](FakePeer& p) { p.stat_lie = [](RemoteFile& f) { ++f.piece_hashes[1][0]; }; },
     Code::kDataLoss},
    {"no hashes", [](FakePeer& p) { p.stat_lie = [](RemoteFile& f) { f.piece_hashes.clear(); }; },
     Code::kDataLoss},
    {"many hashes",
     [](FakePeer& p) { p.stat_lie = [](RemoteFile& f) { f.piece_hashes.resize(100'000); }; },
     Code::kDataLoss},
    {"another content",
     [](FakePeer& p) { p.stat_lie = [](RemoteFile& f) { ++f.content_id.bytes[0]; }; },
     Code::kDataLoss},
    {"bad byte in the first piece",
     [](FakePeer& p) { p.fetch_lie = [](auto& bytes, auto) { ++bytes[5]; }; }, Code::kDataLoss},
    {"bad byte in a later piece",
     [](FakePeer& p) { p.fetch_lie = [](auto& bytes, auto) { ++bytes[2 * kMiB + 5]; }; },
     Code::kDataLoss},
    {"bad last byte", [](FakePeer& p) { p.fetch_lie = [](auto& bytes, auto) { ++bytes.back(); }; },
     Code::kDataLoss},
    {"short", [](FakePeer& p) { p.fetch_lie = [](auto& b, auto) { b.resize(b.size() - 1); }; },
     Code::kDataLoss},
    {"nothing", [](FakePeer& p) { p.fetch_lie = [](auto& b, auto) { b.clear(); }; },
     Code::kDataLoss},
    {"endless", [](FakePeer& p) { p.endless = true; }, Code::kDataLoss},
    {"range refused",
     [](FakePeer& p) { p.failure = make_error(Code::kOutOfRange, "no such range"); },
     Code::kDataLoss},
    {"silent",
     [](FakePeer& p) {
       p.failure = make_error(Code::kDeadlineExceeded, "sends nothing");
       p.time_per_call = std::chrono::seconds(20);
     },
     Code::kUnavailable},
    {"always busy",
     [](FakePeer& p) {
       p.failure = Error{Code::kResourceExhausted, "is busy", std::chrono::milliseconds(700)};
     },
     Code::kUnavailable},
    {"always hashing",
     [](FakePeer& p) {
       p.failure = Error{Code::kUnavailable, "still hashing", std::chrono::milliseconds(0)};
     },
     Code::kUnavailable},
    {"drips",
     [](FakePeer& p) {
       p.chunk = 1;
       p.time_per_chunk = std::chrono::seconds(10);
     },
     Code::kUnavailable},
    {"internal errors", [](FakePeer& p) { p.failure = make_error(Code::kInternal, "failed"); },
     Code::kUnavailable},
    {"gone", [](FakePeer& p) { p.files.clear(); }, Code::kNotFound},
    {"changed",
     [](FakePeer& p) { p.failure = make_error(Code::kFailedPrecondition, "has another file"); },
     Code::kNotFound},
};

class LyingSource : public testing::DownloaderFixture, public ::testing::WithParamInterface<Lie> {};

TEST_P(LyingSource, AloneEndsInAClearErrorInBoundedTime) {
  GetParam().tell(honest(1));
  const auto before = clock_.steady();
  const auto outcome = fetch({1});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, GetParam().code) << outcome.error().message;
  EXPECT_NE(outcome.error().message.find("peer1 (10.0.0.9:1)"), std::string::npos)
      << outcome.error().message;
  EXPECT_LE(clock_.steady() - before, std::chrono::seconds(180));
  EXPECT_FALSE(std::filesystem::exists(folder_.file("a.bin")));
}

TEST_P(LyingSource, BesideAnHonestOneTheFileIsRight) {
  GetParam().tell(honest(1));
  honest(2);
  const auto outcome = fetch({1, 2});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(text("a.bin"), wanted());
  if (GetParam().code == Code::kDataLoss) {
    EXPECT_EQ(notes_.liars(), std::vector<std::string>{"peer1 (10.0.0.9:1)"});
  } else {
    EXPECT_TRUE(notes_.liars().empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Lies, LyingSource, ::testing::ValuesIn(kLies), [](const auto& row) {
  std::string name = row.param.name;
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
});

}  // namespace
}  // namespace trueque
