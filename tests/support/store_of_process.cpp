#include "support/store_of_process.hpp"

namespace ctxcache::test {

namespace {

template <class T>
boost::asio::awaitable<result<T>> refuse() {
  co_return result<T>{boost::system::in_place_error, errc::l2_unavailable};
}

boost::asio::awaitable<result<bool>> without_answer(boost::asio::awaitable<result<bool>> work) {
  static_cast<void>(co_await std::move(work));
  co_return result<bool>{boost::system::in_place_error, errc::l2_timeout};
}

}  // namespace

store_of_process::answer<bool> store_of_process::hold(lease wanted, std::chrono::milliseconds term,
                                                      deadline until) {
  return down ? refuse<bool>() : fleet_->hold(std::move(wanted), term, until);
}

store_of_process::answer<void> store_of_process::release(lease held, deadline until) {
  return down ? refuse<void>() : fleet_->release(std::move(held), until);
}

store_of_process::answer<std::optional<std::string>> store_of_process::get(std::string name, deadline until) {
  const bool forgotten = !forgetful.empty() && name.ends_with(forgetful);
  if (!down && !forgotten) return fleet_->get(std::move(name), until);
  ++reads_refused;
  return refuse<std::optional<std::string>>();
}

store_of_process::answer<bool> store_of_process::put(fact what, std::optional<lease> under, deadline until) {
  if (down) return refuse<bool>();
  auto putting = fleet_->put(std::move(what), std::move(under), until);
  if (puts_to_lose == 0) return putting;
  --puts_to_lose;
  return without_answer(std::move(putting));
}

store_of_process::answer<void> store_of_process::remove(std::string name, deadline until) {
  return down ? refuse<void>() : fleet_->remove(std::move(name), until);
}

store_of_process::answer<void> store_of_process::append(std::string list, std::string value, std::size_t most,
                                                        deadline until) {
  return down ? refuse<void>() : fleet_->append(std::move(list), std::move(value), most, until);
}

store_of_process::answer<std::vector<std::string>> store_of_process::list(std::string list, std::size_t most,
                                                                          deadline until) {
  return down ? refuse<std::vector<std::string>>() : fleet_->list(std::move(list), most, until);
}

store_of_process::answer<bool> store_of_process::take(std::string list, std::string value, deadline until) {
  return down ? refuse<bool>() : fleet_->take(std::move(list), std::move(value), until);
}

store_of_process::answer<bool> store_of_process::replace(std::string list, std::string value, std::string by,
                                                         deadline until) {
  return down ? refuse<bool>() : fleet_->replace(std::move(list), std::move(value), std::move(by), until);
}

store_of_process::answer<void> store_of_process::mark(std::string set, std::vector<std::uint32_t> places,
                                                      std::chrono::milliseconds life, deadline until) {
  if (!down) return fleet_->mark(std::move(set), std::move(places), life, until);
  ++marks_refused;
  return refuse<void>();
}

store_of_process::answer<std::size_t> store_of_process::marked(std::string set, deadline until) {
  return down ? refuse<std::size_t>() : fleet_->marked(std::move(set), until);
}

boost::asio::awaitable<void> store_of_process::stop() {
  co_return;
}

}  // namespace ctxcache::test
