// A cache inside one's own program: a source of contexts, L1 in memory and, by one more line, L2 in Redis.
//
//   embed              L1 only
//   embed REDIS_URL    L1 and L2
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "ctxcache/backends.hpp"
#include "ctxcache/orchestrator.hpp"

namespace asio = boost::asio;

namespace {

// Where the truth comes from: a database, a service, here a constant.
class crm final : public ctxcache::context_source {
 public:
  asio::awaitable<ctxcache::result<ctxcache::provided_context>> load(ctxcache::key wanted,
                                                                     ctxcache::deadline /*until*/) override {
    ctxcache::provided_context found;
    found.body = R"({"customer_id":")" + wanted.customer_id() + R"(","plan":"enterprise"})";
    co_return found;
  }
};

const char* name(ctxcache::origin from) {
  switch (from) {
    case ctxcache::origin::l1:
      return "l1";
    case ctxcache::origin::l2:
      return "l2";
    case ctxcache::origin::provider:
      return "provider";
    case ctxcache::origin::stale:
      return "stale";
  }
  return "?";
}

asio::awaitable<void> read(ctxcache::orchestrator& cache, ctxcache::key wanted) {
  const ctxcache::read_options plainly;
  const auto answer = co_await cache.get(wanted, plainly);
  if (answer) {
    std::printf("%-9s %s\n", name(answer->from), answer->value->body.c_str());
  } else {
    std::printf("error     %s\n", answer.error().message().c_str());
  }
}

asio::awaitable<void> work(ctxcache::orchestrator& cache) {
  const auto wanted = ctxcache::key::make({"cust_123", "support"});
  co_await read(cache, *wanted);
  co_await read(cache, *wanted);
  const std::string customer = "cust_123";
  const auto receipt = co_await cache.invalidate_cache(customer);
  if (receipt) std::printf("invalidated %zu entry in L1\n", receipt->matched_l1);
  co_await read(cache, *wanted);
  co_await cache.stop();
}

}  // namespace

int main(int argc, char** argv) {
  asio::io_context loop{1};
  auto l2 = ctxcache::make_null_l2();
  if (argc > 1) l2 = ctxcache::make_redis_l2(loop.get_executor(), {.url = argv[1]}).value();

  ctxcache::orchestrator::parts parts{.source = std::make_shared<crm>()};
  parts.lanes.push_back({loop.get_executor(), std::move(l2)});
  ctxcache::orchestrator cache{{.enable_l2_cache = argc > 1}, std::move(parts)};

  asio::co_spawn(loop, work(cache), [&loop](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
    loop.stop();
  });
  loop.run();
}
