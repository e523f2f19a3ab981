#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "support/shared_store_fixture.hpp"

namespace ctxcache::test {

TYPED_TEST_SUITE_P(shared_store_conformance);

TYPED_TEST_P(shared_store_conformance, a_lease_has_one_holder_at_a_time) {
  EXPECT_TRUE(this->hold("job", "a"));
  EXPECT_FALSE(this->hold("job", "b"));
  EXPECT_TRUE(this->hold("job", "a"));
  EXPECT_TRUE(this->hold("another", "b"));
}

TYPED_TEST_P(shared_store_conformance, a_lease_that_is_given_back_is_free) {
  ASSERT_TRUE(this->hold("job", "a"));
  this->release("job", "a");
  EXPECT_TRUE(this->hold("job", "b"));
}

TYPED_TEST_P(shared_store_conformance, nobody_gives_back_what_another_holds) {
  this->release("job", "a");  // nobody's
  ASSERT_TRUE(this->hold("job", "a"));
  this->release("job", "b");
  EXPECT_FALSE(this->hold("job", "b"));
}

TYPED_TEST_P(shared_store_conformance, a_lease_ends_with_its_term) {
  ASSERT_TRUE(this->hold("job", "a", std::chrono::milliseconds{20}));
  this->outlive(std::chrono::milliseconds{20});
  EXPECT_TRUE(this->hold("job", "b"));
  EXPECT_FALSE(this->hold("job", "a"));
  this->release("job", "a");
  EXPECT_FALSE(this->hold("job", "a")) << "a stale holder has given back another's lease";
}

TYPED_TEST_P(shared_store_conformance, a_lease_that_is_held_longer_outlives_its_first_term) {
  ASSERT_TRUE(this->hold("job", "a", std::chrono::milliseconds{20}));
  ASSERT_TRUE(this->hold("job", "a")) << "nobody else has it, be the first term over or not";
  this->outlive(std::chrono::milliseconds{20});
  EXPECT_FALSE(this->hold("job", "b"));
}

TYPED_TEST_P(shared_store_conformance, keeps_a_fact_and_overwrites_it) {
  EXPECT_EQ(this->get("fact"), std::nullopt);
  EXPECT_TRUE(this->put("fact", "one"));
  EXPECT_EQ(this->get("fact"), "one");
  EXPECT_TRUE(this->put("fact", "two"));
  EXPECT_EQ(this->get("fact"), "two");
  EXPECT_EQ(this->get("another"), std::nullopt);
}

TYPED_TEST_P(shared_store_conformance, forgets_a_fact_that_is_removed) {
  ASSERT_TRUE(this->put("fact", "value"));
  for (int i = 0; i < 2; ++i) {  // the second time there is nothing to do
    const auto done = this->run(this->store().remove("fact", this->soon()));
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_EQ(this->get("fact"), std::nullopt);
  }
}

TYPED_TEST_P(shared_store_conformance, a_fact_ends_with_its_life) {
  ASSERT_TRUE(this->put("short", "value", std::chrono::milliseconds{20}));
  ASSERT_TRUE(this->put("long", "value"));
  ASSERT_TRUE(this->put("shortened", "value"));
  ASSERT_TRUE(this->put("shortened", "again", std::chrono::milliseconds{20}));
  this->outlive(std::chrono::milliseconds{20});
  EXPECT_EQ(this->get("short"), std::nullopt);
  EXPECT_EQ(this->get("long"), "value");
  EXPECT_EQ(this->get("shortened"), std::nullopt);
}

TYPED_TEST_P(shared_store_conformance, keeps_every_byte) {
  const auto all = this->all_bytes();
  const auto name = all.substr(0, 128), other_name = all.substr(128);
  EXPECT_TRUE(this->put(name, all));
  EXPECT_EQ(this->get(name), all);
  EXPECT_TRUE(this->put("empty", ""));
  EXPECT_EQ(this->get("empty"), "");
  this->append(name, all);
  this->append(name, "");
  EXPECT_EQ(this->listed(name), (std::vector<std::string>{all, ""}));
  EXPECT_TRUE(this->take(name, all));
  EXPECT_TRUE(this->hold(name, other_name));
  EXPECT_FALSE(this->hold(name, name));
}

TYPED_TEST_P(shared_store_conformance, only_the_holder_puts_under_a_lease) {
  EXPECT_FALSE(this->put_under({"job", "a"}, "progress", "0")) << "nobody holds it";
  ASSERT_TRUE(this->hold("job", "a"));
  EXPECT_TRUE(this->put_under({"job", "a"}, "progress", "1"));
  EXPECT_FALSE(this->put_under({"job", "b"}, "progress", "2"));
  EXPECT_EQ(this->get("progress"), "1");
}

TYPED_TEST_P(shared_store_conformance, a_stale_holder_overwrites_nothing) {
  ASSERT_TRUE(this->hold("job", "a", std::chrono::milliseconds{20}));
  this->outlive(std::chrono::milliseconds{20});
  EXPECT_FALSE(this->put_under({"job", "a"}, "progress", "stale"));
  ASSERT_TRUE(this->hold("job", "b"));
  EXPECT_TRUE(this->put_under({"job", "b"}, "progress", "fresh"));
  EXPECT_FALSE(this->put_under({"job", "a"}, "progress", "stale"));
  EXPECT_EQ(this->get("progress"), "fresh");
}

TYPED_TEST_P(shared_store_conformance, keeps_the_end_of_a_list) {
  EXPECT_TRUE(this->listed("list").empty());
  for (const auto* const one : {"a", "b", "c", "d"}) this->append("list", one, 3);
  EXPECT_EQ(this->listed("list"), (std::vector<std::string>{"b", "c", "d"}));
  EXPECT_EQ(this->listed("list", 2), (std::vector<std::string>{"c", "d"}));
  EXPECT_EQ(this->listed("list", 10'000).size(), 3u);
  this->append("list", "e", 1);
  EXPECT_EQ(this->listed("list"), (std::vector<std::string>{"e"}));
}

TYPED_TEST_P(shared_store_conformance, takes_one_value_out_of_a_list) {
  for (const auto* const one : {"x", "y", "x"}) this->append("list", one);
  EXPECT_FALSE(this->take("list", "z"));
  EXPECT_TRUE(this->take("list", "x"));
  EXPECT_EQ(this->listed("list"), (std::vector<std::string>{"y", "x"}));
  EXPECT_TRUE(this->take("list", "x"));
  EXPECT_FALSE(this->take("list", "x"));
  EXPECT_TRUE(this->take("list", "y"));
  EXPECT_TRUE(this->listed("list").empty());
  EXPECT_FALSE(this->take("no such list", "x"));
}

TYPED_TEST_P(shared_store_conformance, replaces_one_value_of_a_list_in_one_step) {
  for (const auto* const one : {"x", "y", "x"}) this->append("list", one);
  EXPECT_FALSE(this->replace("list", "z", "a"));
  EXPECT_TRUE(this->replace("list", "x", "a"));
  EXPECT_EQ(this->listed("list"), (std::vector<std::string>{"y", "x", "a"}));
  this->append("other", "x");
  EXPECT_TRUE(this->replace("other", "x", "y")) << "a list of one goes on";
  EXPECT_EQ(this->listed("other"), std::vector<std::string>{"y"});
  EXPECT_FALSE(this->replace("no such list", "x", "a"));
  EXPECT_TRUE(this->listed("no such list").empty());
}

TYPED_TEST_P(shared_store_conformance, lists_no_more_than_16_mebibytes) {
  const std::string mebibyte(std::size_t{1} << 20, 'x');
  this->append("list", "oldest");
  for (int i = 0; i < 15; ++i) this->append("list", mebibyte);
  EXPECT_EQ(this->listed("list").size(), 16u);
  this->append("list", mebibyte);
  EXPECT_EQ(this->listed("list"), (std::vector<std::string>(16, mebibyte)));
  this->append("list", "newest");
  const auto found = this->listed("list");
  EXPECT_EQ(found.size(), 16u);
  EXPECT_EQ(found.back(), "newest");
}

TYPED_TEST_P(shared_store_conformance, counts_marked_places_once) {
  EXPECT_EQ(this->marked("set"), 0u);
  this->mark("set", {});
  EXPECT_EQ(this->marked("set"), 0u);
  this->mark("set", {0, 7, 7, (1u << 24) - 1});
  EXPECT_EQ(this->marked("set"), 3u);
  this->mark("set", {7, 8});
  EXPECT_EQ(this->marked("set"), 4u);
  EXPECT_EQ(this->marked("another"), 0u);
}

TYPED_TEST_P(shared_store_conformance, marks_many_places_at_once) {
  std::vector<std::uint32_t> places;
  for (std::uint32_t place = 0; place < 10'000; ++place) places.push_back(3 * place);
  this->mark("set", places);
  EXPECT_EQ(this->marked("set"), places.size());
}

TYPED_TEST_P(shared_store_conformance, marks_end_with_the_life_they_were_given_last) {
  const std::chrono::milliseconds life{20};
  this->mark("prolonged", {1}, life);
  const bool in_time = this->marked("prolonged") == 1;
  this->mark("prolonged", {2});
  this->mark("shortened", {1});
  this->mark("shortened", {2}, life);
  this->outlive(life);
  if (in_time) {
    EXPECT_GE(this->marked("prolonged"), 1u);
  }
  EXPECT_EQ(this->marked("shortened"), 0u);
}

TYPED_TEST_P(shared_store_conformance, things_of_different_kinds_share_a_name) {
  ASSERT_TRUE(this->hold("name", "a"));
  ASSERT_TRUE(this->put("name", "fact"));
  this->append("name", "value");
  this->mark("name", {1, 2});
  EXPECT_FALSE(this->hold("name", "b"));
  EXPECT_EQ(this->get("name"), "fact");
  EXPECT_EQ(this->listed("name"), (std::vector<std::string>{"value"}));
  EXPECT_EQ(this->marked("name"), 2u);
}

TYPED_TEST_P(shared_store_conformance, names_have_1_to_256_bytes) {
  auto& store = this->store();
  EXPECT_TRUE(this->put(std::string(256, 'n'), "value"));
  EXPECT_TRUE(this->hold("job", std::string(256, 'h')));
  for (const auto& name : {std::string{}, std::string(257, 'n')}) {
    const auto until = this->soon();
    EXPECT_EQ(this->run(store.hold({name, "a"}, this->hour, until)).error(), errc::invalid_request);
    EXPECT_EQ(this->run(store.hold({"job", name}, this->hour, until)).error(), errc::invalid_request);
    EXPECT_EQ(this->run(store.release({name, "a"}, until)).error(), errc::invalid_request);
    EXPECT_EQ(this->run(store.get(name, until)).error(), errc::invalid_request);
    EXPECT_EQ(this->run(store.put({name, "", this->hour}, {}, until)).error(), errc::invalid_request);
    EXPECT_EQ(this->run(store.put({"f", "", this->hour}, lease{"job", name}, until)).error(),
              errc::invalid_request);
    EXPECT_EQ(this->run(store.remove(name, until)).error(), errc::invalid_request);
    EXPECT_EQ(this->run(store.append(name, "", 1, until)).error(), errc::invalid_request);
    EXPECT_EQ(this->run(store.list(name, 1, until)).error(), errc::invalid_request);
    EXPECT_EQ(this->run(store.take(name, "", until)).error(), errc::invalid_request);
    EXPECT_EQ(this->run(store.replace(name, "", "", until)).error(), errc::invalid_request);
    EXPECT_EQ(this->run(store.mark(name, {}, this->hour, until)).error(), errc::invalid_request);
    EXPECT_EQ(this->run(store.marked(name, until)).error(), errc::invalid_request);
  }
}

TYPED_TEST_P(shared_store_conformance, values_have_at_most_1_mebibyte) {
  const std::string largest(std::size_t{1} << 20, 'x');
  EXPECT_TRUE(this->put("fact", largest));
  EXPECT_EQ(this->get("fact"), largest);
  const auto more = largest + "x";
  EXPECT_EQ(this->run(this->store().put({"fact", more, this->hour}, {}, this->soon())).error(),
            errc::too_large);
  EXPECT_EQ(this->run(this->store().append("list", more, 1, this->soon())).error(), errc::too_large);
  EXPECT_EQ(this->run(this->store().replace("list", "x", more, this->soon())).error(), errc::too_large);
  EXPECT_EQ(this->get("fact"), largest);
  EXPECT_TRUE(this->listed("list").empty());
}

TYPED_TEST_P(shared_store_conformance, refuses_lives_and_numbers_that_cannot_be_meant) {
  auto& store = this->store();
  const auto until = this->soon();
  for (const std::chrono::milliseconds life :
       {std::chrono::milliseconds{0}, std::chrono::milliseconds{-1}, std::chrono::milliseconds::max()}) {
    EXPECT_EQ(this->run(store.hold({"job", "a"}, life, until)).error(), errc::invalid_request);
    EXPECT_EQ(this->run(store.put({"fact", "", life}, {}, until)).error(), errc::invalid_request);
    EXPECT_EQ(this->run(store.mark("set", {1}, life, until)).error(), errc::invalid_request);
  }
  for (const std::size_t most : {std::size_t{0}, std::size_t{10'001}}) {
    EXPECT_EQ(this->run(store.append("list", "", most, until)).error(), errc::invalid_request);
    EXPECT_EQ(this->run(store.list("list", most, until)).error(), errc::invalid_request);
  }
  EXPECT_EQ(this->run(store.mark("set", {1, 1u << 24}, this->hour, until)).error(), errc::invalid_request);
  EXPECT_EQ(this->marked("set"), 0u);
}

TYPED_TEST_P(shared_store_conformance, a_passed_deadline_is_a_timeout) {
  auto& store = this->store();
  const auto late = this->passed();
  EXPECT_EQ(this->run(store.hold({"job", "a"}, this->hour, late)).error(), errc::l2_timeout);
  EXPECT_EQ(this->run(store.release({"job", "a"}, late)).error(), errc::l2_timeout);
  EXPECT_EQ(this->run(store.get("fact", late)).error(), errc::l2_timeout);
  EXPECT_EQ(this->run(store.put({"fact", "", this->hour}, {}, late)).error(), errc::l2_timeout);
  EXPECT_EQ(this->run(store.remove("fact", late)).error(), errc::l2_timeout);
  EXPECT_EQ(this->run(store.append("list", "", 1, late)).error(), errc::l2_timeout);
  EXPECT_EQ(this->run(store.list("list", 1, late)).error(), errc::l2_timeout);
  EXPECT_EQ(this->run(store.take("list", "", late)).error(), errc::l2_timeout);
  EXPECT_EQ(this->run(store.replace("list", "", "", late)).error(), errc::l2_timeout);
  EXPECT_EQ(this->run(store.mark("set", {1}, this->hour, late)).error(), errc::l2_timeout);
  EXPECT_EQ(this->run(store.marked("set", late)).error(), errc::l2_timeout);
  EXPECT_TRUE(this->hold("job", "b"));  // none of it happened, and the next call works
  EXPECT_EQ(this->get("fact"), std::nullopt);
}

REGISTER_TYPED_TEST_SUITE_P(shared_store_conformance, a_lease_has_one_holder_at_a_time,
                            a_lease_that_is_given_back_is_free, nobody_gives_back_what_another_holds,
                            a_lease_ends_with_its_term, a_lease_that_is_held_longer_outlives_its_first_term,
                            keeps_a_fact_and_overwrites_it, forgets_a_fact_that_is_removed,
                            a_fact_ends_with_its_life, keeps_every_byte, only_the_holder_puts_under_a_lease,
                            a_stale_holder_overwrites_nothing, keeps_the_end_of_a_list,
                            takes_one_value_out_of_a_list, replaces_one_value_of_a_list_in_one_step,
                            lists_no_more_than_16_mebibytes, counts_marked_places_once,
                            marks_many_places_at_once, marks_end_with_the_life_they_were_given_last,
                            things_of_different_kinds_share_a_name, names_have_1_to_256_bytes,
                            values_have_at_most_1_mebibyte, refuses_lives_and_numbers_that_cannot_be_meant,
                            a_passed_deadline_is_a_timeout);

}  // namespace ctxcache::test
