#include "changes/signatures.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>
#include <fstream>
#include <map>
#include <sstream>
#include <type_traits>

#include "base/log.hpp"
#include "changes/encoding.hpp"

namespace ctxcache::changes {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using finding = verdict::finding;
using fields = std::map<std::string, std::string>;

// Nobody can put a secret into a log line by mistake.
static_assert(!fmt::is_formattable<secret>::value);
static_assert(!fmt::is_formattable<signer>::value);
static_assert(!std::is_convertible_v<secret, std::string>);

header_lookup in(const fields& headers) {
  return [headers](std::string_view name) {
    for (const auto& [one, value] : headers) {
      if (lower(one) == lower(name)) return value;
    }
    return std::string{};
  };
}

std::chrono::system_clock::time_point at(std::int64_t seconds) {
  return std::chrono::system_clock::time_point{std::chrono::seconds{seconds}};
}

signer by(scheme how, std::vector<std::string> secrets, std::string header = {}) {
  signer made{.name = "them", .how = how, .secrets = {}, .header = std::move(header)};
  for (const auto& one : secrets) made.secrets.push_back(*secret::of(how, one));
  return made;
}

struct vector_of {
  std::string name;
  signer who;
  fields headers;
  std::string body;
  std::int64_t now;
  bool accepted;
};

void PrintTo(const vector_of& one, std::ostream* out) {
  *out << one.name;
}

vector_of read_vector(const json::object& from) {
  const std::map<std::string, scheme> schemes{{"standard-webhooks", scheme::standard_webhooks},
                                              {"stripe", scheme::stripe},
                                              {"zendesk", scheme::zendesk},
                                              {"hmac", scheme::hmac}};
  const auto text = [&](const char* member) { return json::value_to<std::string>(from.at(member)); };
  auto name = text("scheme") + '_' + text("name");
  std::ranges::replace(name, '-', '_');
  return {.name = std::move(name),
          .who = by(schemes.at(text("scheme")), {text("secret")}, "X-Hub-Signature-256"),
          .headers = json::value_to<fields>(from.at("headers")),
          .body = text("body"),
          .now = from.at("now").as_int64(),
          .accepted = from.at("accepted").as_bool()};
}

std::vector<vector_of> all_vectors() {
  std::ifstream file{CTX_VECTORS "/webhooks.json"};
  std::stringstream text;
  text << file.rdbuf();
  std::vector<vector_of> out;
  const auto all = json::parse(text.str());
  for (const auto& one : all.at("vectors").as_array()) out.push_back(read_vector(one.as_object()));
  return out;
}

class webhook : public testing::TestWithParam<vector_of> {};

INSTANTIATE_TEST_SUITE_P(vectors, webhook, testing::ValuesIn(all_vectors()),
                         [](const auto& one) { return one.param.name; });

TEST_P(webhook, is_judged_as_its_signers_own_package_does) {
  const auto& one = GetParam();
  const auto got = verify({&one.who, 1}, in(one.headers), one.body, at(one.now));
  EXPECT_EQ(got.what == finding::good, one.accepted) << name(got.what);
}

TEST_P(webhook, is_not_believed_with_one_byte_changed) {
  const auto& one = GetParam();
  auto body = one.body;
  body.back() = static_cast<char>(body.back() ^ 1);
  EXPECT_NE(verify({&one.who, 1}, in(one.headers), body, at(one.now)).what, finding::good);
}

TEST_P(webhook, is_not_believed_by_another_secret) {
  const auto& one = GetParam();
  const auto other = by(one.who.how, {"b3RoZXI="}, one.who.header);
  EXPECT_NE(verify({&other, 1}, in(one.headers), one.body, at(one.now)).what, finding::good);
}

class signature : public testing::Test {
 protected:
  static vector_of named(std::string_view name) {
    for (auto& one : all_vectors()) {
      if (one.name == name) return one;
    }
    ADD_FAILURE() << "no vector " << name;
    return {};
  }
  static finding judged(const vector_of& one) {
    return verify({&one.who, 1}, in(one.headers), one.body, at(one.now)).what;
  }

