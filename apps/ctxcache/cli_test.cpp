#include "cli.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "run_client.hpp"
#include "support/child_process.hpp"

namespace client = ctxcache::client;
using client::answering;
using client::exit_code;
using client::run_at;
using client::run_client;
using testing::HasSubstr;
using testing::StartsWith;

TEST(usage, mistakes_end_with_2) {
  for (const auto& words :
       std::vector<std::vector<std::string>>{{},
                                             {"gte"},
                                             {"get"},
                                             {"get", "c"},
                                             {"get", "", "support"},
                                             {"get", "c", "support", ""},
                                             {"get", "c", "support", "--max-age", "-1"},
                                             {"invalidate"},
                                             {"invalidate", "--all", "--pattern", "x"},
                                             {"invalidate", "--customer", "c", "--conversation", "d"},
                                             {"invalidate", "--all", "--agent-type", "a"},
                                             {"stats", "--url", "ftp://x"},
                                             {"stats", "--timeout", "0"},
                                             {"completion", "csh"},
                                             {"config"}}) {
    const auto done = run_client(words);
    EXPECT_EQ(done.code, exit_code::usage) << testing::PrintToString(words);
    EXPECT_EQ(done.out, "") << testing::PrintToString(words);
    EXPECT_NE(done.err, "") << testing::PrintToString(words);
  }
}

TEST(usage, help_and_version_are_data) {
  EXPECT_EQ(run_client({"--version"}).code, exit_code::ok);
  EXPECT_THAT(run_client({"--help"}).out, HasSubstr("invalidate"));
}

TEST(get, prints_the_document) {
  const auto daemon = answering(200, "{\"a\":1}", "Cache-Status: ctxcache-l1; hit\r\n");
  const auto plain = run_at(daemon, {"get", "a/b", "support", "..", "--no-cache", "--max-age", "5"});
  EXPECT_EQ(plain.code, exit_code::ok);
  EXPECT_EQ(plain.out, "{\"a\":1}\n");
  EXPECT_THAT(daemon.asked()[0].head, StartsWith("GET /api/v1/context/a%2Fb/support/%2E%2E HTTP/1.1\r\n"));
  EXPECT_THAT(daemon.asked()[0].head, HasSubstr("Cache-Control: no-cache, max-age=5\r\n"));
  const auto full = run_at(daemon, {"get", "c", "support", "-i"});
  EXPECT_EQ(full.out,
            "HTTP/1.1 200 Reason\nCache-Status: ctxcache-l1; hit\nContent-Length: 7\n\n{\"a\":1}\n");
}

TEST(get, sends_what_it_wants_of_the_fleet) {
  const auto daemon = answering(200, "{}");
  EXPECT_EQ(run_at(daemon, {"get", "c", "support", "--strict", "--min-position", "00000000000000aa.7"}).code,
            exit_code::ok);
  EXPECT_THAT(daemon.asked()[0].head, HasSubstr("Ctx-Consistency: strict\r\n"));
  EXPECT_THAT(daemon.asked()[0].head, HasSubstr("Ctx-Min-Position: 00000000000000aa.7\r\n"));
  EXPECT_EQ(run_at(daemon, {"get", "c", "support", "--min-position", "soon"}).code, exit_code::usage);
}

TEST(get, says_what_the_daemon_says) {
  const auto daemon =
      answering(404, R"({"status":404,"detail":"the customer is unknown","code":"customer_unknown",)"
                     R"("request_id":"r1"})");
  const auto done = run_at(daemon, {"get", "c", "support"});
  EXPECT_EQ(done.code, exit_code::not_found);
  EXPECT_EQ(done.out, "");
  EXPECT_EQ(done.err, "error: the customer is unknown (customer_unknown, request r1)\n");
}

TEST(exit_code, follows_the_answer) {
  const auto code_for = [](int status, const std::string& code) {
    return run_at(answering(status, "{\"code\":\"" + code + "\"}"), {"stats"}).code;
  };
  EXPECT_EQ(code_for(404, "customer_unknown"), exit_code::not_found);
  EXPECT_EQ(code_for(504, "not_cached"), exit_code::not_found);
  EXPECT_EQ(code_for(504, "deadline_exceeded"), exit_code::failure);
  EXPECT_EQ(code_for(401, ""), exit_code::not_allowed);
  EXPECT_EQ(code_for(403, ""), exit_code::not_allowed);
  EXPECT_EQ(code_for(400, "invalid_key"), exit_code::failure);
  EXPECT_EQ(code_for(503, "overloaded"), exit_code::failure);
}

