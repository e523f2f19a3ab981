#include "redis/client.hpp"

#include <algorithm>
#include <utility>

namespace ctxcache::redis {

namespace asio = boost::asio;

namespace {

batch invocation(std::string_view command, std::string_view which, std::vector<std::string_view> words) {
  words.insert(words.begin(), {command, which});
  batch question;
  question.add(words);
  return question;
}

}  // namespace

client::client(asio::any_io_executor home, connection::options with, const clock& time)
    : time_(time), connection_(std::move(home), std::move(with), time) {}

asio::awaitable<result<reply>> client::ask(batch question, deadline until) {
  if (until.passed(time_.now())) co_return errc::l2_timeout;
  auto answers = co_await connection_.run(std::move(question), until);
  if (!answers && answers.error() == errc::overloaded) co_return errc::l2_unavailable;
  if (!answers) co_return answers.error();
  co_return std::move(answers->front());
}

// By name; whole when Redis does not know it, which teaches it the name.
asio::awaitable<result<reply>> client::call(const script& what, std::vector<std::string_view> words,
                                            deadline until) {
  auto question = invocation("EVALSHA", what.sha, words);
  auto answer = co_await ask(std::move(question), until);
  if (!answer || !has_no_script(*answer)) co_return answer;
  question = invocation("EVAL", what.text, std::move(words));
  co_return co_await ask(std::move(question), until);
}

// Without flags when the server is too old for them.
asio::awaitable<result<reply>> client::call(const sturdy_script& what, std::vector<std::string_view> words,
                                            deadline until) {
  const auto session = std::max<std::uint64_t>(connection_.sessions(), 1);  // or a later one
  if (old_in_ != session) {
    auto answer = co_await call(what.when_full, words, until);
    if (!answer || !knows_no_flags(*answer)) co_return answer;
    old_in_ = session;
  }
  co_return co_await call(what.plain, std::move(words), until);
}

}  // namespace ctxcache::redis