  vector_of standard = named("standard_webhooks_body_0");
  vector_of stripe = named("stripe_body_0");
  vector_of zendesk = named("zendesk_body_0");
  vector_of hmac = named("hmac_body_0_prefixed_hex");
};

TEST_F(signature, says_why_it_is_not_believed) {
  EXPECT_EQ(judged(named("standard_webhooks_too_old")), finding::too_old);
  EXPECT_EQ(judged(named("standard_webhooks_too_new")), finding::too_new);
  EXPECT_EQ(judged(named("standard_webhooks_other_body")), finding::bad_signature);
  EXPECT_EQ(judged(named("standard_webhooks_no_time")), finding::malformed);
  EXPECT_EQ(judged(named("standard_webhooks_time_is_no_number")), finding::malformed);
  EXPECT_EQ(judged(named("stripe_too_old")), finding::too_old);
  EXPECT_EQ(judged(named("stripe_no_signature")), finding::malformed);
  EXPECT_EQ(judged(named("stripe_only_another_version")), finding::malformed);
}

TEST_F(signature, is_missing_without_any_of_its_headers) {
  for (auto* one : {&standard, &stripe, &zendesk, &hmac}) {
    one->headers = {{"Content-Type", "application/json"}};
    EXPECT_EQ(judged(*one), finding::not_signed) << one->name;
  }
  EXPECT_EQ(verify({}, in(fields{}), "", at(0)).what, finding::not_signed);
}

// Stripe's own package does not look ahead; a clock that far ahead is no reason to trust it.
TEST_F(signature, is_too_new_in_every_scheme_that_has_a_time) {
  for (auto* one : {&standard, &stripe, &zendesk}) {
    one->now -= 301;
    EXPECT_EQ(judged(*one), finding::too_new) << one->name;
    one->now += 602;
    EXPECT_EQ(judged(*one), finding::too_old) << one->name;
  }
}

TEST_F(signature, has_the_tolerance_that_is_configured) {
  zendesk.now += 60;
  zendesk.who.tolerance = 60s;
  EXPECT_EQ(judged(zendesk), finding::good);
  zendesk.who.tolerance = 59s;
  EXPECT_EQ(judged(zendesk), finding::too_old);
}

TEST_F(signature, is_good_by_the_new_secret_and_by_the_old_one) {
  hmac.who.secrets.insert(hmac.who.secrets.begin(), *secret::of(scheme::hmac, "new"));
  EXPECT_EQ(judged(hmac), finding::good);
  hmac.who.secrets.pop_back();
  EXPECT_EQ(judged(hmac), finding::bad_signature);
}

TEST_F(signature, may_be_of_any_signer_and_says_of_which) {
  zendesk.who.name = "tickets";
  standard.who.name = "billing";
  const std::vector<signer> both{standard.who, zendesk.who};
  const auto tickets = verify(both, in(zendesk.headers), zendesk.body, at(zendesk.now));
  EXPECT_EQ(tickets.signer, "tickets");
  EXPECT_EQ(tickets.delivery, "8350205582");
  const auto billing = verify(both, in(standard.headers), standard.body, at(standard.now));
  EXPECT_EQ(billing.signer, "billing");
  EXPECT_EQ(billing.delivery, "msg_2aZQ");
}

TEST_F(signature, of_nobody_names_nobody) {
  const auto got = verify({&zendesk.who, 1}, in(zendesk.headers), "{}", at(zendesk.now));
  EXPECT_EQ(got.what, finding::bad_signature);
  EXPECT_EQ(got.signer + got.delivery, "");
}

TEST_F(signature, that_cannot_be_read_is_malformed) {
  zendesk.headers["X-Zendesk-Webhook-Signature"] = "no base64!";
  EXPECT_EQ(judged(zendesk), finding::malformed);
  hmac.headers["X-Hub-Signature-256"] = "sha256=" + std::string(64, 'g');
  EXPECT_EQ(judged(hmac), finding::malformed);
  stripe.headers["Stripe-Signature"] = ",,=,t=,v1=,";
  EXPECT_EQ(judged(stripe), finding::malformed);
}

TEST_F(signature, that_is_cut_short_is_no_signature) {
  hmac.headers["X-Hub-Signature-256"] = "sha256=";
  EXPECT_EQ(judged(hmac), finding::bad_signature);
  zendesk.headers["X-Zendesk-Webhook-Signature"] = "";
  EXPECT_EQ(judged(zendesk), finding::bad_signature);
}

TEST(secret_of_a_signer, is_refused_when_its_scheme_cannot_have_it) {
  EXPECT_FALSE(secret::of(scheme::hmac, ""));
  EXPECT_FALSE(secret::of(scheme::standard_webhooks, "whsec_"));
  EXPECT_FALSE(secret::of(scheme::standard_webhooks, "whsec_not base64"));
  EXPECT_TRUE(secret::of(scheme::stripe, "whsec_not base64"));
}

TEST(verdict_of_a_signature, has_a_name) {
  EXPECT_EQ(name(finding::not_signed), "not signed");
  EXPECT_EQ(name(finding::good), "good");
}

}  // namespace
}  // namespace ctxcache::changes
