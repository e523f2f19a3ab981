// What a warming job holds while it goes through a segment.
#include <malloc.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "warming/warmer_test_support.hpp"

// Of the sanitizers' runtime; GCC 12 comes without the header that declares it.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();

namespace ctxcache::warming {
namespace {

class memory_of_a_job : public warming_fleet {};

// What is allocated now.
std::size_t live_bytes() {
#ifdef __SANITIZE_ADDRESS__
  return __sanitizer_get_current_allocated_bytes();
#else
  return mallinfo2().uordblks;
#endif
}

// Ten million customers. Their ids are none, so that the test has no ten million loads to wait for.
class endless final : public customer_list {
 public:
  static constexpr std::size_t page_size = 5'000;
  static constexpr std::size_t pages = 2'000;
  std::size_t most_bytes = 0;  ///< live when a page was asked for

  boost::asio::awaitable<result<page>> next(std::string after, deadline) override {
    most_bytes = std::max(most_bytes, live_bytes());
    const auto here = co_await boost::asio::this_coro::executor;
    co_await boost::asio::post(here, boost::asio::use_awaitable);
    const auto number = after.empty() ? 1 : std::stoul(after) + 1;
    page found;
    found.ids.resize(page_size);
    if (number < pages) found.last = std::to_string(number);
    co_return found;
  }
};

TEST_F(memory_of_a_job, is_that_of_a_page_with_ten_million_customers) {
  patience = std::chrono::minutes{4};  // some 20 s under ASan where nothing else runs
  const auto all = std::make_shared<endless>();
  segments["endless"] = all;
  auto& a = start_process();
  const auto before = live_bytes();
  ASSERT_GT(before, 0U);
  const auto id = begin_job(a, {.segments = {"endless"}}).id;
  EXPECT_FALSE(show(a, id)->customers);
  const auto job = ended(a, id);
  EXPECT_EQ(job.customers, 10'000'000U) << "too many to be counted ahead";
  EXPECT_EQ(job.failed, 10'000'000U);
  EXPECT_EQ(job.failures.size(), 100U);
  EXPECT_LT(all->most_bytes - before, std::size_t{2} << 20);
}

}  // namespace
}  // namespace ctxcache::warming
