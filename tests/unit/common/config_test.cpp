#include "common/config/config.h"

#include <gtest/gtest.h>

#include "common/base/files.h"
#include "tests/support/temporary_directory.h"

namespace trueque {
namespace {

ConfigSchema schema() {
  return {
      "peer-client",
      {{"peer_client", "server_host", "127.0.0.1", "", host_or_address(), "Cliente.ini",
        "ip_servidor"},
       {"peer_client", "server_port", "5000", "", port_number(), "Cliente.ini", "puerto_servidor"},
       {"peer_client", "peer_server_host", "127.0.0.1", "", host_or_address(), "Cliente.ini",
        "ip_servidor_peer"},
       {"peer_client", "peer_server_port", "50051", "", port_number(), "Cliente.ini",
        "puerto_servidor_peer"},
       {"directory", "url", "", "", nullptr},
       {"directory", "password", "", "", nullptr, "", "", true}}};
}

class ConfigTest : public ::testing::Test {
 protected:
  Result<Config> load_text(const std::string& text) {
    EXPECT_TRUE(write_file_atomically(path_, text).ok());
    sources_.file = path_;
    return Config::load(schema(), sources_);
  }
  std::string error_of(const std::string& text) {
    const Result<Config> config = load_text(text);
    if (config.ok()) return "no error";
    std::string message = config.error().message;
    if (message.starts_with(path_)) message.erase(0, path_.size());
    return message;
  }

  testing::TemporaryDirectory folder_;
  std::string path_ = folder_.file("peer-client.ini");
  ConfigSources sources_;
};

TEST_F(ConfigTest, FlagBeatsEnvironmentBeatsFileBeatsDefault) {
  sources_.environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "TRUEQUE_SERVER_PORT") return "2";
    if (name == "TRUEQUE_PEER_SERVER_PORT") return "3";
    return std::nullopt;
  };
  sources_.flags["peer_client.peer_server_port"] = "4";
  const Result<Config> config =
      load_text("[peer_client]\nserver_host = 10.0.0.1\nserver_port = 1\npeer_server_port = 1\n");
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config->text("peer_client", "server_host"), "10.0.0.1");
  EXPECT_EQ(config->port("peer_client", "server_port"), 2);
  EXPECT_EQ(config->port("peer_client", "peer_server_port"), 4);
  EXPECT_EQ(config->text("peer_client", "peer_server_host"), "127.0.0.1");
}

TEST_F(ConfigTest, TheOriginalsFileWorksUnchanged) {
  const Result<std::string> original =
      read_file(std::string(TRUEQUE_TEST_DATA) + "/original/Cliente.config.ini");
  ASSERT_TRUE(original.ok());
  const Result<Config> config = load_text(*original);
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config->text("peer_client", "server_host"), "172.17.0.2");
  EXPECT_EQ(config->port("peer_client", "server_port"), 5000);
  EXPECT_EQ(config->text("peer_client", "peer_server_host"), "172.17.0.3");
  EXPECT_EQ(config->port("peer_client", "peer_server_port"), 50051);
}

TEST_F(ConfigTest, TheOriginalReadmesDuplicateIsRefusedWithTheKeyThatWasMeant) {
  const Result<std::string> original =
      read_file(std::string(TRUEQUE_TEST_DATA) + "/original/Cliente.as-in-its-readme.ini");
  ASSERT_TRUE(original.ok());
  EXPECT_EQ(
      error_of(*original),
      ":5: 'puerto_servidor' is set twice, first on line 3; did you mean 'puerto_servidor_peer'?");
}

