#include "providers/pg_target.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>

#include "providers/invalid_options.hpp"

namespace ctxcache::providers {
namespace {

namespace asio = boost::asio;
using resolver = asio::ip::tcp::resolver;

// A look-up cannot be cancelled once it runs, so it is left behind when its time is up.
struct lookup {
  explicit lookup(const asio::any_io_executor& where, boot_clock::duration patience)
      : names(where), ended(where, patience) {}
  resolver names;
  asio::steady_timer ended;
  bool done = false;
  std::vector<std::string> addresses;
};

asio::awaitable<result<std::vector<std::string>>> addresses_of(std::string host, time_point until) {
  const auto where = co_await asio::this_coro::executor;
  const auto running = std::make_shared<lookup>(where, until - boot_clock::now());
  running->names.async_resolve(host, "", [running](error_code, const resolver::results_type& found) {
    running->done = true;
    for (const auto& each : found) running->addresses.push_back(each.endpoint().address().to_string());
    running->ended.cancel();
  });
  co_await running->ended.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!running->done) co_return errc::provider_timeout;
  if (running->addresses.empty()) co_return errc::provider_unavailable;
  co_return running->addresses;
}

std::string repeated(const std::string& word, std::size_t times) {
  std::string out = word;
  for (std::size_t i = 1; i < times; ++i) out += ',' + word;
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& each : words) out += (out.empty() ? "" : ",") + each;
  return out;
}

}  // namespace

pg_target::pg_target(const std::string& provider_name, const std::string& url) {
  char* problem = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed{
      PQconninfoParse(url.c_str(), &problem), &PQconninfoFree};
  const std::unique_ptr<char, decltype(&PQfreemem)> problem_owner{problem, &PQfreemem};
  // libpq's message quotes the URL, and with it the password.
  if (!parsed) throw invalid_options(provider_name + ": the url is not one that PostgreSQL's libpq takes");
  for (const auto* each = parsed.get(); each->keyword != nullptr; ++each) {
    if (each->val == nullptr) continue;
    given_.keywords.emplace_back(each->keyword);
    given_.values.emplace_back(each->val);
  }
  if (value_of("host").find(',') != std::string::npos)
    throw invalid_options(provider_name + ": the url names several hosts; name one");
  given_.keywords.insert(given_.keywords.end(), {"client_encoding", "fallback_application_name"});
  given_.values.insert(given_.values.end(), {"UTF8", "ctxcache"});
  shown_ = value_of("host") + "/" + value_of("dbname");
}

std::string pg_target::value_of(const std::string& keyword) const {
  const auto found = std::ranges::find(given_.keywords, keyword);
  return found == given_.keywords.end()
             ? std::string{}
             : given_.values[static_cast<std::size_t>(found - given_.keywords.begin())];
}

bool pg_target::needs_lookup() const {
  const auto host = value_of("host");
  const bool socket_folder = host.starts_with('/') || host.starts_with('@');
  return !host.empty() && !socket_folder && value_of("hostaddr").empty();
}

asio::awaitable<result<pg_target::parameters>> pg_target::resolve(time_point until) const {
  if (!needs_lookup()) co_return given_;
  auto out = given_;
  const auto host = std::ranges::find(out.keywords, "host") - out.keywords.begin();
  auto& name = out.values[static_cast<std::size_t>(host)];
  const auto addresses = co_await addresses_of(name, until);
  if (!addresses) co_return addresses.error();
  name = repeated(name, addresses->size());  // one name for each address
  out.keywords.emplace_back("hostaddr");
  out.values.push_back(joined(*addresses));
  co_return out;
}

}  // namespace ctxcache::providers
