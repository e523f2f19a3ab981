#include "support/postgres_server.hpp"

#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <vector>

namespace ctxcache::test {
namespace {

namespace fs = std::filesystem;
using arguments = std::vector<std::string>;

// Debian keeps the server's programs out of PATH, in a folder for each version.
std::string program(const std::string& name) {
  std::vector<fs::path> found;
  std::error_code none;
  for (const auto& version : fs::directory_iterator{"/usr/lib/postgresql", none}) {
    const auto path = version.path() / "bin" / name;
    if (fs::exists(path)) found.push_back(path);
  }
  return found.empty() ? name : std::ranges::max(found).string();
}

arguments as_server_user(arguments command) {
  if (::geteuid() != 0) return command;
  arguments prefixed{"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"};
  prefixed.insert(prefixed.end(), command.begin(), command.end());
  return prefixed;
}

std::string content(const std::string& file) {
  std::ifstream in{file};
  return {std::istreambuf_iterator<char>{in}, {}};
}

// Runs to the end; its output.
std::string finished(const arguments& command) {
  const temporary_folder scratch;
  const auto file = scratch.path() + "/output";
  const int status = child_process{command, file}.end(0);  // signal 0: only waits
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw std::runtime_error{command[0] + " failed: " + content(file)};
  return content(file);
}

}  // namespace

postgres_server::postgres_server() : port_(free_port()) {
  if (::geteuid() == 0) {
    const auto* const user = ::getpwnam("postgres");
    if (user == nullptr || ::chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) != 0)
      throw std::runtime_error{"PostgreSQL needs its user postgres"};
  }
  const auto made = finished(
      as_server_user({program("initdb"), "--pgdata=" + folder_.path() + "/data", "--username=postgres",
                      "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"}));
  start();
}

postgres_server::~postgres_server() {
  kill();
}

std::string postgres_server::url() const {
  return "postgresql://postgres@127.0.0.1:" + std::to_string(port_) + "/postgres";
}

std::string postgres_server::query(const std::string& sql) const {
  auto printed = finished({program("psql"), url(), "--no-psqlrc", "--quiet", "--tuples-only", "--no-align",
                           "--set=ON_ERROR_STOP=1", "--command=" + sql});
  if (printed.ends_with('\n')) printed.pop_back();
  return printed;
}

void postgres_server::run(const std::string& sql) const {
  const auto printed = query(sql);
}

void postgres_server::kill() {
  // SIGQUIT: at once and without a clean end, but its children go with it and the port is free.
  if (process_) process_->end(SIGQUIT);
  process_.reset();
}

void postgres_server::start() {
  process_.emplace(as_server_user({program("postgres"), "-D", folder_.path() + "/data", "-k", folder_.path(),
                                   "-h", "127.0.0.1", "-p", std::to_string(port_), "-c", "fsync=off"}),
                   folder_.path() + "/log");
  const auto answers = [this] {
    try {
      return query("select 1") == "1";
    } catch (const std::runtime_error&) {
      return false;
    }
  };
  if (!eventually(answers)) throw std::runtime_error{"PostgreSQL does not answer: " + log()};
}

std::string postgres_server::log() const {
  return content(folder_.path() + "/log");
}

}  // namespace ctxcache::test