TEST(exit_code, is_5_without_an_answer) {
  const auto nobody = "http://127.0.0.1:" + std::to_string(ctxcache::test::free_port());
  EXPECT_EQ(run_client({"stats", "--url", nobody}).code, exit_code::unreachable);
  EXPECT_EQ(run_at(answering(0, ""), {"stats"}).code, exit_code::unreachable);
}

TEST(exit_code, is_1_for_what_is_no_daemon) {
  const auto done = run_at(answering(200, "<html>"), {"stats"});
  EXPECT_EQ(done.code, exit_code::failure);
  EXPECT_THAT(done.err, HasSubstr("is no ctxcached"));
}

TEST(put, sends_the_file) {
  const ctxcache::test::temporary_folder folder;
  const auto path = folder.path() + "/d.json";
  std::ofstream(path) << "{\"x\": 1}";
  const auto daemon = answering(200, R"({"etag":"\"e\"","stored":{"l1":true,"l2":false}})");
  const auto done = run_at(daemon, {"put", "c", "support", "--file", path});
  EXPECT_EQ(done.code, exit_code::ok);
  EXPECT_EQ(done.out, "stored in L1, ETag \"e\"\n");
  EXPECT_THAT(daemon.asked()[0].head, StartsWith("PUT /api/v1/context/c/support "));
  EXPECT_EQ(daemon.asked()[0].body, "{\"x\": 1}");
  EXPECT_EQ(run_at(daemon, {"put", "c", "support", "--file", path + "x"}).code, exit_code::failure);
}

TEST(stats, is_a_table_or_json) {
  const auto daemon =
      answering(200, R"({"l1_hits":850,"l1_misses":150,"l1_hit_rate":85.0,"l2_hits":100,)"
                     R"("l2_misses":50,"l2_hit_rate":66.7,"overall_hit_rate":95.0,"l1_size":812,)"
                     R"("l1_max_size":1000,"uptime_s":61})");
  const auto done = run_at(daemon, {"stats"});
  EXPECT_EQ(done.code, exit_code::ok);
  EXPECT_THAT(done.out, StartsWith("         hits  misses  hit rate\n"
                                   "L1        850     150    85.0 %\n"
                                   "L2        100      50    66.7 %\n"
                                   "overall                  95.0 %\n"));
  EXPECT_THAT(done.out, HasSubstr("812 of 1000\n"));
  EXPECT_THAT(run_at(daemon, {"stats", "--json"}).out, StartsWith("{\"l1_hits\":850,"));
  EXPECT_EQ(run_at(daemon, {"top"}).out, done.out);
}

TEST(explain, shows_both_tiers) {
  const auto daemon = answering(
      200, R"({"key":"context:c:support","l1":{"valid":false,"age_s":12,"remaining_ttl_s":-3,"bytes":2048,)"
           R"("stamp":"aa.1","partial":true,"etag":"\"e\""},"l2":null,"l2_error":"l2_timeout",)"
           R"("last_invalidated":"aa.2","loading":true,"position":"aa.3"})");
  const auto done = run_at(daemon, {"explain", "c", "support"});
  EXPECT_EQ(done.code, exit_code::ok);
  EXPECT_THAT(daemon.asked()[0].head, StartsWith("GET /api/v1/context/cache/entries/c/support "));
  EXPECT_EQ(done.out,
            "key               context:c:support\n"
            "L1                invalidated, 2.0 KiB, 12 s old, expired 3 s ago, partial, stamp aa.1\n"
            "L2                not reached (l2_timeout)\n"
            "last invalidated  aa.2\n"
            "being loaded      yes\n"
            "position          aa.3\n");
}

TEST(health, lists_the_parts) {
  const auto daemon =
      answering(200, R"({"status":"degraded","version":"0.1.0","uptime_s":5,"parts":{"l1":)"
                     R"({"status":"up","items":2,"bytes":10},"l2":{"status":"down","detail":"no"},)"
                     R"("fleet":{"status":"up","joined":true,"licensed":true,"member":"aaaa","queued":0},)"
                     R"("providers":{"crm":{"status":"up","detail":"pg"}}}})");
  EXPECT_EQ(run_at(daemon, {"health"}).out,
            "ctxcached     degraded  0.1.0, up for 5 s\n"
            "L1            up        2 entries, 10 B\n"
            "L2            down      no\n"
            "fleet         up        member aaaa\n"
            "provider crm  up        pg\n");
}

