#include "http/json_body.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/parse_options.hpp>
#include <utility>

#include "base/try.hpp"

namespace ctxcache::http {

namespace json = boost::json;

std::optional<json::value> parse_json(std::string_view text) {
  constexpr std::size_t depth_max = 128;
  json::parse_options limits;
  limits.max_depth = depth_max;
  boost::system::error_code error;
  auto value = json::parse({text.data(), text.size()}, error, {}, limits);
  if (error) return std::nullopt;
  return value;
}

problem fault_at(std::string pointer, std::string detail) {
  problem out{422, "invalid_request", "the body does not say what this path needs"};
  out.errors.push_back({std::move(pointer), std::move(detail)});
  return out;
}

std::string object_reader::pointer_to(std::string_view member) const {
  auto out = pointer_ + '/';
  for (const char byte : member) {
    if (byte == '~')
      out += "~0";
    else if (byte == '/')
      out += "~1";
    else
      out += byte;
  }
  return out;
}

std::optional<problem> object_reader::only(std::initializer_list<std::string_view> known) const {
  for (const auto& member : from_) {
    const std::string_view name{member.key().data(), member.key().size()};
    // The name is the caller's and may be an id: the place of its object says enough.
    if (std::ranges::find(known, name) == known.end()) {
      std::string expected;
      for (const auto one : known) expected += (expected.empty() ? "" : ", ") + std::string{one};
      return fault_at(pointer_, "an unknown member; known are " + expected);
    }
  }
  return std::nullopt;
}

parsed<std::optional<std::string>> object_reader::text(std::string_view member) const {
  const auto* value = from_.if_contains(member);
  if (value == nullptr) return std::optional<std::string>{};
  const auto* text = value->if_string();
  if (text == nullptr) return fault_at(pointer_to(member), "must be a string");
  return std::optional{std::string{text->data(), text->size()}};
}

parsed<std::string> object_reader::required_text(std::string_view member) const {
  CTX_TRY(auto value, text(member));
  if (!value) return fault_at(pointer_to(member), "is missing");
  return std::move(*value);
}

parsed<std::vector<std::string>> object_reader::texts(std::string_view member, std::size_t most) const {
  std::vector<std::string> out;
  const auto* value = from_.if_contains(member);
  if (value == nullptr) return out;
  const auto* list = value->if_array();
  if (list == nullptr) return fault_at(pointer_to(member), "must be a list of strings");
  if (list->size() > most) return fault_at(pointer_to(member), fmt::format("has more than {} items", most));
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto* text = (*list)[i].if_string();
    if (text == nullptr) return fault_at(pointer_to(member) + '/' + std::to_string(i), "must be a string");
    out.emplace_back(text->data(), text->size());
  }
  return out;
}

parsed<std::optional<double>> object_reader::number(std::string_view member, double least,
                                                    double most) const {
  const auto* value = from_.if_contains(member);
  if (value == nullptr) return std::optional<double>{};
  const bool is_one = value->is_number();
  const auto number = is_one ? value->to_number<double>() : 0.0;
  if (!is_one || !(number >= least && number <= most))
    return fault_at(pointer_to(member), fmt::format("is a number from {} to {}", least, most));
  return std::optional{number};
}

parsed<bool> object_reader::flag(std::string_view member) const {
  const auto* value = from_.if_contains(member);
  if (value != nullptr && !value->is_bool()) return fault_at(pointer_to(member), "must be true or false");
  // Named, because a problem could be made from a bool as well.
  return {boost::system::in_place_value, value != nullptr && value->get_bool()};
}

parsed<named_ids> read_ids(const object_reader& from) {
  named_ids out;
  CTX_TRY(out.customer_id, from.required_text("customer_id"));
  CTX_TRY(out.agent_type, from.text("agent_type"));
  CTX_TRY(out.conversation_id, from.text("conversation_id"));
  if (out.conversation_id && !out.agent_type)
    return fault_at(from.pointer_to("agent_type"), "is missing: a conversation belongs to an agent type");
  return out;
}

}  // namespace ctxcache::http
