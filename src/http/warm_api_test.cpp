#include <boost/json/array.hpp>
#include <map>
#include <string>

#include "ctxcache/shared_store.hpp"
#include "http/server_test_support.hpp"
#include "warming/warmer.hpp"

namespace ctxcache::http {
namespace {

namespace json = boost::json;
using test::reply;

const std::string path = "/api/v1/context/cache/warm";

class two_customers final : public customer_list {
 public:
  boost::asio::awaitable<result<page>> next(std::string, deadline) override {
    page all{.ids = {"a", "b"}, .last = ""};
    co_return all;
  }
};

class warm_api : public test::server_fixture {
 protected:
  void equip(server_parts& parts) override {
    warming::warmer_parts with{.home = loop.get_executor(), .shared = make_local_shared_store(time)};
    with.segments["enterprise"] = std::make_shared<two_customers>();
    with.time = &time;
    warmer = std::make_unique<warming::warmer>(*cache, warming::warmer_settings{}, std::move(with));
    parts.warmer = warmer.get();
  }
  boost::asio::awaitable<void> end_equipment() override { co_await warmer->stop(); }

  reply order(const std::string& body) { return call().ask("POST", path, "", body); }
  reply ask(const std::string& verb, const std::string& id) { return call().ask(verb, path + "/" + id); }
  /// The job's last report.
  json::value ended(const std::string& id) {
    json::value last;
    EXPECT_TRUE(test::eventually([&] {
      last = ask("GET", id).json();
      return last.as_object().contains("ended_at");
    }));
    return last;
  }
  static std::string id_of(const reply& got) { return got.json().at("id").as_string().c_str(); }

  std::unique_ptr<warming::warmer> warmer;
};

TEST_F(warm_api, an_order_is_a_job) {
  start();
  const auto got = order(R"({"segment": "enterprise", "agent_types": ["support", "billing"]})");
  ASSERT_EQ(got.status, 202) << got.body;
  EXPECT_EQ(got.json().at("already_running"), false);
  EXPECT_EQ(got.json().at("order").at("asked_by"), "http");
  EXPECT_EQ(got.header("Location"), path + "/" + id_of(got));
  const auto done = ended(id_of(got));
  EXPECT_EQ(done.at("state"), "done");
  EXPECT_EQ(done.at("customers_done"), 2);
  EXPECT_EQ(done.at("loaded"), 4);
  EXPECT_NE(call().ask("GET", "/metrics").body.find("ctxcache_warm_entries_total{result=\"loaded\"} 4\n"),
            std::string::npos);
  EXPECT_EQ(call().ask("GET", "/api/v1/context/a/support").header("Cache-Status").find("ctxcache-l1; hit"),
            0u);
}

TEST_F(warm_api, takes_ids_and_all_its_wishes) {
  start();
  const auto got = order(R"({"customer_ids": ["x", "y", "x"], "agent_types": ["support"], "refresh": true,
                             "concurrency": 2, "loads_per_second": 1000.5, "hold": "90s"})");
  ASSERT_EQ(got.status, 202) << got.body;
  const auto said = got.json().at("order");
  EXPECT_EQ(said.at("ids"), 2);
  EXPECT_EQ(said.at("refresh"), true);
  EXPECT_EQ(said.at("concurrency"), 2);
  EXPECT_EQ(said.at("loads_per_second"), 1000.5);
  EXPECT_EQ(said.at("hold_ms"), 90'000);
  EXPECT_EQ(ask("DELETE", id_of(got)).status, 200);
  EXPECT_EQ(ended(id_of(got)).at("state"), "cancelled");
}

TEST_F(warm_api, a_segment_that_is_being_warmed_answers_with_its_job) {
  source->held = true;
  start();
  const auto first = order(R"({"segments": ["enterprise"]})");
  ASSERT_EQ(first.status, 202) << first.body;
  const auto second = order(R"({"segments": ["enterprise"]})");
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(second.json().at("already_running"), true);
  EXPECT_EQ(id_of(second), id_of(first));
  change([](auto& fake) { fake.release(); });
  (void)ended(id_of(first));
}

TEST_F(warm_api, lists_runs_with_what_they_were_good_for) {
  start();
  EXPECT_TRUE(call().ask("GET", path).json().at("runs").as_array().empty());
  const auto id = id_of(order(R"({"segment": "enterprise", "agent_types": ["support"]})"));
  (void)ended(id);
  const auto runs = call().ask("GET", path + "?limit=1").json().at("runs").as_array();
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].at("id").as_string(), id);
  EXPECT_EQ(runs[0].at("hit_later"), 0);
  EXPECT_EQ(call().ask("GET", path + "?limit=0").status, 400);
}

TEST_F(warm_api, refuses_an_order_with_its_place) {
  start();
  const auto place = [this](const std::string& body) {
    const auto got = order(body);
    EXPECT_EQ(got.status, 422) << body << got.body;
    return std::string{got.json().at("errors").at(0).at("pointer").as_string()};
  };
  EXPECT_EQ(order("nonsense").status, 400);
  EXPECT_EQ(place("[]"), "");
  EXPECT_EQ(place("{}"), "");
  EXPECT_EQ(place(R"({"segment": "nobody"})"), "");
  EXPECT_EQ(place(R"({"segment": "enterprise", "hold": "8d"})"), "") << "more than the warmer takes";
  EXPECT_EQ(place(R"({"segment": "enterprise", "x": 1})"), "");
  EXPECT_EQ(place(R"({"segment": "a", "segments": ["b"]})"), "/segment");
  EXPECT_EQ(place(R"({"segments": "enterprise"})"), "/segments");
  EXPECT_EQ(place(R"({"segments": [1]})"), "/segments/0");
  EXPECT_EQ(place(R"({"customer_ids": ["a", ""]})"), "/customer_ids/1");
  EXPECT_EQ(place(R"({"customer_ids": ["a"], "agent_types": ["marketing"]})"), "/agent_types/0");
  EXPECT_EQ(place(R"({"customer_ids": ["a"], "refresh": 1})"), "/refresh");
  for (const auto* wrong : {"0", "1.5", "1025", "\"4\""})
    EXPECT_EQ(place(R"({"customer_ids": ["a"], "concurrency": )" + std::string{wrong} + "}"), "/concurrency");
  for (const auto* wrong : {"0", "-1", "1e7", "\"4\""})
    EXPECT_EQ(place(R"({"customer_ids": ["a"], "loads_per_second": )" + std::string{wrong} + "}"),
              "/loads_per_second");
  for (const auto* wrong : {"7200", "\"2 h\"", "\"h\"", "\"-1h\"", "\"99999999999h\""})
    EXPECT_EQ(place(R"({"customer_ids": ["a"], "hold": )" + std::string{wrong} + "}"), "/hold");
  EXPECT_TRUE(call().ask("GET", path).json().at("runs").as_array().empty());
}

TEST_F(warm_api, of_a_job_that_there_is_not_is_404) {
  start();
  EXPECT_EQ(ask("GET", "none").code(), "not_found");
  EXPECT_EQ(ask("DELETE", "none").code(), "not_found");
}

class without_warming : public test::server_fixture {};

TEST_F(without_warming, says_so) {
  start();
  EXPECT_EQ(call().ask("POST", path, "", "{}").status, 404);
  EXPECT_EQ(call().ask("GET", path).status, 404);
  EXPECT_EQ(call().ask("GET", path + "/j").status, 404);
  EXPECT_EQ(call().ask("DELETE", path + "/j").status, 404);
}

}  // namespace
}  // namespace ctxcache::http
