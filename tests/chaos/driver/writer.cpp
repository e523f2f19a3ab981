// The writing half of the load.
#include <utility>

#include "answers.hpp"
#include "load.hpp"
#include "origin.hpp"

namespace ctxcache::chaos {

namespace asio = boost::asio;

namespace {

const std::string api = "/api/v1/context/";

}  // namespace

key_name covered_key(const reach& what, const std::string& customer) {
  const auto keys = keys_of(customer);
  for (const auto& one : keys) {
    if (one.agent_type == what.name.agent_type) return one;
  }
  return keys.front();
}

load::wires load::make_wires() const {
  const auto where = loop_.get_executor();
  return {wire{where}, wire{where}, wire{where}};
}

asio::awaitable<void> load::write_for(std::string customer, bool quiet) {
  auto over = make_wires();
  while (running_) {
    const std::chrono::microseconds pause{20'000 + shared_.below(180'000)};
    co_await rest(pause);
    const auto now = now_us();
    shared_.recorded.commit(customer, ++shared_.versions[customer], {now, now});
    if (!quiet) co_await change(customer, over);
  }
}

// What a service does after its commit: by one of all the ways there are.
asio::awaitable<void> load::change(std::string customer, wires& over) {
  const auto index = shared_.below(world::fleet_size);
  auto& at = shared_.slots[index];
  if (!at.up) co_return;
  if (shared_.chance(10)) {
    auto keys = keys_of(customer);
    auto what = std::move(keys[shared_.below(keys.size())]);
    co_await put(std::move(what), at, over[index]);
    co_return;
  }
  order said{.what = any_reach(customer), .fence = shared_.chance(60)};
  auto what = covered_key(said.what, customer);
  const auto got = co_await invalidate(std::move(said), at, over[index]);
  if (got.status == 200) co_await read_own(std::move(what), got.position, over);
}

reach load::any_reach(const std::string& customer) {
  const auto keys = keys_of(customer);
  const auto& one = keys[shared_.below(keys.size())];
  const auto kind = shared_.below(100);
  if (kind < 1) return {.what = reach::kind::all};
  if (kind < 16) return {.what = reach::kind::pattern, .pattern = "context:" + customer + ":*"};
  if (kind < 45) return {.what = reach::kind::customer, .name = {.customer = customer}};
  if (kind < 70)
    return {.what = reach::kind::agent_type, .name = {.customer = customer, .agent_type = one.agent_type}};
  return {.what = one.conversation.empty() ? reach::kind::agent_type : reach::kind::key, .name = one};
}

asio::awaitable<void> load::put(key_name what, slot& at, wire& over) {
  const std::string process = at.process;
  const auto version = shared_.versions[what.customer];
  auto text = body_request("PUT", api + path_of(what),
                           R"({"context": {"register": )" + document_of(what, version) + "}}");
  const auto invoked = now_us();
  const auto got = co_await over.exchange(at.port, std::move(text), 1);
  if (got.empty()) {
    ++shared_.done.broken;
    co_return;
  }
  ++shared_.done.puts;
  shared_.recorded.put(process, what, version, read_receipt(got[0]), {invoked, got[0].answered});
}

asio::awaitable<receipt> load::invalidate(order said, slot& at, wire& over) {
  const std::string process = at.process;
  auto text = body_request("POST", api + "cache/invalidate", order_of(said.what, said.fence));
  std::map<std::string, std::int64_t> versions = shared_.versions;
  if (said.what.what != reach::kind::all) {
    const auto& customer = said.what.name.customer;
    std::erase_if(versions, [&](const auto& one) {
      return one.first != customer && said.what.pattern != "context:" + one.first + ":*";
    });
  }
  const auto invoked = now_us();
  auto answers = co_await over.exchange(at.port, std::move(text), 1);
  if (answers.empty()) {
    ++shared_.done.broken;
    co_return receipt{};
  }
  auto got = read_receipt(answers[0]);
  shared_.recorded.invalidate(process, said.what, versions, said.fence, got, {invoked, answers[0].answered});
  if (said.fence && got.status == 503 && !got.position.empty()) {
    ++shared_.done.unconfirmed;
    auto again = get_request(api + "cache/fences/" + got.position, "");
    answers = co_await over.exchange(at.port, std::move(again), 1);
    if (answers.empty()) co_return receipt{};
    got = read_receipt(answers[0]);
    shared_.recorded.invalidate(process, said.what, versions, true, got, {invoked, answers[0].answered});
  }
  auto& done = shared_.done;
  ++(got.queued             ? done.queued
     : !is_good(got.status) ? done.refused
     : said.fence           ? done.confirmed
                            : done.plain);
  co_return got;
}

// Read your writes, at every daemon.
asio::awaitable<void> load::read_own(key_name what, std::string position, wires& over) {
  const read_kind how{.min_position = position};
  for (std::size_t i = 0; i < over.size(); ++i) {
    const auto& at = shared_.slots[i];
    if (!at.up) continue;
    const std::string process = at.process;
    auto text = get_request(api + path_of(what), "Ctx-Min-Position: " + position + "\r\n");
    const auto invoked = now_us();
    const auto got = co_await over[i].exchange(at.port, std::move(text), 1);
    if (!got.empty())
      shared_.recorded.read(process, what, how, read_document(got[0]), {invoked, got[0].answered});
  }
}

}  // namespace ctxcache::chaos