TEST_F(ConfigTest, RefusesWhatItDoesNotKnowWithTheNearestName) {
  const struct {
    const char* text;
    const char* error;
  } rows[] = {
      {"[peer_client]\nserver_hots = x\n",
       ":2: unknown key 'server_hots' in [peer_client]; did you mean 'server_host'?"},
      {"[peerclient]\nserver_host = x\n",
       ":2: unknown section [peerclient] (key 'server_host'); did you mean 'peer_client'?"},
      {"; a comment\n[peer_client]\n\nserver_port = 70000\n",
       ":4: 'server_port' must be between 0 and 65535"},
      {"[peer_client]\nserver_port = 5000x\n", ":2: 'server_port' is not a whole number"},
      {"[peer_client]\nserver_port =\n", ":2: 'server_port' is not a whole number"},
      {"[peer_client]\nwhat is this\n", ": line 2: expected [section], key = value or a ; comment"},
      {"[peer_client]\nserver_port = 1\n[Cliente.ini]\npuerto_servidor = 2\n",
       ":4: 'puerto_servidor' is another name of 'server_port', which is set on line 2; keep one "
       "of them"},
      {"[Cliente.ini]\nip_servidor = a\n[peer_client]\nserver_host = b\n",
       ":4: 'server_host' is another name of 'ip_servidor', which is set on line 2; keep one of "
       "them"},
      {"server_port = 1\n",
       ":1: 'server_port' stands before any [section]; did you mean 'server_port' below "
       "[peer_client]?"},
      {"pasword = 1\n",
       ":1: 'pasword' stands before any [section]; did you mean 'password' below [directory]?"},
      {"qqqqqqqqqqqq = 1\n",
       ":1: 'qqqqqqqqqqqq' stands before any [section]; the sections are 'Cliente.ini', "
       "'directory', 'peer_client'"},
      {"[zzz]\nurl = x\n",
       ":2: unknown section [zzz] (key 'url'); did you mean 'url' below [directory]?"},
      {"[zzz]\nqqqqqqqqqqqq = x\n",
       ":2: unknown section [zzz] (key 'qqqqqqqqqqqq'); the sections are 'Cliente.ini', "
       "'directory', 'peer_client'"},
      {"[directory]\nqqqqqqqqqqqq = x\n",
       ":2: unknown key 'qqqqqqqqqqqq' in [directory]; the keys there are 'url', 'password'"},
      {"[Cliente.ini]\nport = x\n",
       ":2: unknown key 'port' in [Cliente.ini]; the keys there are 'ip_servidor', "
       "'puerto_servidor', 'ip_servidor_peer', 'puerto_servidor_peer'"},
      {"[peer_client]\nserver_host = not a host\n",
       ":2: 'server_host' is not an IPv4 address, an IPv6 address or a host name"},
      {"[peer_client]\n[zzz]\n",
       ":2: unknown section [zzz]; the sections are 'Cliente.ini', 'directory', 'peer_client'"},
      {"\xEF\xBB\xBF [directry]\n", ":1: unknown section [directry]; did you mean 'directory'?"},
  };
  for (const auto& row : rows) EXPECT_EQ(error_of(row.text), row.error) << row.text;
}

TEST_F(ConfigTest, LongCommentsAreReadOverAndLongValuesRefused) {
  EXPECT_EQ(error_of("; " + std::string(500, 'x') + "\n[peer_client]\nserver_port = 1\n"),
            "no error");
  EXPECT_EQ(error_of("[directory]\nurl = " + std::string(500, 'x') + "\n"),
            ": line 2: the line is too long");
}

TEST_F(ConfigTest, ShowsWhereEachValueCameFromAndHidesSecrets) {
  sources_.flags["directory.password"] = "hunter2";
  const Result<Config> config = load_text("[peer_client]\nserver_port = 7\n");
  ASSERT_TRUE(config.ok());
  const std::string text = config->describe();
  EXPECT_NE(text.find("server_port = 7  ; file " + path_ + " line 2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("server_host = 127.0.0.1  ; default\n"), std::string::npos);
  EXPECT_NE(text.find("password = ********  ; flag --directory-password\n"), std::string::npos);
  EXPECT_EQ(text.find("hunter2"), std::string::npos);
}

TEST_F(ConfigTest, AMissingFileThatWasAskedForIsAnError) {
  sources_.file = folder_.file("nowhere.ini");
  EXPECT_FALSE(Config::load(schema(), sources_).ok());
}

TEST(ConfigSchema, FlagsLeadWithTheSectionOutsideTheFirstOne) {
  const ConfigSchema s = schema();
  EXPECT_EQ(flag_names(s, s.keys[0]), std::vector<std::string>{"--server-host"});
  EXPECT_EQ(flag_names(s, s.keys[4]), (std::vector<std::string>{"--directory-url", "--url"}));
  EXPECT_EQ(environment_names(s, s.keys[0]), std::vector<std::string>{"TRUEQUE_SERVER_HOST"});
}

}  // namespace
}  // namespace trueque
