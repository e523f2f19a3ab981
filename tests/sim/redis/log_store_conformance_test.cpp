// The simulated log does what every log does.
#include "support/log_store_conformance.hpp"

#include <memory>

#include "redis/log_store.hpp"
#include "ticking_loop.hpp"

namespace ctxcache::test {
namespace {

class simulated_log_subject {
 public:
  boost::asio::io_context& loop() { return ticking_.loop(); }
  log_store& mine() { return mine_; }
  log_store& other() { return other_; }
  const clock& time() { return virtual_time::now_running(); }
  fleet_constants constants() { return {.licence = std::chrono::milliseconds{1'000}}; }

 private:
  std::shared_ptr<sim::wire> some_wire() {
    return std::make_shared<sim::wire>(loop().get_executor(), chance_, redis_);
  }

  sim::ticking_loop ticking_;
  sim::dice chance_{1};
  std::shared_ptr<sim::server> redis_ = std::make_shared<sim::server>();
  sim::log_store mine_{some_wire(), {.constants = constants(), .log_max_messages = 100}, time()};
  sim::log_store other_{some_wire(), {.log_max_messages = 100}, time()};
};

INSTANTIATE_TYPED_TEST_SUITE_P(simulated, log_store_conformance, simulated_log_subject);

}  // namespace
}  // namespace ctxcache::test
