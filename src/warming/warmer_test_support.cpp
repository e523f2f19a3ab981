#include "warming/warmer_test_support.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace ctxcache::warming {

namespace asio = boost::asio;

std::string fake_segment::id(std::size_t number) {
  auto digits = std::to_string(number);
  return "c" + std::string(7 - digits.size(), '0') + digits;
}

asio::awaitable<result<customer_list::page>> fake_segment::next(std::string after, deadline) {
  ++pages_read;
  on_read(after);
  const auto here = co_await asio::this_coro::executor;
  co_await asio::post(here, asio::use_awaitable);
  if (failure) co_return *failure;
  const auto first = after.empty() ? std::size_t{1} : std::stoul(after.substr(1)) + 1;
  page found;
  for (auto n = first; n < first + page_ && n <= customers_; ++n) found.ids.push_back(id(n));
  if (first + page_ <= customers_) found.last = found.ids.back();
  co_return found;
}

asio::awaitable<result<provided_context>> picky_source::load(key wanted, deadline until) {
  ++loads[wanted.text()];
  const auto customer = wanted.customer_id();
  if (failures.contains(customer)) co_return failures.at(customer);
  provided_context nobody{.unknown = true};
  if (unknown.contains(customer)) co_return nobody;
  co_return co_await behind_->load(std::move(wanted), until);
}

warming_fleet::warming_fleet() {
  add_segment("enterprise", 4, 2);
  add_segment("at_risk", 3, 2);
}

warming_fleet::~warming_fleet() = default;

void warming_fleet::TearDown() {
  source->failure.reset();
  source->release();
  for (auto& one : processes) run(one->warming->stop());
  processes.clear();
  orchestrator_fixture::TearDown();
}

std::shared_ptr<fake_segment> warming_fleet::add_segment(const std::string& name, std::size_t customers,
                                                         std::size_t at_a_time) {
  auto list = std::make_shared<fake_segment>(customers, at_a_time);
  segments[name] = list;
  return list;
}

warming_fleet::process& warming_fleet::start_process(const warmer_settings& how, cache_settings cache) {
  cache.agent_types = {"support", "billing"};
  auto one = std::make_unique<process>();
  one->cache = &start(cache, {.source = picky, .time = &time});
  one->store = std::make_shared<test::store_of_process>(facts);
  one->store->down = begin_without_store;
  warmer_parts parts{.home = loop.get_executor(),
                     .shared = one->store,
                     .segments = segments,
                     .live_p99 = [this](std::chrono::seconds) { return live_p99; },
                     .time = &time};
  one->warming = std::make_unique<warmer>(*one->cache, how, std::move(parts));
  run(one->warming->begin());
  processes.push_back(std::move(one));
  return *processes.back();
}

void warming_fleet::lose_facts() {
  facts = make_local_shared_store(time);
  for (const auto& one : processes) one->store->turn_to(facts);
}

void warming_fleet::until(const std::function<bool()>& reached, int line) {
  const auto end = boot_clock::now() + patience;
  loop.restart();
  while (!reached()) {
    ASSERT_LT(boot_clock::now(), end) << "waited for in line " << line;
    loop.run_one_for(std::chrono::milliseconds{10});
    if (loop.stopped()) loop.restart();
  }
}

void warming_fleet::as_time_passes(const std::function<bool()>& reached, int line) {
  until(
      [&] {
        time.advance(std::chrono::milliseconds{10});
        return reached();
      },
      line);
}

job_report warming_fleet::begin_job(process& by, warm_order order) {
  auto begun = run(by.warming->start(std::move(order), {}));
  EXPECT_TRUE(begun) << begun.error().message();
  EXPECT_FALSE(begun->already_running);
  return begun->job;
}

std::optional<job_report> warming_fleet::show(process& by, const std::string& id) {
  return *run(by.warming->show(id, {}));
}

job_report warming_fleet::ended(process& by, const std::string& id) {
  std::optional<job_report> found;
  until([&] {
    found = show(by, id);
    return found && found->ended_at;
  });
  return *found;
}

job_report warming_fleet::reached(process& by, const std::string& id, job_report::state wanted) {
  std::optional<job_report> found;
  until([&] {
    found = show(by, id);
    return found && found->now == wanted;
  });
  return *found;
}

job_report warming_fleet::warm(process& by, warm_order order) {
  const auto id = begin_job(by, std::move(order)).id;
  return ended(by, id);
}

key warming_fleet::of_customer(std::size_t number, std::string_view agent_type) {
  return *key::make({fake_segment::id(number), agent_type});
}

bool warming_fleet::is_warm(process& in, const key& wanted) {
  return !run(in.cache->cold({wanted}, std::chrono::milliseconds{0}, {}))[0];
}

}  // namespace ctxcache::warming
