#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load_fixture.hpp"

namespace config = ctxcache::config;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace {

class signatures : public config::load_fixture {};

}  // namespace

TEST_F(signatures, every_key_reaches_its_place) {
  from_.variables = {{"NEW", "whsec_bmV3"}, {"OLD", "b2xk"}, {"STRIPE", "whsec_not base64"}, {"OWN", "x"}};
  const auto made = from_file(R"([signature.crm]
scheme = "standard-webhooks"
secrets = ["${NEW}", "${OLD}"]
tolerance = "1m"
[signature.billing]
scheme = "stripe"
secrets = ["${STRIPE}"]
[signature.desk]
scheme = "zendesk"
secrets = ["plain"]
[signature.own]
scheme = "hmac"
secrets = ["${OWN}"]
header = "X-Signature"
)");
  ASSERT_THAT(texts(made.errors), IsEmpty());
  ASSERT_EQ(made.config.signatures.size(), 4u);
  const auto& crm = made.config.signatures[0];
  EXPECT_EQ(crm.name, "crm");
  EXPECT_EQ(crm.scheme, config::signature_scheme::standard_webhooks);
  EXPECT_THAT(crm.secrets, ElementsAre("whsec_bmV3", "b2xk"));
  EXPECT_EQ(crm.tolerance, 1min);
  EXPECT_EQ(made.config.signatures[1].scheme, config::signature_scheme::stripe);
  EXPECT_EQ(made.config.signatures[1].tolerance, 5min);
  EXPECT_EQ(made.config.signatures[2].scheme, config::signature_scheme::zendesk);
  EXPECT_EQ(made.config.signatures[3].scheme, config::signature_scheme::hmac);
  EXPECT_EQ(made.config.signatures[3].header, "X-Signature");
}

TEST_F(signatures, secrets_are_never_shown) {
  from_.variables = {{"A", "canary-a"}, {"B", "whsec_canary!"}};
  const auto made = from_file(
      "[signature.a]\nscheme = \"stripe\"\nsecrets = [\"${A}\", \"canary-b\"]\n"
      "[signature.b]\nscheme = \"standard-webhooks\"\nsecrets = [\"${B}\"]\n");
  for (const auto& one : made.values) EXPECT_THAT(one.value, Not(HasSubstr("canary"))) << one.name;
  EXPECT_EQ(shown(made, "signature.a.secrets"), "***,*** (line 3)");
  EXPECT_THAT(texts(made.errors),
              ElementsAre("6:12: secrets: a secret of Standard Webhooks is \"whsec_\" and base64 behind it"));
}

TEST_F(signatures, mistakes) {
  const auto made = from_file(R"([signature.a]
[signature.b]
scheme = "strpie"
secrets = []
[signature.c]
scheme = "stripe"
secrets = ["", "${NO}"]
header = "X"
tolerance = "999ms"
[signature.d]
scheme = "hmac"
secrets = ["x"]
tolerance = "1m"
[signature.e]
scheme = "hmac"
secrets = ["x"]
header = "a b"
[signature.f]
scheme = "zendesk"
secrets = ["x"]
tolerance = "2h"
tolerence = 1
[signature.g]
scheme = "standard-webhooks"
secrets = ["whsec_", "abc", "ab=c", "a===", "YWI="]
)");
  const std::string base64 = "secrets: a secret of Standard Webhooks is \"whsec_\" and base64 behind it";
  EXPECT_THAT(
      texts(made.errors),
      ElementsAre(
          "1:12: scheme is missing: \"standard-webhooks\", \"stripe\", \"zendesk\" or \"hmac\"",
          "1:12: secrets is missing",
          "3:10: scheme: expected one of \"standard-webhooks\", \"stripe\", \"zendesk\", \"hmac\", got "
          "\"strpie\"; did you mean \"stripe\"?",
          "4:11: secrets: needs at least one", "7:12: secrets: is empty",
          "7:16: secrets: neither NO nor NO_FILE is set in the environment",
          "8:10: header: only for the scheme \"hmac\"", "9:13: tolerance: must be at least 1s",
          "10:12: header is missing: the one that carries an \"hmac\" signature",
          "13:13: tolerance: an \"hmac\" signature carries no time",
          "17:10: header: is not a name of a header", "21:13: tolerance: must be at most 1h",
          "22:1: unknown key \"tolerence\"; did you mean \"tolerance\"?", "25:12: " + base64,
          "25:22: " + base64, "25:29: " + base64, "25:37: " + base64));
}
