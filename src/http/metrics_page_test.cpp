#include <chrono>
#include <string>
#include <vector>

#include "http/server_test_support.hpp"

namespace ctxcache::http {
namespace {

const std::string context = "/api/v1/context";

class metrics : public test::server_fixture {};

TEST_F(metrics, have_every_series_from_the_start) {
  more_parts.metrics = [] {
    provider_metrics crm{.name = "crm", .succeeded = 2, .failed = 1, .took = {}};
    crm.took.buckets[0] = 3;
    crm.took.count = 3;
    return std::vector<provider_metrics>{crm};
  };
  start();
  const auto body = call().ask("GET", "/metrics").body;
  for (const auto* line : {"ctxcache_cache_requests_total{tier=\"l1\",result=\"hit\"} 0\n",
                           "ctxcache_cache_evictions_total{tier=\"l1\",reason=\"size\"} 0\n",
                           "ctxcache_coalesced_total 0\n",
                           "ctxcache_loads_total{provider=\"crm\",result=\"ok\"} 2\n",
                           "ctxcache_load_duration_seconds_bucket{provider=\"crm\",le=\"+Inf\"} 3\n",
                           "ctxcache_http_requests_total{route=\"context_get\",status=\"2xx\"} 0\n",
                           "ctxcache_http_request_duration_seconds_count{route=\"batch\"} 0\n",
                           "ctxcache_connections 1\n",
                           "ctxcache_stale_rejected_total{tier=\"l1\",scope=\"customer\"} 0\n",
                           "ctxcache_stale_rejected_total{tier=\"flight\",scope=\"shared_bucket\"} 0\n",
                           "ctxcache_unlicensed_total 0\n",
                           "ctxcache_licensed 1\n",
                           "ctxcache_licences_lost_total 0\n",
                           "ctxcache_epochs_joined_total 0\n",
                           "ctxcache_invalidations_queued 0\n",
                           "ctxcache_warm_jobs_running 0\n",
                           "ctxcache_warm_entries_total{result=\"already_warm\"} 0\n",
                           "ctxcache_fences_total{result=\"unconfirmed\"} 0\n",
                           "ctxcache_fence_duration_seconds_count 0\n",
                           "ctxcache_invalidation_lag_seconds_bucket{le=\"+Inf\"} 0\n",
                           "# TYPE ctxcache_log_position gauge\n",
                           "ctxcache_cache_capacity_entries{tier=\"l1\"} 1000\n",
                           "# HELP ctxcache_build_info "})
    EXPECT_NE(body.find(line), std::string::npos) << line << body;
  EXPECT_NE(call().ask("GET", "/metrics").body.find("{route=\"metrics\",status=\"2xx\"} 1\n"),
            std::string::npos);
}

TEST_F(metrics, tell_of_sources_and_schedules) {
  more_parts.sources = [] {
    source_status outbox{.name = "crm"};
    outbox.held = true;
    outbox.up = false;
    outbox.applied = 3;
    return std::vector{outbox};
  };
  more_parts.schedules = [] {
    const std::chrono::system_clock::time_point next{std::chrono::seconds{1'000}};
    return std::vector<schedule_status>{{.name = "nightly", .next = next}, {.name = "import"}};
  };
  start();
  const auto body = call().ask("GET", "/metrics").body;
  for (const auto* line :
       {"ctxcache_events_total{verdict=\"rejected\"} 0\n", "ctxcache_events_merged_total 0\n",
        "ctxcache_source_held{source=\"crm\"} 1\n", "ctxcache_source_up{source=\"crm\"} 0\n",
        "ctxcache_source_events_total{source=\"crm\"} 3\n",
        "ctxcache_schedule_next_run_seconds{schedule=\"nightly\"} 1000\n"})
    EXPECT_NE(body.find(line), std::string::npos) << line << body;
  EXPECT_EQ(body.find("import"), std::string::npos) << "nothing is to be said of it";
}

TEST_F(metrics, leave_out_what_there_is_none_of) {
  start();
  const auto body = call().ask("GET", "/metrics").body;
  EXPECT_EQ(body.find("source_held"), std::string::npos) << "a help line without a series";
}

TEST_F(metrics, count_fences_and_time_them_and_the_lag) {
  start();
  ASSERT_EQ(call().ask("GET", context + "/c/support").status, 200);
  const auto invalidate = [&](const std::string& body) {
    ASSERT_EQ(call().ask("POST", context + "/cache/invalidate", "", body).status, 200);
  };
  invalidate(R"({"customer_id": "nobody"})");
  invalidate(R"({"customer_id": "c", "fence": true})");
  const auto stats = call().ask("GET", context + "/cache/stats").json();
  EXPECT_EQ(stats.at("fences_confirmed"), 1);
  EXPECT_EQ(stats.at("fence_ms").at("count"), 1);
  EXPECT_EQ(stats.at("lag_ms").at("count"), 2);
  const auto body = call().ask("GET", "/metrics").body;
  for (const auto* line :
       {"ctxcache_fences_total{result=\"confirmed\"} 1\n", "ctxcache_fence_duration_seconds_count 1\n",
        "ctxcache_invalidation_lag_seconds_count 2\n",
        "ctxcache_invalidation_lag_seconds_bucket{le=\"0.0005\"} 2\n"})
    EXPECT_NE(body.find(line), std::string::npos) << line << body;
}

TEST_F(metrics, show_how_late_a_busy_loop_comes_to_what_is_due) {
  start();
  on_lane([] {
    const auto end = boot_clock::now() + std::chrono::milliseconds{60};
    while (boot_clock::now() < end) {
    }
  });
  EXPECT_TRUE(test::eventually([this] { return server->loop_lag().sum_seconds > 0.03; }));
  const auto body = call().ask("GET", "/metrics").body;
  EXPECT_NE(body.find("\nctxcache_event_loop_lag_seconds_count "), std::string::npos) << body;
}

}  // namespace
}  // namespace ctxcache::http
