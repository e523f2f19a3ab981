#include "redis/redis_shared_store.hpp"

#include <algorithm>
#include <memory>
#include <ranges>
#include <utility>

#include "base/try.hpp"
#include "ctxcache/backends.hpp"
#include "redis/connection_options.hpp"
#include "redis/shared_limits.hpp"
#include "redis/shared_scripts.hpp"

namespace ctxcache::redis {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t places_per_call = 4'096;  // Redis serves nobody else meanwhile

// An error_code converts to bool too, so a result<bool> has to be told which of the two it is.
result<bool> failed(error_code why) {
  return {boost::system::in_place_error, why};
}

result<bool> is_one(const result<std::int64_t>& number) {
  return number ? result<bool>{*number == 1} : failed(number.error());
}

result<void> nothing_of(const result<std::int64_t>& number) {
  return number ? result<void>{} : result<void>{number.error()};
}

}  // namespace

redis_shared_store::redis_shared_store(asio::any_io_executor home, connection::options link,
                                       std::string prefix, const clock& time)
    : prefix_(std::move(prefix)), redis_(std::move(home), std::move(link), time) {}

asio::awaitable<result<bool>> redis_shared_store::hold(lease wanted, milliseconds term, deadline until) {
  if (const auto fault = lease_fault(wanted)) co_return failed(fault);
  if (const auto fault = life_fault(term)) co_return failed(fault);
  const auto where = lease_key(wanted.name);
  const auto term_text = std::to_string(term.count());
  std::vector<std::string_view> words{"1", where, wanted.holder, term_text};
  const auto answer = co_await redis_.call(hold_script(), std::move(words), until);
  co_return is_one(number(answer));
}

asio::awaitable<result<void>> redis_shared_store::release(lease held, deadline until) {
  if (const auto fault = lease_fault(held)) co_return fault;
  const auto where = lease_key(held.name);
  std::vector<std::string_view> words{"1", where, held.holder};
  const auto answer = co_await redis_.call(release_script(), std::move(words), until);
  co_return nothing_of(number(answer));
}

asio::awaitable<result<std::optional<std::string>>> redis_shared_store::get(std::string name,
                                                                            deadline until) {
  using kind = reply::kind;
  if (const auto fault = name_fault(name)) co_return fault;
  const auto where = fact_key(name);
  batch question;
  question.add({"GET", where});
  auto answer = co_await redis_.ask(std::move(question), until);
  if (!answer) co_return answer.error();
  std::optional<std::string> found;
  if (answer->is != kind::nil && answer->is != kind::bulk) co_return redis_.unusable(*answer);
  if (answer->is == kind::bulk) found = std::move(answer->text);
  co_return found;
}

asio::awaitable<result<bool>> redis_shared_store::put(fact what, std::optional<lease> under, deadline until) {
  if (const auto fault = fact_fault(what, under)) co_return failed(fault);
  const auto where = fact_key(what.name);
  const auto guard = under ? lease_key(under->name) : std::string{};
  const auto life = std::to_string(what.life.count());
  std::vector<std::string_view> words{"1", where, what.value, life};
  if (under) words = {"2", where, guard, what.value, life, under->holder};
  const auto answer = co_await redis_.call(put_fact_script(), std::move(words), until);
  co_return is_one(number(answer));
}

asio::awaitable<result<void>> redis_shared_store::remove(std::string name, deadline until) {
  if (const auto fault = name_fault(name)) co_return fault;
  const auto where = fact_key(name);
  batch question;
  question.add({"UNLINK", where});
  const auto answer = co_await redis_.ask(std::move(question), until);
  co_return nothing_of(number(answer));
}

asio::awaitable<result<void>> redis_shared_store::append(std::string list, std::string value,
                                                         std::size_t most, deadline until) {
  if (const auto fault = list_fault(list, most)) co_return fault;
  if (const auto fault = value_fault(value)) co_return fault;
  const auto where = list_key(list);
  const auto most_text = std::to_string(most);
  const auto life = std::to_string(shared_list_life.count());
  std::vector<std::string_view> words{"1", where, value, most_text, life};
  const auto answer = co_await redis_.call(append_script(), std::move(words), until);
  co_return nothing_of(number(answer));
}

