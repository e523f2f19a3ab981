#include "providers/http.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <cstdlib>
#include <optional>

#include "support/child_process.hpp"
#include "support/http_origin.hpp"
#include "support/run_coroutine.hpp"

namespace ctxcache::providers {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

struct http_fixture : testing::Test {
  asio::io_context loop;
  std::optional<test::http_origin> origin{std::in_place};
  http_options options{.name = "tickets", .url = origin->url()};
  std::shared_ptr<provider> service = make(origin->url());

  ~http_fixture() override { test::run_coroutine(loop, service->stop()); }

  std::shared_ptr<provider> make(std::string url) {
    options.url = std::move(url);
    return make_http(loop.get_executor(), options);
  }
  result<section_answer> ask(std::string path, const key_ids& ids = {"cust_1", "support"},
                             std::chrono::milliseconds timeout = 5s) {
    const section_query query{.name = "s", .text = std::move(path), .timeout = timeout};
    return test::run_coroutine(loop, service->ask(query, *key::make(ids), {}));
  }
};
using http_provider = http_fixture;

}  // namespace

TEST_F(http_provider, answers_with_the_body_of_a_200) {
  EXPECT_EQ(ask("/a/{customer_id}?x={agent_type}")->json, R"({"target":"/a/cust_1?x=support"})");
}

TEST_F(http_provider, appends_the_path_to_that_of_the_url) {
  service = make(origin->url() + "/v2/");
  EXPECT_EQ(ask("/a/{customer_id}")->json, R"({"target":"/v2/a/cust_1"})");
}

TEST_F(http_provider, hostile_ids_arrive_as_one_segment) {
  const std::vector<std::pair<std::string, std::string>> sent{
      {"../", "..%2F"},
      {"@host", "%40host"},
      {"%2f", "%252f"},
      {"#", "%23"},
      {"a\r\nX-Evil: 1\r\n\r\n", "a%0D%0AX-Evil%3A%201%0D%0A%0D%0A"},
      {"\\..\\", "%5C..%5C"}};
  for (const auto& [id, segment] : sent)
    EXPECT_EQ(ask("/a/{customer_id}/b", {id, "support"})->json, "{\"target\":\"/a/" + segment + "/b\"}");
}

TEST_F(http_provider, id_without_a_path_is_empty_and_not_asked) {
  EXPECT_TRUE(ask("/a/{customer_id}", {"..", "support"})->empty);
  EXPECT_TRUE(ask("/a/{conversation_id}")->empty);
  EXPECT_TRUE(origin->requests().empty());
}

TEST_F(http_provider, sends_its_headers_and_its_name) {
  options.headers = {{"Authorization", "Bearer t"}, {"X-Tenant", "acme"}};
  service = make(origin->url());
  ASSERT_TRUE(ask("/a"));
  const auto head = origin->requests().at(0);
  EXPECT_NE(head.find("GET /a HTTP/1.1\r\n"), std::string::npos) << head;
  EXPECT_NE(head.find("Authorization: Bearer t\r\n"), std::string::npos);
  EXPECT_NE(head.find("X-Tenant: acme\r\n"), std::string::npos);
  EXPECT_NE(head.find("User-Agent: ctxcache/" CTX_VERSION "\r\n"), std::string::npos);
}

TEST_F(http_provider, keeps_its_connection) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(ask("/a"));
  EXPECT_EQ(origin->connections(), 1u);
}

TEST_F(http_provider, not_found_and_no_content_are_empty) {
  for (const auto* path : {"/status/404", "/status/204"}) {
    const auto got = ask(path);
    ASSERT_TRUE(got) << path;
    EXPECT_TRUE(got->empty);
    EXPECT_EQ(got->json, "null");
  }
}

TEST_F(http_provider, every_other_status_has_failed) {
  for (const auto* path :
       {"/status/500", "/status/503", "/status/400", "/status/401", "/status/201", "/redirect"})
    EXPECT_EQ(ask(path).error(), errc::provider_failed) << path;
  EXPECT_EQ(origin->requests().size(), 6u) << "a redirect was followed";
  EXPECT_TRUE(service->report().up);
}

TEST_F(http_provider, body_that_is_no_json_has_failed) {
  EXPECT_EQ(ask("/text").error(), errc::provider_failed);
}

TEST_F(http_provider, body_over_the_limit_has_failed) {
  EXPECT_EQ(ask("/huge").error(), errc::provider_failed);
  EXPECT_EQ(ask("/endless").error(), errc::provider_failed);
  EXPECT_TRUE(ask("/a"));
}

