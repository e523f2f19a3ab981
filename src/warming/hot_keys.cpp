#include "warming/hot_keys.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>
#include <exception>
#include <utility>

namespace ctxcache::warming {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::chrono::milliseconds call_budget{500};
constexpr std::chrono::hours hot_life{24 * 7};
constexpr std::chrono::minutes told_life{10};
constexpr std::size_t keys_at_a_time = 256;
constexpr std::size_t jobs_told_max = 20;
// A value of the shared store has 1 MiB at most; a key's text needs no escaping.
constexpr std::size_t text_bytes_max = (std::size_t{1} << 20) - 2;
const std::string hot_name = "warm/hot";
const std::string filled_name = "warm/filled";

std::string keys_name(const std::string& job) {
  return "warm/" + job + "/keys";
}

}  // namespace

hot_keys::hot_keys(orchestrator& cache, std::shared_ptr<shared_store> shared, const clock& time,
                   std::size_t kept)
    : cache_(cache), shared_(std::move(shared)), time_(time), kept_(kept) {}

deadline hot_keys::soon() const {
  return deadline::after(time_.now(), call_budget);
}

asio::awaitable<result<std::vector<std::string>>> hot_keys::read(std::string name, deadline until) {
  const auto text = co_await shared_->get(std::move(name), until);
  if (!text) co_return text.error();
  std::vector<std::string> keys;
  if (!*text) co_return keys;
  try {
    keys = json::value_to<std::vector<std::string>>(json::parse(**text));
  } catch (const std::exception&) {
    keys.clear();  // Boost.JSON says that it is no list of texts: as if there were none
  }
  co_return keys;
}

asio::awaitable<void> hot_keys::write(std::string name, const std::vector<std::string>& keys,
                                      std::chrono::milliseconds life) {
  json::array some;
  std::size_t bytes = 0;
  for (const auto& one : keys) {
    bytes += one.size() + 3;  // its quotes and a comma
    if (bytes > text_bytes_max) break;
    some.emplace_back(one);
  }
  shared_store::fact what{std::move(name), json::serialize(some), life};
  std::optional<lease> freely;
  // Without the store the list of before stays, and the next try comes soon.
  static_cast<void>(co_await shared_->put(std::move(what), std::move(freely), soon()));
}

asio::awaitable<std::size_t> hot_keys::fetch(std::vector<std::string> keys, deadline until) {
  std::size_t fetched = 0;
  std::size_t next = 0;
  while (next < keys.size() && !until.passed(time_.now())) {
    const auto now = cache_.stats();
    if (now.l1_size >= now.l1_max_size) break;
    std::vector<key> some;
    for (; next < keys.size() && some.size() < keys_at_a_time; ++next) {
      auto one = key::parse(keys[next]);
      if (one) some.push_back(*std::move(one));
    }
    fetched += co_await cache_.fetch(std::move(some), until);
  }
  co_return fetched;
}

asio::awaitable<std::size_t> hot_keys::restore(deadline until) {
  auto keys = co_await read(hot_name, until);
  if (!keys) co_return std::size_t{0};
  co_return co_await fetch(*std::move(keys), until);
}

asio::awaitable<void> hot_keys::note() {
  std::vector<std::string> keys;
  for (const auto& one : cache_.hottest(kept_)) keys.push_back(one.text());
  hot_ = {keys.begin(), keys.end()};
  if (keys.empty()) co_return;
  // What others, or this process before it restarted, found hot stays as far as there is room.
  const auto before = co_await read(hot_name, soon());
  if (!before) co_return;
  for (const auto& one : *before) {
    if (keys.size() >= kept_) break;
    if (!hot_.contains(one)) keys.push_back(one);
  }
  co_await write(hot_name, keys, hot_life);
}

asio::awaitable<void> hot_keys::tell(std::string job, const std::vector<key>& keys) {
  std::vector<std::string> texts;
  for (const auto& one : keys) texts.push_back(one.text());
  seen_.insert(job);
  auto name = keys_name(job);
  co_await write(std::move(name), texts, told_life);
  static_cast<void>(co_await shared_->append(filled_name, std::move(job), jobs_told_max, soon()));
}

asio::awaitable<void> hot_keys::follow() {
  const auto jobs = co_await shared_->list(filled_name, jobs_told_max, soon());
  if (!jobs) co_return;
  std::unordered_set<std::string> seen;
  for (const auto& one : *jobs) {
    bool done = !followed_ || seen_.contains(one);
    if (!done) done = co_await take_up(one);
    if (done) seen.insert(one);
  }
  seen_ = std::move(seen);
  followed_ = true;
}

asio::awaitable<bool> hot_keys::take_up(std::string job) {
  auto name = keys_name(job);
  auto keys = co_await read(std::move(name), soon());
  if (!keys) co_return false;
  std::ranges::stable_partition(*keys, [this](const std::string& one) { return hot_.contains(one); });
  const auto until = deadline::after(time_.now(), std::chrono::seconds{5});
  static_cast<void>(co_await fetch(*std::move(keys), until));
  co_return true;
}

}  // namespace ctxcache::warming
