// POST /api/v1/context/batch.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <iterator>
#include <utility>
#include <vector>

#include "base/try.hpp"
#include "http/context_answer.hpp"
#include "http/handlers.hpp"
#include "http/json_body.hpp"

namespace ctxcache::http {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::size_t keys_max = 256;

[[nodiscard]] parsed<std::vector<named_ids>> read_keys(std::string_view body) {
  const auto document = parse_json(body);
  if (!document) return problem{400, "invalid_request", "the body is not JSON"};
  const auto* object = document->if_object();
  if (object == nullptr) return fault_at("", "must be an object with the member keys");
  const object_reader whole{*object, ""};
  if (auto wrong = whole.only({"keys"})) return std::move(*wrong);
  const auto* keys = object->if_contains("keys");
  const auto* list = keys == nullptr ? nullptr : keys->if_array();
  if (list == nullptr || list->empty() || list->size() > keys_max)
    return fault_at("/keys", "must be a list of 1 to 256 objects");
  std::vector<named_ids> out;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto pointer = "/keys/" + std::to_string(i);
    const auto* one = (*list)[i].if_object();
    if (one == nullptr) return fault_at(pointer, "must be an object");
    const object_reader from{*one, pointer};
    if (auto wrong = from.only({"customer_id", "agent_type", "conversation_id"})) return std::move(*wrong);
    CTX_TRY(auto ids, read_ids(from));
    if (!ids.agent_type) return fault_at(from.pointer_to("agent_type"), "is missing");
    out.push_back(std::move(ids));
  }
  return out;
}

[[nodiscard]] result<key> key_of(const service& on, const named_ids& ids) {
  if (!on.cache.knows_agent_type(*ids.agent_type)) return errc::unknown_agent_type;
  key_ids names{.customer_id = ids.customer_id, .agent_type = *ids.agent_type};
  if (ids.conversation_id) names.conversation_id = *ids.conversation_id;
  return key::make(names);
}

// The answer is put together by hand, because it carries the documents byte for byte.
class batch_writer {
 public:
  void add(const named_ids& ids, const lookup& got, time_point now) {
    begin(ids);
    fmt::format_to(std::back_inserter(text_), R"(,"status":200,"source":"{}","age":{},"etag":{},"document":)",
                   name(got.from), age_of(*got.value, now).count(), quoted(got.value->etag));
    text_ += got.value->body;
    text_ += '}';
  }
  void add(const named_ids& ids, const problem& why) {
    begin(ids);
    fmt::format_to(std::back_inserter(text_), R"(,"status":{},"code":"{}","detail":{}}})", why.status,
                   why.code, quoted(why.detail));
  }
  [[nodiscard]] std::string finish() && {
    text_ += "]}";
    return std::move(text_);
  }

 private:
  [[nodiscard]] static std::string quoted(std::string_view text) {
    return json::serialize(json::string_view{text.data(), text.size()});
  }
  void begin(const named_ids& ids) {
    if (text_.back() == '}') text_ += ',';
    fmt::format_to(std::back_inserter(text_), R"({{"customer_id":{},"agent_type":{})",
                   quoted(ids.customer_id), quoted(*ids.agent_type));
    if (ids.conversation_id)
      fmt::format_to(std::back_inserter(text_), R"(,"conversation_id":{})", quoted(*ids.conversation_id));
  }

  std::string text_ = R"({"results":[)";
};

}  // namespace

asio::awaitable<answer> get_batch(const service& on, const call& one) {
  const auto asked = read_keys(one.from->body);
  if (!asked) co_return refuse(one, asked.error());
  std::vector<result<key>> keys;
  std::vector<key> wanted;
  for (const auto& ids : *asked) {
    keys.push_back(key_of(on, ids));
    if (keys.back()) wanted.push_back(*keys.back());
  }
  const auto options = options_of(one);
  const auto got = co_await on.cache.get_many(std::move(wanted), options);

  const auto now = on.parts.time->now();
  batch_writer text;
  std::size_t next = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto& ids = (*asked)[i];
    if (!keys[i]) {
      const bool agent = keys[i].error() == errc::unknown_agent_type;
      text.add(ids, agent ? unknown_agent_type(on) : problem_of(keys[i].error()));
      continue;
    }
    const auto& found = got[next++];
    if (found)
      text.add(ids, *found, now);
    else
      text.add(ids, problem_of(found.error()));
  }
  answer out;
  out.text = std::move(text).finish();
  out.add("Cache-Control", "no-store");
  out.add("Ctx-Position", to_string(on.cache.at()));
  co_return out;
}

}  // namespace ctxcache::http
