// Reads one context twice and prints where each answer came from.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <ctxcache/orchestrator.hpp>
#include <exception>
#include <iostream>
#include <memory>
#include <utility>

namespace {

class one_truth final : public ctxcache::context_source {
 public:
  boost::asio::awaitable<ctxcache::result<ctxcache::provided_context>> load(ctxcache::key,
                                                                            ctxcache::deadline) override {
    ctxcache::provided_context known;
    known.body = R"({"plan": "enterprise"})";
    co_return known;
  }
};

boost::asio::awaitable<void> read_twice(ctxcache::orchestrator& cache) {
  const auto key = ctxcache::key::make({"cust_123", "support"}).value();
  for (int i = 0; i < 2; ++i) {
    const ctxcache::read_options plain;
    const auto answer = co_await cache.get(key, plain);
    std::cout << (answer.value().from == ctxcache::origin::l1 ? "l1" : "provider") << '\n';
  }
  co_await cache.stop();
}

}  // namespace

int main() {
  boost::asio::io_context loop{1};
  ctxcache::orchestrator::parts parts;
  parts.lanes.push_back({loop.get_executor(), ctxcache::make_null_l2()});
  parts.source = std::make_shared<one_truth>();
  ctxcache::cache_settings settings;
  settings.enable_l2_cache = false;
  ctxcache::orchestrator cache{settings, std::move(parts)};
  boost::asio::co_spawn(loop, read_twice(cache), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
  loop.run();
}
