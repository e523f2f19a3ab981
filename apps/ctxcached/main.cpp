// ctxcached: reads its configuration, serves until SIGTERM or SIGINT, reloads on SIGHUP.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "base/gate.hpp"
#include "base/log.hpp"
#include "base/run_on.hpp"
#include "config/settings.hpp"
#include "ctxcached/command_line.hpp"
#include "ctxcached/wiring.hpp"

namespace ctxcache::daemon {
namespace {

namespace asio = boost::asio;

constexpr int exit_failure = 1;
constexpr int exit_usage = 2;
constexpr std::chrono::seconds cut_off_after{2};

void start_logging(const config::daemon_config& config) {
  log::start({.level = config.log_level,
              .how = config.log_format == "json" ? log::format::json : log::format::text});
  log::show_ids(config.log_customer_ids);
}

void reload(wiring& running, const config::sources& from, config::daemon_config& present) {
  const auto next = config::load(from);
  for (const auto& one : next.errors) log::out().error("not reloaded: {}", to_string(one));
  if (!next.ok()) return;
  for (const auto& one : next.warnings) log::out().warn("{}", to_string(one));
  for (const auto& name : config::needing_restart(present, next.config)) {
    log::out().warn("{} has changed and takes effect at the next start", name);
  }
  running.cache().reconfigure(next.config.cache);
  start_logging(next.config);
  log::out().info("configuration reloaded");
}

// A load may take longer than the time to drain, and nothing else can end it: whoever stops us has waited
// enough.
void cut_off(const boost::system::error_code& cancelled) {
  if (cancelled) return;
  log::out().warn("requests did not end within drain_timeout and are cut off");
  log::out().flush();
  std::_Exit(EXIT_SUCCESS);
}

asio::awaitable<void> obey_signals(wiring& running, asio::signal_set& signals, const config::sources& from,
                                   config::daemon_config& present) {
  for (;;) {
    const auto [error, number] = co_await signals.async_wait(quietly);
    if (error) co_return;
    if (number == SIGHUP) {
      reload(running, from, present);
      continue;
    }
    log::out().info("draining");
    asio::steady_timer last_call{running.first_loop(), present.drain_timeout + cut_off_after};
    last_call.async_wait(cut_off);
    co_await running.stop();
    co_return;
  }
}

// What waits for signals would outlive a loop that ended without one.
void end_waiting(asio::signal_set& signals, wiring& ended) {
  signals.cancel();
  ended.first_loop().restart();
  ended.first_loop().poll();
}

int serve(const config::sources& from, config::daemon_config config) {
  // A journal that meets the process' file size limit is an error of write(), not the end.
  std::signal(SIGXFSZ, SIG_IGN);
  start_logging(config);
  wiring running{config};
  gate background;
  asio::signal_set signals{running.first_loop(), SIGTERM, SIGINT, SIGHUP};
  background.spawn(running.first_loop().get_executor(), "signals",
                   obey_signals(running, signals, from, config));
  const auto host = config.listen.substr(0, config.listen.rfind(':'));
  log::out().info("ctxcached {} listens on http://{}:{}", CTX_VERSION, host, running.port());
  try {
    running.run();
  } catch (const std::exception&) {
    end_waiting(signals, running);
    throw;
  }
  log::out().info("stopped");
  return 0;
}

int run(int argc, char** argv) {
  const auto line = read_command_line(argc, argv);
  if (line.exit_code) return *line.exit_code;
  auto loaded = config::load(line.from);
  for (const auto& one : loaded.warnings)
    std::fprintf(stderr, "%s\n", ("warning: " + to_string(one)).c_str());
  for (const auto& one : loaded.errors) std::fprintf(stderr, "%s\n", to_string(one).c_str());
  if (!loaded.ok()) return exit_usage;
  try {
    return serve(line.from, std::move(loaded.config));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ctxcached: %s\n", error.what());
    return exit_failure;
  }
}

}  // namespace
}  // namespace ctxcache::daemon

int main(int argc, char** argv) {
  return ctxcache::daemon::run(argc, argv);
}
