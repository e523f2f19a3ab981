#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ctxcache/l2_cache.hpp"
#include "support/run_coroutine.hpp"

namespace ctxcache::test {

/// What every l2_cache that keeps anything must do. `Subject` is default-constructible, empty at first, and
/// has `boost::asio::io_context& loop()`, `l2_cache& cache()` and `const clock& time()`.
///
///     INSTANTIATE_TYPED_TEST_SUITE_P(fake, l2_conformance, fake_subject);
template <class Subject>
class l2_conformance : public testing::Test {
 protected:
  l2_conformance() = default;
  ~l2_conformance() override { run(cache().stop()); }

  l2_cache& cache() { return subject_.cache(); }
  time_point now() { return subject_.time().now(); }
  deadline soon() { return deadline::after(now(), std::chrono::seconds{10}); }
  template <class T>
  T run(boost::asio::awaitable<T> work) {
    return run_coroutine(subject_.loop(), std::move(work));
  }

  static key key_of(const std::string& customer) { return *key::make({customer, "support"}); }
  entry_ptr value(std::string body, position stamp, std::chrono::seconds life = std::chrono::seconds{100}) {
    auto made = std::make_shared<entry>();
    made->etag = etag_of(body);
    made->body = std::move(body);
    made->stamp = stamp;
    made->loaded_at = now();
    made->load_duration = std::chrono::milliseconds{7};
    made->expires_at = now() + life;
    made->own = true;
    return made;
  }
  result<bool> put(const key& where, entry_ptr what) {
    return run(cache().put(where, std::move(what), soon()));
  }
  result<l2_cache::hit> get(const key& wanted) { return run(cache().get(wanted, soon())); }

  std::multiset<std::string> scan_all(const std::string& glob) {
    std::multiset<std::string> texts;
    std::uint64_t cursor = 0;
    do {
      const auto page = run(cache().scan(glob, cursor, soon()));
      EXPECT_TRUE(page) << page.error().message();
      if (!page) break;
      for (const auto& one : page->keys) texts.insert(one.text());
      cursor = page->cursor;
    } while (cursor != 0);
    return texts;
  }

