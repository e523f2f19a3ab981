// Several lanes on one port.
#include "http/server.hpp"

#include "http/server_test_support.hpp"

namespace ctxcache::http {
namespace {

TEST(server, serves_one_port_from_several_threads_and_drains_them_all) {
  constexpr std::size_t lanes = 2;
  std::vector<std::unique_ptr<boost::asio::io_context>> loops;
  std::vector<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work;
  const auto source = std::make_shared<test::fake_source>();
  orchestrator::parts with{.lanes = {}, .source = source};
  server_parts parts;
  for (std::size_t i = 0; i < lanes; ++i) {
    loops.push_back(std::make_unique<boost::asio::io_context>(1));
    work.push_back(make_work_guard(*loops[i]));
    with.lanes.push_back({loops[i]->get_executor(), make_null_l2()});
    parts.lanes.push_back(loops[i]->get_executor());
  }
  orchestrator cache{{}, std::move(with)};
  server_options options;
  options.port = 0;
  server one{options, cache, std::move(parts)};
  one.start();
  std::vector<std::thread> threads;
  for (auto& loop : loops) threads.emplace_back([&loop] { loop->run(); });

  std::atomic<int> answered = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      for (int n = 0; n < 25; ++n) {
        test::caller each{one.port()};
        answered += each.ask("GET", "/api/v1/context/cust_1/support").status == 200 ? 1 : 0;
        answered += each.ask("GET", "/metrics").status == 200 ? 1 : 0;
      }
    });
  }
  for (auto& each : callers) each.join();
  EXPECT_EQ(answered, 200);

  std::atomic<bool> stopped = false;
  boost::asio::co_spawn(*loops[0], one.drain(), [&](std::exception_ptr) {
    boost::asio::co_spawn(*loops[0], cache.stop(), [&](std::exception_ptr) { stopped = true; });
  });
  EXPECT_TRUE(test::eventually([&] { return stopped.load(); }));
  work.clear();
  for (auto& each : threads) each.join();
  EXPECT_EQ(source->loads, 1);
}

}  // namespace
}  // namespace ctxcache::http
