#include "providers/segment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "providers/invalid_options.hpp"
#include "providers/pg_sql.hpp"

namespace ctxcache::providers {
namespace {

namespace asio = boost::asio;

constexpr std::size_t page_size_max = 5'000;

// What a page goes on behind: an id, and how SQLite stores it, where every number is less than every text.
// As text its first byte says which it is.
struct place {
  bool number = false;
  std::string id{};
};

std::string text_of(const place& last) {
  return (last.number ? 'n' : 't') + last.id;
}

std::optional<place> parse_place(std::string_view text) {
  if (text.size() < 2 || (text[0] != 'n' && text[0] != 't')) return std::nullopt;
  return place{.number = text[0] == 'n', .id = std::string{text.substr(1)}};
}

// `behind` is a condition on ctx_id. The order and that condition compare alike, as both are about the same
// column: whatever its type and collation.
std::string page_statement(const segment_options& of, std::string_view behind) {
  const auto query = statement_body(of.query);
  // The line breaks end a comment on the query's last line.
  if (of.dialect == sql_dialect::postgres) {
    // Not `between 1 and`, which the planner takes for so rare that it sorts the whole list for each page.
    return fmt::format(
        "select ctx_id::text as id, false as number from (\n{}\n) ctx_segment(ctx_id) where {} "
        "and ctx_id::text <> '' and octet_length(ctx_id::text) <= {} order by ctx_id limit {}",
        query, behind, id_bytes_max, of.page_size);
  }
  return fmt::format(
      "with ctx_segment(ctx_id) as (\n{}\n) "
      "select cast(ctx_id as text) as id, typeof(ctx_id) = 'integer' as number from ctx_segment where {} "
      "and typeof(ctx_id) in ('integer', 'text') and length(cast(ctx_id as blob)) between 1 and {} "
      "order by ctx_id limit {}",
      query, behind, id_bytes_max, of.page_size);
}

class segment final : public customer_list {
 public:
  segment(std::shared_ptr<provider> asked, const segment_options& options)
      : asked_(std::move(asked)),
        page_size_(options.page_size),
        first_(page_query(options, "ctx_id is not null")),
        after_text_(page_query(options, "ctx_id > $1")),
        // The provider binds texts. The sign takes the cast's affinity away, which would turn texts of the
        // column that look like numbers into numbers.
        after_number_(page_query(options, "ctx_id > +cast($1 as integer)")) {}

  [[nodiscard]] asio::awaitable<result<page>> next(std::string after, deadline until) override {
    const section_query* query = &first_;
    place from{.id = "-"};  // the first page does not look at it
    if (!after.empty()) {
      auto parsed = parse_place(after);
      if (!parsed) co_return errc::provider_failed;
      from = std::move(*parsed);
      query = from.number ? &after_number_ : &after_text_;
    }
    auto wanted = key::make({.customer_id = from.id, .agent_type = "segment"});
    if (!wanted) co_return errc::provider_failed;
    const auto rows = co_await asked_->ask(*query, std::move(*wanted), until);
    if (!rows) co_return rows.error();
    co_return page_of(rows->json);
  }

 private:
  [[nodiscard]] static section_query page_query(const segment_options& of, std::string_view behind) {
    return {.name = "segment " + of.name,
            .text = page_statement(of, behind),
            .shape = section_shape::rows,
            .timeout = of.timeout};
  }

  [[nodiscard]] result<page> page_of(const std::string& rows) const {
    error_code malformed;
    const auto parsed = boost::json::parse(rows, malformed);
    if (malformed || !parsed.is_array()) return errc::provider_failed;
    page out;
    place last;
    for (const auto& row : parsed.get_array()) {
      const auto& number = row.at("number");
      last = {.number = number == true || number == 1, .id = std::string{row.at("id").as_string()}};
      if (out.ids.empty() || out.ids.back() != last.id) out.ids.push_back(last.id);
    }
    if (parsed.get_array().size() == page_size_) out.last = text_of(last);
    return out;
  }

  const std::shared_ptr<provider> asked_;
  const std::size_t page_size_;
  const section_query first_;
  const section_query after_text_;
  const section_query after_number_;
};

class id_list final : public customer_list {
 public:
  id_list(std::vector<std::string> ids, std::size_t page_size) : page_size_(page_size) {
    std::unordered_set<std::string> seen;
    for (auto& id : ids) {
      if (seen.insert(id).second) ids_.push_back(std::move(id));
    }
  }

  [[nodiscard]] asio::awaitable<result<page>> next(std::string after, deadline) override {
    std::size_t begin = 0;
    if (!after.empty()) {
      const auto* const end = after.data() + after.size();
      const auto read = std::from_chars(after.data(), end, begin);
      if (read.ec != std::errc{} || read.ptr != end) co_return errc::provider_failed;
    }
    begin = std::min(begin, ids_.size());  // a list that became shorter since
    const auto end = begin + std::min(page_size_, ids_.size() - begin);
    page out;
    for (auto i = begin; i < end; ++i) out.ids.push_back(ids_[i]);
    if (end < ids_.size()) out.last = std::to_string(end);
    co_return out;
  }

 private:
  std::vector<std::string> ids_;
  const std::size_t page_size_;
};

bool possible(std::size_t page_size) {
  return page_size >= 1 && page_size <= page_size_max;
}

}  // namespace

std::shared_ptr<customer_list> make_segment(std::shared_ptr<provider> asked, const segment_options& options) {
  if (statement_body(options.query).empty())
    throw invalid_options("segment " + options.name + ": the query is empty");
  if (mentions_parameter(options.query, '1') || mentions_parameter(options.query, '2'))
    throw invalid_options("segment " + options.name + ": a segment's query has no parameters");
  if (!possible(options.page_size))
    throw invalid_options("segment " + options.name + ": the page size is not 1 to 5000");
  return std::make_shared<segment>(std::move(asked), options);
}

std::shared_ptr<customer_list> list_of(std::vector<std::string> ids, std::size_t page_size) {
  if (!possible(page_size)) throw invalid_options("a list of ids: the page size is not 1 to 5000");
  return std::make_shared<id_list>(std::move(ids), page_size);
}

}  // namespace ctxcache::providers
