#include "http/server_test_support.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>
#include <utility>

namespace ctxcache::test {

namespace asio = boost::asio;

std::string reply::header(const std::string& name) const {
  const auto at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const auto begin = at + name.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

boost::json::value reply::json() const {
  return boost::json::parse(body);
}

std::string reply::code() const {
  return json().at("code").as_string().c_str();
}

caller::caller(int port) {
  socket_.connect({asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(port)});
}

void caller::send(std::string_view bytes) {
  asio::write(socket_, asio::buffer(bytes));
}

reply caller::receive(bool head_only) {
  reply out;
  auto end = waiting_.find("\r\n\r\n");
  for (; end == std::string::npos; end = waiting_.find("\r\n\r\n")) {
    if (!read_more()) return out;
  }
  out.head = waiting_.substr(0, end + 2);
  out.status = std::stoi(out.head.substr(9, 3));
  const auto length = out.header("Content-Length");
  const auto size = head_only || length.empty() ? 0 : std::stoul(length);
  while (waiting_.size() < end + 4 + size) {
    if (!read_more()) return {};
  }
  out.body = waiting_.substr(end + 4, size);
  waiting_.erase(0, end + 4 + size);
  return out;
}

reply caller::ask(std::string_view method, std::string_view target, std::string_view lines,
                  std::string_view body) {
  std::string text =
      std::string{method} + " " + std::string{target} + " HTTP/1.1\r\nHost: test\r\n" + std::string{lines};
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  send(text + "\r\n" + std::string{body});
  return receive(method == "HEAD");
}

bool caller::read_more() {
  std::array<char, 4096> part;
  boost::system::error_code error;
  const auto bytes = socket_.read_some(asio::buffer(part), error);
  waiting_.append(part.data(), bytes);
  return !error;
}

server_fixture::server_fixture() {
  options.port = 0;
  options.sweep_interval = std::chrono::milliseconds{5};
}

server_fixture::~server_fixture() = default;

void server_fixture::start(const cache_settings& settings) {
  orchestrator::parts with{.lanes = {}, .source = source, .time = &time};
  with.lanes.push_back({loop.get_executor(), make_null_l2()});
  cache = std::make_unique<orchestrator>(settings, std::move(with));
  http::server_parts parts = more_parts;
  parts.lanes = {loop.get_executor()};
  parts.time = &time;
  equip(parts);
  server = std::make_unique<http::server>(options, *cache, std::move(parts));
  server->start();
  runner = std::thread{[this] { loop.run(); }};
}

void server_fixture::TearDown() {
  if (!server) return;
  on_lane([this] { source->release(); });
  if (!drained) spawn_drain();
  EXPECT_TRUE(eventually([this] { return drained.load(); }));
  asio::co_spawn(loop, end(), [this](std::exception_ptr) { work.reset(); });
  runner.join();
}

asio::awaitable<void> server_fixture::end_equipment() {
  co_return;
}

void server_fixture::spawn_drain() {
  asio::co_spawn(loop, server->drain(), [this](std::exception_ptr) { drained = true; });
}

void server_fixture::on_lane(const std::function<void()>& what) {
  std::atomic<bool> done = false;
  asio::post(loop, [&] {
    what();
    done = true;
  });
  EXPECT_TRUE(eventually([&] { return done.load(); }));
}

void server_fixture::change(const std::function<void(fake_source&)>& how) {
  on_lane([&] { how(*source); });
}

int server_fixture::loads() {
  int count = 0;
  on_lane([&] { count = source->loads; });
  return count;
}

asio::awaitable<void> server_fixture::end() {
  co_await end_equipment();
  co_await cache->stop();
}

}  // namespace ctxcache::test
