#include "load.hpp"

#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "answers.hpp"
#include "base/run_on.hpp"

namespace ctxcache::chaos {

namespace asio = boost::asio;

namespace {

constexpr std::size_t readers = 4;  // connections to each daemon
constexpr std::size_t batch = 8;    // requests pipelined on one
constexpr std::chrono::milliseconds when_down{20};
const std::string context_path = "/api/v1/context/";

}  // namespace

load::load(asio::io_context& loop, world& shared) : loop_(loop), shared_(shared) {}

void load::start(const load_options& how) {
  how_ = how;
  running_ = true;
  tasks_ = std::make_unique<gate>();
  for (std::size_t i = 0; i < how.customers; ++i) shared_.versions.try_emplace(customer_name(i), 1);
  for (const auto& [customer, version] : shared_.versions) {
    const auto now = now_us();
    shared_.recorded.commit(customer, version, {now, now});
  }
  const auto where = loop_.get_executor();
  for (std::size_t i = 0; i < world::fleet_size * readers; ++i) {
    tasks_->spawn(where, "reader", read_at(i % world::fleet_size));
  }
  for (std::size_t i = 0; how.writes && i < how.customers; ++i) {
    tasks_->spawn(where, "writer", write_for(customer_name(i), i >= how.customers - how.quiet));
  }
}

asio::awaitable<void> load::stop() {
  running_ = false;
  if (tasks_) co_await tasks_->drain();
  tasks_.reset();
}

asio::awaitable<void> load::rest(std::chrono::microseconds how_long) {
  asio::steady_timer pause{loop_, how_long};
  co_await pause.async_wait(quietly);
}

std::vector<key_name> load::any_keys(std::size_t count) {
  std::vector<key_name> out;
  while (out.size() < count) {
    auto keys = keys_of(customer_name(shared_.below(how_.customers)));
    out.push_back(std::move(keys[shared_.below(keys.size())]));
  }
  return out;
}

// Paced, not as fast as it goes: a fleet that shares its cores with the load needs some for its heartbeats.
asio::awaitable<void> load::read_at(std::size_t index) {
  const std::chrono::microseconds every{1'000'000 * readers * batch / how_.reads_per_second};
  auto& at = shared_.slots[index];
  wire over{loop_.get_executor()};
  asio::steady_timer turn{loop_, std::chrono::microseconds{shared_.below(10'000)}};
  std::string served_by;
  while (running_) {
    co_await turn.async_wait(quietly);
    if (std::exchange(served_by, at.process) != at.process || !at.up) over.close();
    const bool together = shared_.chance(10);
    if (at.up && together) co_await read_together(at, over);
    if (at.up && !together) co_await read_each(at, over);
    const auto now = asio::steady_timer::clock_type::now();
    turn.expires_at(std::max(turn.expiry() + every, now));
    if (!at.up) turn.expires_at(now + when_down);
  }
}

// Pipelined, each in a way of its own.
asio::awaitable<void> load::read_each(slot& at, wire& over) {
  const std::string process = at.process;
  const auto keys = any_keys(batch);
  std::vector<read_kind> ways;
  std::string text;
  for (const auto& what : keys) {
    const auto kind = shared_.below(1'000);
    const read_kind how{.strict = kind < 50, .bypass = kind >= 995};
    text += get_request(context_path + path_of(what), how.strict   ? "Ctx-Consistency: strict\r\n"
                                                      : how.bypass ? "Cache-Control: no-cache\r\n"
                                                                   : "");
    ways.push_back(how);
  }
  const auto invoked = now_us();
  const auto got = co_await over.exchange(at.port, std::move(text), batch);
  for (std::size_t i = 0; i < got.size(); ++i) {
    const auto said = read_document(got[i]);
    count_read(at, said);
    shared_.recorded.read(process, keys[i], ways[i], said, {invoked, got[i].answered});
  }
  at.broken += batch - got.size();
}

// In one request.
asio::awaitable<void> load::read_together(slot& at, wire& over) {
  const std::string process = at.process;
  const auto keys = any_keys(batch);
  auto text = body_request("POST", context_path + "batch", batch_of(keys));
  const read_kind plainly;
  const auto invoked = now_us();
  const auto got = co_await over.exchange(at.port, std::move(text), 1);
  const auto said = got.empty() ? std::vector<document>{} : read_batch(got[0]);
  for (std::size_t i = 0; i < said.size(); ++i) {
    count_read(at, said[i]);
    shared_.recorded.read(process, keys[i], plainly, said[i], {invoked, got[0].answered});
  }
  at.broken += batch - said.size();
}

void load::count_read(slot& at, const document& got) {
  ++(is_good(got.status) ? at.good : at.refused);
  if (is_hit(got)) ++at.hits;
  if (!is_good(got.status)) ++shared_.statuses[got.status];
}

}  // namespace ctxcache::chaos