asio::awaitable<result<std::vector<std::string>>> redis_shared_store::list(std::string list, std::size_t most,
                                                                           deadline until) {
  if (const auto fault = list_fault(list, most)) co_return fault;
  const auto where = list_key(list);
  const auto most_text = std::to_string(most);
  const auto bytes = std::to_string(shared_list_bytes_max);
  std::vector<std::string_view> words{"1", where, most_text, bytes};
  auto answer = co_await redis_.call(list_script(), std::move(words), until);
  if (!answer) co_return answer.error();
  if (answer->is != reply::kind::array) co_return redis_.unusable(*answer);
  std::vector<std::string> found;
  for (auto& one : answer->elements | std::views::reverse) found.push_back(std::move(one.text));
  co_return found;
}

asio::awaitable<result<bool>> redis_shared_store::take(std::string list, std::string value, deadline until) {
  if (const auto fault = name_fault(list)) co_return failed(fault);
  const auto where = list_key(list);
  batch question;
  question.add({"LREM", where, "1", value});
  const auto answer = co_await redis_.ask(std::move(question), until);
  co_return is_one(number(answer));
}

asio::awaitable<result<bool>> redis_shared_store::replace(std::string list, std::string value, std::string by,
                                                          deadline until) {
  if (const auto fault = name_fault(list)) co_return failed(fault);
  if (const auto fault = value_fault(by)) co_return failed(fault);
  const auto where = list_key(list);
  const auto life = std::to_string(shared_list_life.count());
  std::vector<std::string_view> words{"1", where, value, by, life};
  const auto answer = co_await redis_.call(replace_script(), std::move(words), until);
  co_return is_one(number(answer));
}

asio::awaitable<result<void>> redis_shared_store::mark(std::string set, std::vector<std::uint32_t> places,
                                                       milliseconds life, deadline until) {
  if (const auto fault = name_fault(set)) co_return fault;
  if (const auto fault = life_fault(life)) co_return fault;
  if (const auto fault = places_fault(places)) co_return fault;
  const auto where = marks_key(set);
  const auto life_text = std::to_string(life.count());
  std::size_t done = 0;
  do {
    const auto end = std::min(done + places_per_call, places.size());
    std::vector<std::string> texts;
    for (; done < end; ++done) texts.push_back(std::to_string(places[done]));
    std::vector<std::string_view> words{"1", where, life_text};
    words.insert(words.end(), texts.begin(), texts.end());
    const auto answer = co_await redis_.call(mark_script(), std::move(words), until);
    const auto marked = number(answer);
    if (!marked) co_return marked.error();
  } while (done < places.size());
  co_return result<void>{};
}

asio::awaitable<result<std::size_t>> redis_shared_store::marked(std::string set, deadline until) {
  if (const auto fault = name_fault(set)) co_return fault;
  const auto where = marks_key(set);
  batch question;
  question.add({"BITCOUNT", where});
  const auto answer = co_await redis_.ask(std::move(question), until);
  CTX_CO_TRY(const auto count, number(answer));
  co_return static_cast<std::size_t>(count);
}

asio::awaitable<void> redis_shared_store::stop() {
  return redis_.stop();
}

result<std::int64_t> redis_shared_store::number(const result<reply>& answer) {
  if (!answer) return answer.error();
  if (answer->is != reply::kind::integer) return redis_.unusable(*answer);
  return answer->integer;
}

}  // namespace ctxcache::redis

namespace ctxcache {

result<std::unique_ptr<shared_store>> make_redis_shared_store(boost::asio::any_io_executor home,
                                                              const shared_store_options& options,
                                                              const clock& time) {
  CTX_TRY(auto link, redis::connection_options(options));
  if (options.prefix.empty() || options.prefix.starts_with("context:")) return errc::invalid_config;
  return std::make_unique<redis::redis_shared_store>(std::move(home), std::move(link), options.prefix, time);
}

}  // namespace ctxcache
