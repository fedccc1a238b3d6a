#include "peer_server/cli/peer_server_settings.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_directory.h"

namespace trueque {
namespace {

using testing::TemporaryDirectory;
using Variables = std::map<std::string, std::string>;

class PeerServerSettingsTest : public ::testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(folder_.file(name)) << content;
    return folder_.file(name);
  }
  Result<PeerServerSettings> read(const std::string& ini, const Variables& variables = {}) const {
    ConfigSources sources;
    sources.file = write("peer-server.ini", ini);
    const Result<Config> config = Config::load(peer_server_schema(), sources);
    if (!config) return config.error();
    return read_settings(*config, [&](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    });
  }

  TemporaryDirectory folder_;
};

TEST_F(PeerServerSettingsTest, HasTheDocumentedDefaults) {
  const Result<PeerServerSettings> settings = read("");
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->host, "0.0.0.0");
  EXPECT_EQ(settings->port, 50051);
  EXPECT_EQ(settings->shared_dir, "");
  EXPECT_EQ(settings->rescan, std::chrono::seconds(3'600));
  EXPECT_EQ(settings->upload_slots, 8U);
  EXPECT_EQ(settings->upload_rate, 0U);
  EXPECT_EQ(settings->upload_rate_per_peer, 0U);
  EXPECT_FALSE(settings->announce);
}

TEST_F(PeerServerSettingsTest, ReadsRates) {
  const auto settings = read("[peer_server]\nupload_rate = 10M\nupload_rate_per_peer = 500k\n");
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->upload_rate, 10U << 20);
  EXPECT_EQ(settings->upload_rate_per_peer, 500U << 10);
}

TEST_F(PeerServerSettingsTest, TheShippedFileIsTheDefaults) {
  ConfigSources sources;
  sources.file = TRUEQUE_TEST_DATA "/../../config/peer-server.ini";
  const Result<Config> config = Config::load(peer_server_schema(), sources);
  ASSERT_TRUE(config.ok()) << config.error().message;
  for (const ConfigKey& key : peer_server_schema().keys)
    EXPECT_EQ(config->text(key.section, key.name), key.fallback) << key.name;
}

TEST_F(PeerServerSettingsTest, ReadsTheOriginalsFile) {
  ConfigSources sources;
  sources.file = TRUEQUE_TEST_DATA "/original/PServer.config.ini";
  const Result<Config> config = Config::load(peer_server_schema(), sources);
  ASSERT_TRUE(config.ok()) << config.error().message;
  const auto settings = read_settings(*config, [](const std::string&) { return std::nullopt; });
  EXPECT_EQ(settings->port, 50051);
  EXPECT_EQ(settings->rescan, std::chrono::seconds(86'400));
}

TEST_F(PeerServerSettingsTest, OneNewlineIsNotPartOfThePassword) {
  const std::string base = "[directory]\nurl = http://10.0.0.1:5000\nusername = ana\n";
  for (const auto& [content, password] : {std::pair<std::string, std::string>{"word\n", "word"},
                                          {"word", "word"},
                                          {"word\n\n", "word\n"},
                                          {" word ", " word "}}) {
    const std::string file = write("password", content);
    const auto settings = read(base + "password_file = " + file, {{"TRUEQUE_PASSWORD", "other"}});
    ASSERT_TRUE(settings.ok());
    EXPECT_EQ(settings->announce->credentials.password, password);
  }
  const auto settings = read(base, {{"TRUEQUE_PASSWORD", "from there"}});
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->announce->credentials.password, "from there");
  EXPECT_EQ(settings->announce->directories.at(0).host, "10.0.0.1");
  EXPECT_FALSE(settings->announce->advertise_port);
}

TEST_F(PeerServerSettingsTest, RefusesWhatCannotWork) {
  const std::string url = "[directory]\nurl = http://10.0.0.1:5000\n";
  const std::string empty = write("empty", "\n");
  for (const std::string& ini :
       {url, url + "username = ana\n", url + "username = ana\npassword_file = /no/such/file\n",
        url + "username = ana\npassword_file = " + empty + "\n",
        std::string("[directory]\nurl = ftp://x\n"), std::string("[directory]\nurl = 10.0.0.1\n"),
        std::string("[directory]\nadvertise_port = 0\n"),
        std::string("[directory]\nadvertise_ip = a b\n"),
        std::string("[peer_server]\nport = 70000\n"), std::string("[peer_server]\nport = x\n"),
        std::string("[peer_server]\nupload_slots = 0\n"),
        std::string("[peer_server]\nupload_rate = fast\n"),
        std::string("[peer_server]\nupload_rate_per_peer = -1\n"),
        std::string("[peer_server]\nrescan_seconds = 0\n"),
        std::string("[peer_server]\nport = 1\n[PServer.ini]\npuerto = 2\n"),
        std::string("[peer_server]\nshare_dir = x\n")}) {
    EXPECT_FALSE(read(ini).ok()) << ini;
  }
}

}  // namespace
}  // namespace trueque
