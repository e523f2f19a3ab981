#include "changes/dead_letters.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "changes/changes_test_support.hpp"

namespace ctxcache::changes {
namespace {

class list_of_letters : public test::intake_fixture {
 protected:
  static dead_letter letter(std::string number, std::string document = "{}") {
    return {.number = std::move(number),
            .why = "why \"not\"",
            .what = {.type = "t", .source = "s", .id = "i", .document = std::move(document)},
            .at = {}};
  }

  dead_letter_list letters{store, 10};
};

TEST_F(list_of_letters, gives_back_what_was_put_in) {
  auto one = letter("1", R"({"name":"Zoë","n":"a\nb\\"})");
  one.at = std::chrono::system_clock::time_point{std::chrono::milliseconds{1'763'800'000'123}};
  ASSERT_TRUE(run(letters.add(one, {})));
  const auto all = run(letters.all({}));
  ASSERT_EQ(all->size(), 1u);
  const auto& got = all->front();
  EXPECT_EQ(got.number + got.why + got.what.type + got.what.source + got.what.id, "1why \"not\"tsi");
  EXPECT_EQ(got.what.document, one.what.document);
  EXPECT_EQ(got.at, one.at);
}

TEST_F(list_of_letters, leaves_a_long_document_out_and_says_so) {
  const std::string longest(dead_letter_list::kept_document_bytes_max, 'x');
  ASSERT_TRUE(run(letters.add(letter("1", longest), {})));
  ASSERT_TRUE(run(letters.add(letter("2", longest + 'x'), {})));
  const auto all = run(letters.all({}));
  EXPECT_EQ(all->at(0).what.document, longest);
  EXPECT_EQ(all->at(1).what.document, "");
  EXPECT_EQ(all->at(1).why, "why \"not\"; its document is too long to be kept for a replay");
}

TEST_F(list_of_letters, passes_over_what_is_no_letter) {
  const auto good = to_text(letter("1"));
  for (const std::string& text : {std::string{}, std::string{"{}"}, std::string{"[1]"}, std::string{"\xff"},
                                  good.substr(0, good.size() - 1), good})
    ASSERT_TRUE(run(store->append("dead-letters", text, 10, {})));
  EXPECT_EQ(run(letters.all({}))->size(), 1u);
}

TEST_F(list_of_letters, removes_the_one_that_is_meant) {
  for (const auto* number : {"1", "2", "3"}) ASSERT_TRUE(run(letters.add(letter(number), {})));
  const auto found = run(letters.find("2", {}));
  ASSERT_TRUE(found && *found);
  ASSERT_TRUE(run(letters.remove(**found, {})));
  EXPECT_FALSE(*run(letters.find("2", {})));
  EXPECT_EQ(run(letters.all({}))->size(), 2u);
}

TEST_F(list_of_letters, says_when_it_cannot_be_reached) {
  store->down = true;
  EXPECT_EQ(run(letters.add(letter("1"), {})).error(), errc::l2_unavailable);
  EXPECT_EQ(run(letters.remove({"", letter("1")}, {})).error(), errc::l2_unavailable);
}

TEST(text_of_a_letter, is_read_as_nothing_when_it_is_cut) {
  const auto whole = to_text({.number = "1", .why = "w", .what = {.type = "t", .document = "{}"}, .at = {}});
  const bool holds = rc::check([&] {
    const auto end = *rc::gen::inRange<std::size_t>(0, whole.size());
    RC_ASSERT(!letter_from(whole.substr(0, end)));
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace ctxcache::changes
