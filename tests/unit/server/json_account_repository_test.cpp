#include "server/storage/json_account_repository.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "common/base/files.h"
#include "tests/support/temporary_directory.h"

namespace trueque {
namespace {

using testing::TemporaryDirectory;

TEST(JsonAccountRepository, SeesAccountsThatAnotherProcessMakes) {
  const TemporaryDirectory folder;
  const auto server = JsonAccountRepository::open(folder.file("a.json"));
  const auto add_user = JsonAccountRepository::open(folder.file("a.json"));
  ASSERT_TRUE(server.ok() && add_user.ok());
  ASSERT_TRUE((*add_user)->create({"ana", "h1"}).ok());
  EXPECT_EQ((*(*server)->find("ana"))->password_hash, "h1");
  ASSERT_TRUE((*server)->create({"bob", "h2"}).ok());
  EXPECT_EQ((*server)->create({"ana", "h3"}).error().code, Code::kAlreadyExists);
  ASSERT_TRUE((*add_user)->set_password({"ana", "h4"}).ok());
  EXPECT_EQ((*(*server)->find("ana"))->password_hash, "h4");
  EXPECT_EQ((*(*add_user)->find("bob"))->password_hash, "h2");
}

TEST(JsonAccountRepository, ItsFileIsForItsOwnerAlone) {
  const TemporaryDirectory folder;
  const auto accounts = JsonAccountRepository::open(folder.file("a.json"));
  ASSERT_TRUE((*accounts)->create({"ana", "h1"}).ok());
  const auto permissions = std::filesystem::status(folder.file("a.json")).permissions();
  EXPECT_EQ(static_cast<unsigned>(permissions), 0600U);
}

TEST(JsonAccountRepository, ADamagedFileIsNamedAndLeftAsItIs) {
  const struct {
    const char* text;
    const char* where;
  } rows[] = {
      {"", "line 1, column 1"},
      {"{\"version\": 1, \"accounts\": [", "line 1, column 2"},
      {"[]", "version: is missing"},
      {"{\"version\": 2, \"accounts\": []}", "version: is 2"},
      {"{\"version\": 1}", "accounts: is missing"},
      {"{\"version\": 1, \"accounts\": [{\"username\": 5}]}", "accounts[0].username: is no text"},
      {"{\"version\": 1, \"accounts\": [{\"username\": \"a\"}]}",
       "accounts[0].password_hash: is missing"},
  };
  for (const auto& row : rows) {
    const TemporaryDirectory folder;
    const std::string path = folder.file("a.json");
    ASSERT_TRUE(write_file_atomically(path, row.text).ok());
    const auto opened = JsonAccountRepository::open(path);
    ASSERT_FALSE(opened.ok()) << row.text;
    EXPECT_EQ(opened.error().code, Code::kDataLoss);
    EXPECT_NE(opened.error().message.find(path + ": " + row.where), std::string::npos)
        << opened.error().message;
    EXPECT_EQ(read_file(path).value_or("?"), row.text);
  }
}

TEST(JsonAccountRepository, DamageWhileRunningLosesNothing) {
  const TemporaryDirectory folder;
  const std::string path = folder.file("a.json");
  std::vector<Error> told;
  const auto accounts =
      JsonAccountRepository::open(path, [&](const Error& error) { told.push_back(error); });
  ASSERT_TRUE((*accounts)->create({"ana", "h1"}).ok());
  ASSERT_TRUE(write_file_atomically(path, "{damaged").ok());
  EXPECT_EQ((*(*accounts)->find("ana"))->password_hash, "h1");
  const Status created = (*accounts)->create({"bob", "h"});
  EXPECT_EQ(created.error().code, Code::kUnavailable);
  EXPECT_TRUE(created.error().retry_after);
  EXPECT_EQ(created.error().message.find(folder.file("")), std::string::npos)
      << created.error().message;
  EXPECT_FALSE(*(*accounts)->find("bob"));
  EXPECT_EQ(read_file(path).value_or("?"), "{damaged");
  ASSERT_EQ(told.size(), 1U) << "not for every request";
  EXPECT_EQ(told[0].code, Code::kDataLoss);
  EXPECT_NE(told[0].message.find(path), std::string::npos) << told[0].message;
}

TEST(JsonAccountRepository, AFileThatGoesMissingOpensNoAccount) {
  const TemporaryDirectory folder;
  const std::string path = folder.file("a.json");
  std::vector<Error> told;
  const auto accounts =
      JsonAccountRepository::open(path, [&](const Error& error) { told.push_back(error); });
  ASSERT_TRUE((*accounts)->create({"ana", "h1"}).ok());
  std::filesystem::remove(path);
  EXPECT_EQ((*(*accounts)->find("ana"))->password_hash, "h1");
  EXPECT_EQ((*accounts)->create({"ana", "h2"}).error().code, Code::kAlreadyExists);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].code, Code::kNotFound);
  EXPECT_NE(told[0].message.find(path), std::string::npos) << told[0].message;
  ASSERT_TRUE((*accounts)->create({"bob", "h3"}).ok());
  const auto again = JsonAccountRepository::open(path);
  EXPECT_EQ((*(*again)->find("ana"))->password_hash, "h1");
  EXPECT_EQ((*(*again)->find("bob"))->password_hash, "h3");
}

TEST(JsonAccountRepository, AFileMadeAnewByAnotherProcessOpensNoAccount) {
  const TemporaryDirectory folder;
  const std::string path = folder.file("a.json");
  const auto server = JsonAccountRepository::open(path);
  ASSERT_TRUE((*server)->create({"ana", "h1"}).ok());
  std::filesystem::remove(path);
  EXPECT_TRUE(*(*server)->find("ana"));  // notices
  const auto add_user = JsonAccountRepository::open(path);
  ASSERT_TRUE((*add_user)->create({"bob", "h2"}).ok());
  EXPECT_EQ((*(*server)->find("bob"))->password_hash, "h2");
  EXPECT_EQ((*(*server)->find("ana"))->password_hash, "h1");
  ASSERT_TRUE((*server)->create({"eva", "h3"}).ok());
  EXPECT_EQ((*(*add_user)->find("ana"))->password_hash, "h1");
}

TEST(JsonAccountRepository, AFailedWriteMakesNoAccount) {
  const TemporaryDirectory folder;
  const std::string path = folder.file("a.json");
  const auto accounts = JsonAccountRepository::open(path);
  // The temporary file cannot be made where a folder of its name stands.
  std::filesystem::create_directory(path + ".tmp");
  const Status created = (*accounts)->create({"ana", "h1"});
  EXPECT_EQ(created.error().code, Code::kUnavailable);
  EXPECT_TRUE(created.error().retry_after);
  EXPECT_FALSE(*(*accounts)->find("ana"));
  std::filesystem::remove(path + ".tmp");
  EXPECT_TRUE((*accounts)->create({"ana", "h1"}).ok());
}

}  // namespace
}  // namespace trueque
