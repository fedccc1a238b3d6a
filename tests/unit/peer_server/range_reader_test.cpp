#include "peer_server/rpc/range_reader.h"

#include <gtest/gtest.h>

#include <array>

#include "tests/unit/peer_server/folder_fixture.h"

namespace trueque {
namespace {

using testing::FolderOnDisk;
using testing::id_of;
using testing::patterned;

class RangeReaderTest : public ::testing::Test {
 protected:
  // Shares a file of so many bytes, whose name and seed that is.
  FileRange share(unsigned size) {
    disk_.write(std::to_string(size), patterned(size, size));
    const ContentId id = id_of(patterned(size, size));
    names_[id] = std::to_string(size);
    return {id, 0, size};
  }
  RangeReader reader(std::vector<FileRange> ranges) {
    return {std::move(ranges), [this](const FileRange& range) -> Result<ServedFile> {
              ++opened_;
              if (!names_.contains(range.content)) return make_error(Code::kNotFound, "gone");
              const std::string& name = names_[range.content];
              Result<OpenFile> file =
                  OpenFile::adopt(std::move(*root_.open_file(name)), name, *root_.stamp(name));
              if (!file) return file.error();
              return ServedFile(std::move(*file));
            }};
  }
  // Reads into three rooms of different sizes at a time, until nothing is left.
  static std::string read_all(RangeReader& reader) {
    std::string all;
    while (reader.left() > 0) {
      std::vector<std::uint8_t> bytes(std::min<std::uint64_t>(reader.left(), 250));
      const std::span whole(bytes);
      const std::size_t first = std::min<std::size_t>(bytes.size(), 100);
      const std::size_t second = std::min<std::size_t>(bytes.size() - first, 7);
      const std::array<std::span<std::uint8_t>, 3> room = {
          whole.first(first), whole.subspan(first, second), whole.subspan(first + second)};
      const std::size_t got = reader.read(room);
      all.append(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(got));
      if (got < bytes.size()) break;
    }
    return all;
  }

  FolderOnDisk disk_;
  FolderRoot root_ = *FolderRoot::open(disk_.path());
  std::map<ContentId, std::string> names_;
  int opened_ = 0;
};

TEST_F(RangeReaderTest, GivesRangesInOrderWhereverTheRoomEnds) {
  std::vector<FileRange> ranges = {share(1), share(99), share(100), share(101), share(1'000)};
  ranges.push_back({ranges.back().content, 500, 250});
  RangeReader all = reader(ranges);
  EXPECT_EQ(all.left(), 1'551U);
  EXPECT_EQ(opened_, 0);
  const std::string large = patterned(1'000, 1'000);
  EXPECT_EQ(read_all(all), patterned(1, 1) + patterned(99, 99) + patterned(100, 100) +
                               patterned(101, 101) + large + large.substr(500, 250));
  EXPECT_TRUE(all.failure().ok());
  EXPECT_EQ(all.left(), 0U);
}

TEST_F(RangeReaderTest, TheFirstThatFailsEndsItAndNoOtherIsOpened) {
  const FileRange first = share(300);
  const FileRange last = share(400);
  RangeReader all = reader({first, {ContentId{}, 0, 10}, last});
  EXPECT_EQ(read_all(all), patterned(300, 300));
  EXPECT_EQ(all.failure().error().code, Code::kNotFound);
  EXPECT_EQ(all.left(), 0U);
  EXPECT_EQ(opened_, 2);
}

TEST_F(RangeReaderTest, AFileThatShrankEndsIt) {
  const FileRange range = share(500);
  RangeReader all = reader({range});
  ASSERT_TRUE(all.open_first().ok());
  EXPECT_EQ(opened_, 1);
  disk_.write("500", "short");
  EXPECT_EQ(read_all(all), "");
  EXPECT_EQ(all.failure().error().code, Code::kFailedPrecondition);
}

}  // namespace
}  // namespace trueque
