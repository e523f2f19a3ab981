#include "changes/dead_letters.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>

#include "base/try.hpp"

namespace ctxcache::changes {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr const char* list_name = "dead-letters";

using milliseconds_since_epoch = std::chrono::sys_time<std::chrono::milliseconds>;

[[nodiscard]] std::optional<std::string> text_at(const json::object& from, json::string_view member) {
  const auto* value = from.if_contains(member);
  const auto* text = value == nullptr ? nullptr : value->if_string();
  if (text == nullptr) return std::nullopt;
  return std::string{text->data(), text->size()};
}

}  // namespace

std::string to_text(const dead_letter& one) {
  json::object out;
  out["number"] = one.number;
  out["at"] = std::chrono::floor<std::chrono::milliseconds>(one.at).time_since_epoch().count();
  out["why"] = one.why;
  out["type"] = one.what.type;
  out["source"] = one.what.source;
  out["id"] = one.what.id;
  out["document"] = one.what.document;
  return json::serialize(out);
}

std::optional<dead_letter> letter_from(const std::string& text) {
  boost::system::error_code error;
  const auto parsed = json::parse(text, error);
  const auto* object = error ? nullptr : parsed.if_object();
  if (object == nullptr) return std::nullopt;
  const auto* at = object->if_contains("at");
  const auto number = text_at(*object, "number");
  const auto why = text_at(*object, "why");
  const auto type = text_at(*object, "type");
  const auto source = text_at(*object, "source");
  const auto id = text_at(*object, "id");
  const auto document = text_at(*object, "document");
  const bool whole = at != nullptr && at->is_int64() && number && why && type && source && id && document;
  if (!whole) return std::nullopt;
  return dead_letter{.number = *number,
                     .why = *why,
                     .what = {.type = *type, .source = *source, .id = *id, .document = *document},
                     .at = milliseconds_since_epoch{std::chrono::milliseconds{at->get_int64()}}};
}

asio::awaitable<result<void>> dead_letter_list::add(dead_letter one, deadline until) {
  if (one.what.document.size() > kept_document_bytes_max) {
    one.what.document.clear();
    one.why += "; its document is too long to be kept for a replay";
  }
  std::string list = list_name;
  auto text = to_text(one);
  co_return co_await shared_->append(std::move(list), std::move(text), most_, until);
}

asio::awaitable<result<std::vector<dead_letter>>> dead_letter_list::all(deadline until) {
  std::string list = list_name;
  const auto texts = co_await shared_->list(std::move(list), most_, until);
  if (!texts) co_return texts.error();
  std::vector<dead_letter> out;
  for (const auto& text : *texts) {
    if (auto one = letter_from(text)) out.push_back(*std::move(one));
  }
  co_return out;
}

asio::awaitable<result<std::optional<dead_letter_list::stored>>> dead_letter_list::find(std::string number,
                                                                                        deadline until) {
  using found = std::optional<stored>;
  std::string list = list_name;
  const auto texts = co_await shared_->list(std::move(list), most_, until);
  if (!texts) co_return texts.error();
  for (const auto& text : *texts) {
    auto one = letter_from(text);
    if (one && one->number == number) co_return found{stored{text, *std::move(one)}};
  }
  co_return found{};
}

asio::awaitable<result<void>> dead_letter_list::remove(stored one, deadline until) {
  std::string list = list_name;
  const auto taken = co_await shared_->take(std::move(list), std::move(one.text), until);
  if (!taken) co_return taken.error();
  co_return result<void>{};
}

}  // namespace ctxcache::changes
