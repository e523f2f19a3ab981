#include "providers/composite.hpp"

#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <functional>
#include <map>

#include "providers/health_record.hpp"
#include "support/manual_clock.hpp"
#include "support/run_coroutine.hpp"

namespace ctxcache::providers {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using namespace std::chrono_literals;

// Answers by the name of the section; a section that waits is released by hand.
class fake_provider final : public provider {
 public:
  explicit fake_provider(asio::io_context& loop) : gate_(loop, asio::steady_timer::time_point::max()) {}

  asio::awaitable<result<section_answer>> ask(const section_query& query, key, deadline) override {
    asked.push_back(query.name);
    if (query.name.starts_with("slow")) co_await gate_.async_wait(asio::as_tuple(asio::use_awaitable));
    if (before_answer) before_answer();
    co_return answers.at(query.name);
  }
  health report() const override { return {.up = false, .detail = "a fake"}; }
  asio::awaitable<void> stop() override {
    stopped = true;
    co_return;
  }
  void release() { gate_.cancel(); }

  std::map<std::string, result<section_answer>> answers;
  std::vector<std::string> asked;
  std::function<void()> before_answer;
  bool stopped = false;

 private:
  asio::steady_timer gate_;
};

struct composite_fixture : testing::Test {
  asio::io_context loop;
  test::manual_clock time;
  std::shared_ptr<fake_provider> crm = std::make_shared<fake_provider>(loop);
  std::shared_ptr<fake_provider> tickets = std::make_shared<fake_provider>(loop);
  composite_options options{.providers = {{"crm", crm}, {"tickets", tickets}}, .sections = {}};

  void section(std::string provider, std::string name, result<section_answer> answer, bool required = false) {
    (provider == "crm" ? crm : tickets)->answers.emplace(name, std::move(answer));
    options.sections.push_back(
        {.query = {.name = name, .text = ""}, .provider = std::move(provider), .required = required});
  }
  result<provided_context> load(const key_ids& ids = {"cust_1", "support"}) {
    return test::run_coroutine(loop, make_composite(options, time)->load(*key::make(ids), {}));
  }
  json::object document(const key_ids& ids = {"cust_1", "support"}) {
    return json::parse(load(ids)->body).as_object();
  }
};
using composite_load = composite_fixture;

section_answer some(std::string text) {
  return {.json = std::move(text)};
}
const section_answer no_row = nothing(section_shape::object);

}  // namespace

