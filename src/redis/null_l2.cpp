#include <boost/asio/awaitable.hpp>

#include "ctxcache/l2_cache.hpp"

namespace ctxcache {

namespace asio = boost::asio;

namespace {

class null_l2 final : public l2_cache {
 public:
  asio::awaitable<result<hit>> get(key, deadline) override { co_return hit{}; }
  asio::awaitable<std::vector<result<hit>>> get_many(std::vector<key> wanted, deadline) override {
    std::vector<result<hit>> misses(wanted.size(), result<hit>{hit{}});
    co_return misses;
  }
  asio::awaitable<result<bool>> put(key, entry_ptr, deadline) override { co_return true; }
  asio::awaitable<result<std::size_t>> unlink(std::vector<key>, position, deadline) override {
    co_return std::size_t{0};
  }
  asio::awaitable<result<page>> scan(std::string, std::uint64_t, deadline) override {
    page nothing;
    co_return nothing;
  }
  health report() const override { return {}; }
  asio::awaitable<void> stop() override { co_return; }
};

}  // namespace

std::unique_ptr<l2_cache> make_null_l2() {
  return std::make_unique<null_l2>();
}

}  // namespace ctxcache