 private:
  Subject subject_;
};

TYPED_TEST_SUITE_P(l2_conformance);

TYPED_TEST_P(l2_conformance, an_absent_key_is_a_miss) {
  const auto found = this->get(this->key_of("nobody"));
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(*found, nullptr);
}

TYPED_TEST_P(l2_conformance, gives_back_what_was_put) {
  const auto where = this->key_of("cust_1");
  const auto stored = this->value(R"({"a":1})", {.epoch = 9, .sequence = 4});
  const auto done = this->put(where, stored);
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_TRUE(*done);

  const auto found = this->get(where);
  ASSERT_TRUE(found) << found.error().message();
  ASSERT_NE(*found, nullptr);
  EXPECT_EQ((*found)->body, stored->body);
  EXPECT_EQ((*found)->etag, stored->etag);
  EXPECT_EQ((*found)->stamp, stored->stamp);
  EXPECT_EQ((*found)->load_duration, stored->load_duration);
  EXPECT_FALSE((*found)->own);
  EXPECT_GT((*found)->expires_at, this->now());
  EXPECT_LE((*found)->expires_at, stored->expires_at + std::chrono::milliseconds{1'000});
}

TYPED_TEST_P(l2_conformance, gives_back_a_large_value) {
  std::string body(3'000'000, 'x');
  for (std::size_t i = 0; i < body.size(); i += 7) body[i] = static_cast<char>('a' + (i * i / 49) % 26);
  ASSERT_TRUE(this->put(this->key_of("large"), this->value(body, {1, 1})));
  const auto found = this->get(this->key_of("large"));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->body, body);
}

TYPED_TEST_P(l2_conformance, tells_a_conversation_from_the_key_without_one) {
  const auto plain = *key::make({"c", "support"});
  const auto conversation = *key::make({"c", "support", "1"});
  ASSERT_TRUE(this->put(conversation, this->value("{}", {1, 1})));
  EXPECT_EQ(*this->get(plain), nullptr);
  EXPECT_NE(*this->get(conversation), nullptr);
}

TYPED_TEST_P(l2_conformance, answers_many_in_the_order_asked) {
  ASSERT_TRUE(this->put(this->key_of("a"), this->value(R"({"is":"a"})", {1, 1})));
  ASSERT_TRUE(this->put(this->key_of("c"), this->value(R"({"is":"c"})", {1, 1})));
  const std::vector<key> wanted{this->key_of("c"), this->key_of("b"), this->key_of("a"), this->key_of("c")};
  const auto found = this->run(this->cache().get_many(wanted, this->soon()));
  ASSERT_EQ(found.size(), 4u);
  for (const auto& one : found) ASSERT_TRUE(one) << one.error().message();
  EXPECT_EQ((*found[0])->body, R"({"is":"c"})");
  EXPECT_EQ(*found[1], nullptr);
  EXPECT_EQ((*found[2])->body, R"({"is":"a"})");
  EXPECT_EQ((*found[3])->body, R"({"is":"c"})");
  EXPECT_NE((*found[0]).get(), (*found[3]).get());
}

TYPED_TEST_P(l2_conformance, answers_nothing_when_asked_for_nothing) {
  EXPECT_TRUE(this->run(this->cache().get_many({}, this->soon())).empty());
}

TYPED_TEST_P(l2_conformance, keeps_a_higher_stamp_of_the_same_epoch) {
  const auto where = this->key_of("k");
  ASSERT_TRUE(*this->put(where, this->value("[1]", {7, 256})));  // 256 and 255 differ in two bytes
  const auto lower = this->put(where, this->value("[2]", {7, 255}));
  ASSERT_TRUE(lower) << lower.error().message();
  EXPECT_FALSE(*lower);
  EXPECT_EQ((*this->get(where))->body, "[1]");
}

TYPED_TEST_P(l2_conformance, replaces_an_equal_or_lower_stamp_of_the_same_epoch) {
  const auto where = this->key_of("k");
  ASSERT_TRUE(*this->put(where, this->value("[1]", {7, 128})));
  EXPECT_TRUE(*this->put(where, this->value("[2]", {7, 128})));
  EXPECT_EQ((*this->get(where))->body, "[2]");
  EXPECT_TRUE(*this->put(where, this->value("[3]", {7, std::uint64_t{1} << 63})));
  EXPECT_EQ((*this->get(where))->body, "[3]");
}

TYPED_TEST_P(l2_conformance, replaces_any_stamp_of_another_epoch) {
  const auto where = this->key_of("k");
  ASSERT_TRUE(*this->put(where, this->value("[1]", {8, 1'000})));
  EXPECT_TRUE(*this->put(where, this->value("[2]", {7, 1})));
  EXPECT_EQ((*this->get(where))->body, "[2]");
}

TYPED_TEST_P(l2_conformance, stores_nothing_that_has_expired) {
  const auto where = this->key_of("k");
  const auto done = this->put(where, this->value("{}", {1, 1}, std::chrono::seconds{0}));
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_FALSE(*done);
  EXPECT_EQ(*this->get(where), nullptr);
}

TYPED_TEST_P(l2_conformance, unlinks_and_counts_those_that_were_there) {
  std::vector<key> gone;
  for (int i = 0; i < 1'100; ++i) gone.push_back(this->key_of("c" + std::to_string(i)));
  for (const int i : {0, 511, 512, 1'099}) {
    ASSERT_TRUE(this->put(gone[static_cast<std::size_t>(i)], this->value("{}", {1, 1})));
  }
  ASSERT_TRUE(this->put(this->key_of("other"), this->value("{}", {1, 1})));
  const auto count = this->run(this->cache().unlink(gone, {1, 2}, this->soon()));
  ASSERT_TRUE(count) << count.error().message();
  EXPECT_EQ(*count, 4u);
  EXPECT_EQ(*this->get(gone[512]), nullptr);
  EXPECT_NE(*this->get(this->key_of("other")), nullptr);
  EXPECT_EQ(*this->run(this->cache().unlink({}, {1, 2}, this->soon())), 0u);
}

TYPED_TEST_P(l2_conformance, unlinks_only_what_an_invalidation_forbids) {
  const auto older = this->key_of("older"), same = this->key_of("same"), newer = this->key_of("newer"),
             other_epoch = this->key_of("other_epoch");
  ASSERT_TRUE(this->put(older, this->value("{}", {7, 255})));
  ASSERT_TRUE(this->put(same, this->value("{}", {7, 256})));
  ASSERT_TRUE(this->put(newer, this->value("{}", {7, 257})));
  ASSERT_TRUE(this->put(other_epoch, this->value("{}", {8, 1'000})));
  const auto count =
      this->run(this->cache().unlink({older, same, newer, other_epoch}, {7, 256}, this->soon()));
  ASSERT_TRUE(count) << count.error().message();
  EXPECT_EQ(*count, 2u);
  EXPECT_EQ(*this->get(older), nullptr);
  EXPECT_NE(*this->get(same), nullptr);
  EXPECT_NE(*this->get(newer), nullptr);
  EXPECT_EQ(*this->get(other_epoch), nullptr);
}

TYPED_TEST_P(l2_conformance, scans_what_matches_and_nothing_else) {
  std::set<std::string> expected;
  for (int i = 0; i < 40; ++i) {
    const auto where = this->key_of("s" + std::to_string(i));
    expected.insert(where.text());
    ASSERT_TRUE(this->put(where, this->value("{}", {1, 1})));
  }
  ASSERT_TRUE(this->put(*key::make({"s1", "billing"}), this->value("{}", {1, 1})));
  const auto found = this->scan_all("context:s*:support");
  EXPECT_EQ(std::set<std::string>(found.begin(), found.end()), expected);
  EXPECT_TRUE(this->scan_all("context:t*").empty());
}

TYPED_TEST_P(l2_conformance, a_passed_deadline_is_a_timeout) {
  const deadline passed{this->now()};
  EXPECT_EQ(this->run(this->cache().get(this->key_of("k"), passed)).error(), errc::l2_timeout);
  EXPECT_EQ(this->run(this->cache().put(this->key_of("k"), this->value("{}", {1, 1}), passed)).error(),
            errc::l2_timeout);
  // It is nobody's fault: the next call works.
  EXPECT_TRUE(this->get(this->key_of("k")));
}

TYPED_TEST_P(l2_conformance, reports_itself_up) {
  ASSERT_TRUE(this->get(this->key_of("k")));
  EXPECT_EQ(this->cache().report().now, l2_cache::health::state::up);
}

REGISTER_TYPED_TEST_SUITE_P(l2_conformance, an_absent_key_is_a_miss, gives_back_what_was_put,
                            gives_back_a_large_value, tells_a_conversation_from_the_key_without_one,
                            answers_many_in_the_order_asked, answers_nothing_when_asked_for_nothing,
                            keeps_a_higher_stamp_of_the_same_epoch,
                            replaces_an_equal_or_lower_stamp_of_the_same_epoch,
                            replaces_any_stamp_of_another_epoch, stores_nothing_that_has_expired,
                            unlinks_and_counts_those_that_were_there,
                            unlinks_only_what_an_invalidation_forbids, scans_what_matches_and_nothing_else,
                            a_passed_deadline_is_a_timeout, reports_itself_up);

}  // namespace ctxcache::test
