#include "changes/cloud_event.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "changes/event_document.hpp"

namespace ctxcache::changes {

namespace json = boost::json;

namespace {

enum class format { structured, batch, binary, plain };

[[nodiscard]] refusal malformed(std::string why) {
  return {refusal::kind::malformed, std::move(why)};
}

[[nodiscard]] boost::system::result<format, refusal> format_of(const event_request& from) {
  const auto type = media_type(from.content_type);
  if (type == "application/cloudevents+json") return format::structured;
  if (type == "application/cloudevents-batch+json") return format::batch;
  if (type.starts_with("application/cloudevents"))
    return refusal{refusal::kind::unsupported,
                   "of the formats of CloudEvents only application/cloudevents+json and "
                   "application/cloudevents-batch+json are read"};
  if (is_binary(from)) return format::binary;
  if (type.empty() || type == "application/json" || type.ends_with("+json")) return format::plain;
  return refusal{refusal::kind::unsupported,
                 "the content type is neither application/json nor one of CloudEvents, and there are no "
                 "ce- headers"};
}

// What a plain event says in a member: a number's text too, for ids are often numbers.
[[nodiscard]] std::string text_of(const json::object& event, std::string_view member) {
  const auto* value = event.if_contains({member.data(), member.size()});
  if (value == nullptr) return {};
  if (const auto* text = value->if_string()) return {text->data(), text->size()};
  return value->is_int64() || value->is_uint64() ? json::serialize(*value) : std::string{};
}

[[nodiscard]] read_event from_plain(json::object event, const event_request& from, bool alone) {
  if (event.contains("specversion")) return from_cloud_event(std::move(event));
  const auto* type = event.if_contains("type");
  if (type == nullptr || !type->is_string() || type->get_string().empty())
    return malformed("an event is an object with a type, a string that is not empty");
  change made{.type = text_of(event, "type"),
              .source = text_of(event, "source"),
              .id = text_of(event, "id"),
              .document = {}};
  if (made.source.empty()) {
    if (alone && !from.delivery.empty())
      made.id = from.delivery;
    else if (!made.id.starts_with("evt_"))
      made.id.clear();
    made.source = from.signer;
  }
  made.document = json::serialize(event);
  return made;
}

[[nodiscard]] read_event from_member_of_list(json::value& one, format how, const event_request& from) {
  auto* event = one.if_object();
  if (event == nullptr) return malformed("an event is an object");
  if (how == format::batch) return from_cloud_event(std::move(*event));
  return from_plain(std::move(*event), from, false);
}

[[nodiscard]] boost::system::result<event_list, refusal> from_list(json::array list, format how,
                                                                   const event_request& from) {
  if (list.size() > events_max) return refusal{refusal::kind::too_many, "a batch has at most 1000 events"};
  event_list out{.events = {}, .batch = true};
  out.events.reserve(list.size());
  for (auto& one : list) out.events.push_back(from_member_of_list(one, how, from));
  return out;
}

[[nodiscard]] boost::system::result<event_list, refusal> only(read_event one) {
  if (!one) return one.error();
  event_list out;
  out.events.push_back(std::move(one));
  return out;
}

}  // namespace

boost::system::result<event_list, refusal> read_events(const event_request& from) {
  const auto how = format_of(from);
  if (!how) return how.error();
  if (*how == format::binary) return only(from_binary(from));
  auto document = parse_document(from.body);
  if (!document) return malformed("the body is not JSON, or deeper than 64 levels");
  if (auto* list = document->if_array(); list != nullptr && *how != format::structured)
    return from_list(std::move(*list), *how, from);
  auto* event = document->if_object();
  if (event == nullptr || *how == format::batch)
    return malformed(*how == format::batch ? "a batch of events is a list" : "an event is an object");
  if (*how == format::structured) return only(from_cloud_event(std::move(*event)));
  return only(from_plain(std::move(*event), from, true));
}

}  // namespace ctxcache::changes
