#include "server/cli/server_settings.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_directory.h"

namespace trueque {
namespace {

Result<ServerSettings> settings_of(const std::string& ini) {
  const testing::TemporaryDirectory folder;
  const std::string path = folder.file("main-server.ini");
  std::ofstream(path) << ini;
  ConfigSources sources;
  sources.file = path;
  const Result<Config> config = Config::load(main_server_schema(), sources);
  if (!config) return config.error();
  return read_settings(*config);
}

TEST(ServerSettings, HaveTheDefaultsOfTheContract) {
  const auto settings = settings_of("");
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  EXPECT_EQ(settings->host, "0.0.0.0");
  EXPECT_EQ(settings->port, 5000);
  EXPECT_EQ(settings->state_path, "./logged_peers.json");
  EXPECT_EQ(settings->rules.auth, AuthMode::kPassword);
  EXPECT_EQ(settings->rules.registration, Registration::kOpen);
  EXPECT_EQ(settings->rules.terms.heartbeat, std::chrono::seconds(15));
  EXPECT_EQ(settings->rules.terms.lease, std::chrono::seconds(45));
  EXPECT_EQ(settings->requests_per_second, 0U);
  EXPECT_EQ(settings->max_connections, 20'000U);
  EXPECT_EQ(settings->connections_per_address, 0U);
  EXPECT_EQ(settings->idle, std::chrono::seconds(60));
  EXPECT_EQ(settings->request, std::chrono::seconds(10));
}

TEST(ServerSettings, ReadTheOriginalsFile) {
  std::ifstream file(std::string(TRUEQUE_TEST_DATA) + "/original/Servidor.config.ini");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto settings = settings_of(text);
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  EXPECT_EQ(settings->host, "0.0.0.0");
  EXPECT_EQ(settings->port, 5000);
}

TEST(ServerSettings, TakeEveryKeyOfTheShippedFile) {
  std::ifstream file(std::string(TRUEQUE_TEST_DATA) + "/../../config/main-server.ini");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  ASSERT_FALSE(text.empty());
  for (const ConfigKey& key : main_server_schema().keys)
    EXPECT_NE(text.find("\n" + std::string(key.secret ? "; " : "") + key.name + " ="),
              std::string::npos)
        << key.name;
  const auto settings = settings_of(text);
  ASSERT_TRUE(settings.ok()) << settings.error().message;
}

TEST(ServerSettings, RefuseWhatCannotWork) {
  struct Row {
    const char* ini;
    const char* mentions;
  };
  for (const Row& row :
       {Row{"[storage]\nbackend = postgres\n", "postgres_url"},
        Row{"[storage]\nbackend = sqlite\n", "backend"}, Row{"[storage]\npath =\n", "path"},
        Row{"[storage]\nbackend = postgres\n", "main-server.ini:2: 'backend' "},
        Row{"[lease]\nlease_seconds = 15\n",
            "main-server.ini:2: 'lease_seconds' must be more than heartbeat_seconds, 15"},
        Row{"[lease]\nheartbeat_seconds = 60\n",
            "main-server.ini:2: 'heartbeat_seconds' must be less than lease_seconds, 45"},
        Row{"[lease]\n\nlease_seconds = 2\nheartbeat_seconds = 3\n",
            "main-server.ini:3: 'lease_seconds'"},
        Row{"[lease]\nheartbeat_seconds = 0\n", "heartbeat_seconds"},
        Row{"[server]\nport = 70000\n", "port"}, Row{"[server]\nhost = a b\n", "host"},
        Row{"[auth]\nmode = none\n", "mode"}, Row{"[limits]\nidle_seconds = -1\n", "idle"},
        Row{"[Servidor.ini]\npuerto = 1\n[server]\nport = 2\n", "port"}}) {
    SCOPED_TRACE(row.ini);
    const auto settings = settings_of(row.ini);
    ASSERT_FALSE(settings.ok());
    EXPECT_NE(settings.error().message.find(row.mentions), std::string::npos)
        << settings.error().message;
  }
}

}  // namespace
}  // namespace trueque
