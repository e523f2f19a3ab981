#include "providers/capped_provider.hpp"

#include "base/run_on.hpp"

namespace ctxcache::providers {

namespace asio = boost::asio;

asio::awaitable<result<section_answer>> capped_provider::ask(const section_query& query, key wanted,
                                                             deadline until) {
  const auto limit = until.within(boot_clock::now(), query.timeout);
  auto work = ask_at_home(query, std::move(wanted), limit.at);
  co_return co_await run_on(home_, std::move(work));
}

asio::awaitable<result<section_answer>> capped_provider::ask_at_home(const section_query& query, key wanted,
                                                                     time_point until) {
  const auto self = shared_from_this();
  const auto slot = co_await cap_.enter(until);
  if (!slot) co_return slot.error();
  if (boot_clock::now() >= until) co_return errc::provider_timeout;
  auto came = co_await answer(query, wanted, until);
  health_.note(came, query.name);
  co_return std::move(came.answer);
}

asio::awaitable<void> capped_provider::stop() {
  auto work = stop_at_home();
  co_await run_on(home_, std::move(work));
}

asio::awaitable<void> capped_provider::stop_at_home() {
  const auto self = shared_from_this();
  co_await cap_.drain();
  close();
}

}  // namespace ctxcache::providers