TEST(health, lists_sources_and_schedules) {
  const auto daemon = answering(
      200,
      R"({"parts":{"sources":{"crm":{"status":"up","held":true,"applied":3},)"
      R"("old":{"status":"down","detail":"refused"},"elsewhere":{"status":"up","held":false}},)"
      R"("schedules":{"nightly":{"status":"up","next":"2026-11-23T02:00:00.000Z","detail":"last a, job b"},)"
      R"("import":{"status":"up","next":null,"detail":""}}}})");
  const auto said = run_at(daemon, {"health"}).out;
  for (const auto* line :
       {"source crm        up        3 events taken here\n", "source old        down      refused\n",
        "source elsewhere  up        another daemon takes its events\n",
        "schedule nightly  up        next at 2026-11-23T02:00:00.000Z; last a, job b\n",
        "schedule import   up        waits for its event\n"})
    EXPECT_THAT(said, HasSubstr(line));
}

TEST(health, says_how_the_daemon_stands_in_its_fleet) {
  const auto said_of = [](const std::string& fleet) {
    const auto out = run_at(answering(200, R"({"parts":{"fleet":)" + fleet + "}}"), {"health"}).out;
    return out.substr(out.find("fleet"));
  };
  EXPECT_EQ(said_of(R"({"status":"disabled"})"),
            "fleet      disabled  invalidations stay in this process: L2 is off\n");
  EXPECT_EQ(
      said_of(R"({"status":"down","joined":true,"licensed":false,"member":"aaaa","queued":3})"),
      "fleet      down      member aaaa, not licensed: Redis does not answer, 3 invalidations queued\n");
  EXPECT_EQ(said_of(R"({"status":"down","joined":false,"licensed":false,"queued":0,"detail":""})"),
            "fleet      down      not joined: Redis does not answer\n");
  EXPECT_EQ(said_of(R"({"status":"down","joined":false,"licensed":false,"queued":0,"detail":"set x"})"),
            "fleet      down      not joined: set x\n");
}

TEST(config, check_and_show) {
  const ctxcache::test::temporary_folder folder;
  const auto good = folder.path() + "/good.toml";
  const auto bad = folder.path() + "/bad.toml";
  std::ofstream(good) << "redis_url = \"redis://:canary@r\"\n";
  std::ofstream(bad) << "lissten = 1\n";
  EXPECT_EQ(run_client({"config", "check", good}).out, "ok\n");
  const auto refused = run_client({"config", "check", bad});
  EXPECT_EQ(refused.code, exit_code::failure);
  EXPECT_EQ(refused.err, bad + ":1:1: unknown key \"lissten\"; did you mean \"listen\"?\n");
  EXPECT_THAT(run_client({"config", "check", bad, "--json"}).out, HasSubstr(R"("line":1,"column":1)"));
  const auto shown = run_client({"config", "show", good, "--json"});
  EXPECT_THAT(shown.out,
              HasSubstr(R"({"name":"redis_url","value":"redis://:***@r","origin":")" + good + ":1\"}"));
  EXPECT_EQ(run_client({"config", "show", bad}).code, exit_code::failure);
}

TEST(documents, name_every_verb_of_both_programs) {
  for (const auto* shell : {"bash", "zsh", "fish"}) {
    const auto script = run_client({"completion", shell}).out;
    EXPECT_THAT(script, HasSubstr("only-if-cached")) << shell;
    EXPECT_THAT(script, HasSubstr("l1-cache-ttl")) << shell;
    EXPECT_THAT(script, HasSubstr("coherence-licence")) << shell;
  }
  EXPECT_THAT(run_client({"completion", "fish"}).out, HasSubstr("-l coherence-journal -r -F"));
  EXPECT_THAT(run_client({"man"}).out, HasSubstr("\\fBconfig show\\fR"));
  EXPECT_THAT(run_client({"man", "ctxcached"}).out, HasSubstr("\\-\\-l1\\-cache\\-ttl"));
  EXPECT_THAT(run_client({"man", "ctxcached"}).out,
              HasSubstr("\\fB\\-\\-coherence\\-journal\\fR \\fIFILE\\fR"));
}