TEST_F(composite_load, document_is_the_one_of_the_contract) {
  section("crm", "profile", some(R"({"plan":"pro"})"), true);
  section("tickets", "slow_tickets", some("[1,2]"));
  crm->before_answer = [this] { asio::post(loop, [this] { tickets->release(); }); };
  tickets->before_answer = [this] { time.advance(12'340us); };
  EXPECT_EQ(load()->body,
            R"({"customer_id":"cust_1","agent_type":"support","generated_at":"1970-01-01T00:16:40.012Z",)"
            R"("partial":false,"context":{"profile":{"plan":"pro"},"slow_tickets":[1,2]},)"
            R"("providers":{"crm":{"status":"ok","latency_ms":0.0},)"
            R"("tickets":{"status":"ok","latency_ms":12.3}}})");
}

TEST_F(composite_load, conversation_is_shown_only_when_there_is_one) {
  section("crm", "profile", some("1"));
  EXPECT_FALSE(document().contains("conversation_id"));
  EXPECT_EQ(document({"c", "support", "conv_4"}).at("conversation_id").as_string(), "conv_4");
}

TEST_F(composite_load, ids_of_every_byte_survive_the_document) {
  section("crm", "profile", some("1"));
  const std::string id = "\"\\/\b\f\n\r\t\x01\x1f\x7f{}é\u2028😀";
  EXPECT_EQ(document({id, "support", id}).at("customer_id").as_string(), id);
  EXPECT_EQ(document({id, "support", id}).at("conversation_id").as_string(), id);
}

TEST_F(composite_load, asks_only_the_sections_of_the_agent_type) {
  section("crm", "everyone", some("1"));
  section("crm", "billing_only", some("2"));
  options.sections.back().agent_types = {"billing"};
  EXPECT_EQ(json::serialize(document().at("context")), R"({"everyone":1})");
  EXPECT_EQ(crm->asked, (std::vector<std::string>{"everyone"}));
  EXPECT_EQ(json::serialize(document({"c", "billing"}).at("context")), R"({"everyone":1,"billing_only":2})");
}

TEST_F(composite_load, agent_type_without_sections_has_an_empty_context) {
  const auto got = load();
  ASSERT_TRUE(got);
  EXPECT_FALSE(got->unknown);
  EXPECT_EQ(json::serialize(json::parse(got->body).at("context")), "{}");
}

TEST_F(composite_load, sections_are_asked_at_once_and_keep_their_order) {
  section("crm", "slow_first", some("1"));
  section("crm", "second", some("2"));
  crm->before_answer = [this] { crm->release(); };  // the second releases the first
  EXPECT_EQ(json::serialize(document().at("context")), R"({"slow_first":1,"second":2})");
}

TEST_F(composite_load, failed_optional_section_is_null_and_makes_it_partial) {
  section("crm", "profile", some("1"), true);
  section("tickets", "open_tickets", errc::provider_timeout);
  const auto got = load();
  ASSERT_TRUE(got);
  EXPECT_TRUE(got->partial);
  const auto shown = json::parse(got->body).as_object();
  EXPECT_TRUE(shown.at("partial").as_bool());
  EXPECT_TRUE(shown.at("context").at("open_tickets").is_null());
  EXPECT_EQ(shown.at("providers").at("tickets").at("status").as_string(), "timeout");
  EXPECT_EQ(shown.at("providers").at("crm").at("status").as_string(), "ok");
}

TEST_F(composite_load, fails_with_the_error_of_a_required_section_without_waiting_for_the_rest) {
  section("tickets", "slow_tickets", some("1"));
  section("crm", "profile", errc::provider_unavailable, true);
  EXPECT_EQ(load().error(), errc::provider_unavailable);
  tickets->release();  // and the rest ends without its load
  loop.restart();
  loop.run();
}

TEST_F(composite_load, customer_is_unknown_when_every_required_section_is_empty) {
  section("crm", "profile", no_row, true);
  section("crm", "plan", no_row, true);
  section("tickets", "open_tickets", some("[1]"));
  EXPECT_TRUE(load()->unknown);
}

TEST_F(composite_load, customer_is_known_when_one_required_section_is_not_empty) {
  section("crm", "profile", no_row, true);
  section("crm", "plan", some("{}"), true);
  EXPECT_FALSE(load()->unknown);
}

TEST_F(composite_load, customer_is_unknown_without_required_sections_when_all_are_empty) {
  section("crm", "profile", no_row);
  section("tickets", "open_tickets", nothing(section_shape::rows));
  EXPECT_TRUE(load()->unknown);
}

TEST_F(composite_load, failed_section_does_not_count_as_empty) {
  section("crm", "profile", no_row);
  section("tickets", "open_tickets", errc::provider_unavailable);
  const auto got = load();
  EXPECT_FALSE(got->unknown);
  EXPECT_TRUE(got->partial);
}

TEST_F(composite_load, provider_shows_the_worst_status_of_its_sections) {
  section("crm", "a", some("1"));
  section("crm", "b", errc::provider_failed);
  section("crm", "c", no_row);
  section("tickets", "d", no_row);
  section("tickets", "e", some("1"));
  const auto shown = document().at("providers").as_object();
  EXPECT_EQ(shown.at("crm").at("status").as_string(), "failed");
  EXPECT_EQ(shown.at("tickets").at("status").as_string(), "ok");
}

TEST_F(composite_load, document_over_its_limit_is_too_large) {
  section("crm", "profile", some('"' + std::string(1000, 'x') + '"'));
  const auto bytes = load()->body.size();
  options.max_document_bytes = bytes;
  EXPECT_TRUE(load());
  options.max_document_bytes = bytes - 1;
  EXPECT_EQ(load().error(), errc::too_large);
}

TEST_F(composite_load, counts_what_each_provider_came_to) {
  section("crm", "a", some("1"));
  section("crm", "b", errc::overloaded);
  section("tickets", "c", errc::shutting_down);
  const auto source = make_composite(options, time);
  const auto loaded = test::run_coroutine(loop, source->load(*key::make({"c", "support"}), {}));
  EXPECT_TRUE(loaded);
  const auto stats = source->stats();
  const auto of = [](const provider_stats& one, section_status status) {
    return one.sections[static_cast<std::size_t>(status)];
  };
  ASSERT_EQ(stats.size(), 2u);
  EXPECT_EQ(stats[0].name, "crm");
  EXPECT_EQ(of(stats[0], section_status::ok), 1u);
  EXPECT_EQ(of(stats[0], section_status::overloaded), 1u);
  EXPECT_EQ(of(stats[1], section_status::unavailable), 1u);
  EXPECT_EQ(stats[0].latency.count, 2u);
}

TEST_F(composite_load, lags_as_much_as_the_slowest_of_those_it_asked) {
  options.providers[0].settle = 300ms;
  options.providers[1].settle = 500ms;
  section("crm", "a", some("1"));
  section("tickets", "b", some("1"));
  options.sections.back().agent_types = {"billing"};
  EXPECT_EQ(load()->settle, 300ms);
  EXPECT_EQ(load({"cust_1", "billing"})->settle, 500ms);
  crm->answers.at("a") = no_row;
  EXPECT_TRUE(load()->unknown);
  EXPECT_EQ(load()->settle, 300ms);
}

TEST_F(composite_load, two_loads_of_the_same_are_the_same) {
  section("crm", "a", some(R"({"x":1,"y":2})"));
  const auto source = make_composite(options, time);
  const auto body = [&] {
    return test::run_coroutine(loop, source->load(*key::make({"c", "support"}), {}))->body;
  };
  const auto first = body();
  time.advance(1s);
  crm->answers.at("a") = some(R"({"y":2,"x":1})");
  EXPECT_NE(first, body());
  EXPECT_TRUE(source->same(first, body()));
  crm->answers.at("a") = some(R"({"y":2,"x":2})");
  EXPECT_FALSE(source->same(first, body()));
}

TEST_F(composite_load, reports_and_stops_its_providers) {
  const auto source = make_composite(options, time);
  ASSERT_EQ(source->report().size(), 2u);
  EXPECT_EQ(source->report()[1].name, "tickets");
  EXPECT_EQ(source->report()[1].now.detail, "a fake");
  test::run_coroutine(loop, source->stop());
  EXPECT_TRUE(crm->stopped && tickets->stopped);
}

TEST_F(composite_load, refuses_a_section_of_no_provider) {
  section("nobody", "profile", some("1"));
  EXPECT_THROW(static_cast<void>(make_composite(options, time)), boost::system::system_error);
}

}  // namespace ctxcache::providers