TEST_F(http_provider, limit_is_the_last_size_that_passes) {
  const std::string body = R"({"target": "/a"})";
  options.max_answer_bytes = body.size();
  service = make(origin->url());
  EXPECT_TRUE(ask("/a"));
  EXPECT_EQ(ask("/ab").error(), errc::provider_failed);
}

TEST_F(http_provider, server_that_hangs_up_is_unavailable) {
  EXPECT_EQ(ask("/hang-up").error(), errc::provider_unavailable);
  EXPECT_EQ(ask("/half").error(), errc::provider_unavailable);
  EXPECT_FALSE(service->report().up);
  EXPECT_TRUE(ask("/a"));
  EXPECT_TRUE(service->report().up);
}

TEST_F(http_provider, slow_server_is_a_timeout) {
  EXPECT_EQ(ask("/slow", {"cust_1", "support"}, 50ms).error(), errc::provider_timeout);
  EXPECT_TRUE(ask("/a"));
}

TEST_F(http_provider, server_that_is_gone_is_unavailable_until_it_is_back) {
  const int port = origin->port();
  ASSERT_TRUE(ask("/a"));
  origin.reset();
  EXPECT_EQ(ask("/a").error(), errc::provider_unavailable);
  origin.emplace(port);
  EXPECT_TRUE(ask("/a"));
}

TEST_F(http_provider, unknown_host_is_unavailable) {
  service = make("http://does-not-exist.invalid");
  EXPECT_EQ(ask("/a").error(), errc::provider_unavailable);
}

TEST_F(http_provider, takes_no_proxy_from_the_environment) {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  const auto got = ask("/a");
  ::unsetenv("http_proxy");
  EXPECT_TRUE(got);
}

TEST_F(http_provider, template_that_is_no_path_has_failed) {
  EXPECT_EQ(ask("/a/{nobody}").error(), errc::provider_failed);
}

TEST_F(http_provider, health_shows_the_address_without_secrets) {
  service = make("http://user:secret@127.0.0.1:" + std::to_string(origin->port()) + "/v2");
  EXPECT_EQ(service->report().detail, "http tickets (" + origin->url() + ")");
  ASSERT_TRUE(ask("/a"));
  EXPECT_EQ(service->report().detail.find("secret"), std::string::npos);
}

TEST_F(http_provider, refuses_options_that_cannot_work) {
  for (const auto* url :
       {"", "ftp://host", "file:///etc/passwd", "host only", "http://", "http://host/?q=1", "http://host/#f"})
    EXPECT_THROW(static_cast<void>(make(url)), boost::system::system_error) << url;
  options.headers = {{"X", "a\r\nb: c"}};
  EXPECT_THROW(static_cast<void>(make("http://host")), boost::system::system_error);
}

// A TLS server with a certificate of its own for the name given.
struct tls_server {
  explicit tls_server(const std::string& name) : port(test::free_port()) {
    const auto file = [this](const char* of) { return folder.path() + "/" + of; };
    test::child_process maker{
        {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
         "2", "-subj", "/CN=" + name, "-addext", "subjectAltName=DNS:" + name, "-keyout", file("key"), "-out",
         certificate()},
        file("log")};
    maker.end(0);
    process.emplace(std::vector<std::string>{"openssl", "s_server", "-www", "-accept", std::to_string(port),
                                             "-cert", certificate(), "-key", file("key")},
                    file("log"));
    listens = test::eventually([this] { return test::accepts(port); });
  }
  std::string certificate() const { return folder.path() + "/certificate"; }

  test::temporary_folder folder;
  int port;
  std::optional<test::child_process> process;
  bool listens = false;
};

TEST_F(http_provider, talks_only_to_a_server_whose_certificate_it_trusts) {
  tls_server server{"localhost"};
  ASSERT_TRUE(server.listens);
  const auto url = "https://localhost:" + std::to_string(server.port);
  service = make(url);
  EXPECT_EQ(ask("/").error(), errc::provider_unavailable);
  options.ca_file = server.certificate();
  service = make(url);
  EXPECT_EQ(ask("/").error(), errc::provider_failed);  // it answers, with a page that is no JSON
}

TEST_F(http_provider, does_not_talk_to_a_server_with_another_name) {
  tls_server server{"example.org"};
  ASSERT_TRUE(server.listens);
  options.ca_file = server.certificate();
  service = make("https://localhost:" + std::to_string(server.port));
  EXPECT_EQ(ask("/").error(), errc::provider_unavailable);
}

}  // namespace ctxcache::providers
