// What cpp-httplib does for a server that is nothing but cpp-httplib: a constant, read
// from a file, for every POST. Connections are kept and answers not delayed, which is
// more than it does by itself. bare_httplib PORT FILE
#include <httplib.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

int main(int, char** argv) {
  std::ifstream file(argv[2]);
  const std::string answer{std::istreambuf_iterator<char>(file), {}};
  httplib::Server server;
  server.set_tcp_nodelay(true);
  server.set_keep_alive_max_count(1'000'000'000);
  server.Post("/getFiles", [&answer](const httplib::Request&, httplib::Response& response) {
    response.set_content(answer, "application/json");
  });
  return server.listen("127.0.0.1", std::atoi(argv[1])) ? 0 : 1;
}
