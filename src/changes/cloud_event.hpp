#pragma once

#include <boost/system/result.hpp>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ctxcache/change_source.hpp"

namespace ctxcache::changes {

/// The most events that one request may bring.
inline constexpr std::size_t events_max = 1'000;

struct header_field {
  std::string_view name;
  std::string_view value;
};

/// A request that brings events. Nothing of it is kept.
struct event_request {
  std::string_view content_type;
  std::span<const header_field> headers;  ///< all of them, or those whose name begins with "ce-"
  std::string_view body;
  /// Whose signature was verified, and the id that the signature's scheme gave the delivery: they name a
  /// plain event that does not name itself. See signatures.hpp.
  std::string_view signer{};
  std::string_view delivery{};
};

/// Why there is no event: a sentence, the same for the same fault, without anything of the sender's.
struct refusal {
  enum class kind {
    malformed,    ///< it is not what it says it is
    unsupported,  ///< a format that is not read
    too_many,     ///< a batch of more than `events_max`
  };
  kind what;
  std::string why;
};
using read_event = boost::system::result<change, refusal>;

struct event_list {
  std::vector<read_event> events;  ///< in their order: a bad one does not spoil the others
  bool batch = false;              ///< the body was a list, and so is the answer
};

/// Reads the events of a request, by its content type and headers one of
/// - `application/cloudevents+json`: a CloudEvent 1.0 (structured mode);
/// - `application/cloudevents-batch+json`: a list of them;
/// - any other with `ce-` headers: a CloudEvent in binary mode. Its attributes are in the headers, quoted or
///   percent-encoded; the body is its data, which only rules that look at JSON can see into;
/// - JSON else: an object with a `type`, or a list of such objects, as webhooks send it. One with a
///   `specversion` is a CloudEvent.
///
/// A CloudEvent has `specversion` "1.0" and an `id`, `source` and `type` that are not empty; its
/// `data_base64`, when it holds JSON, becomes its `data`. A plain event may have them; its `id` is taken for
/// the event's own only where a `source` stands beside it, where the scheme of its signature or its form says
/// so ("evt_…"): else it may well be the id of what has changed, and the second change of it no repetition.
/// JSON is at most 64 levels deep; of members of one name the last counts.
[[nodiscard]] boost::system::result<event_list, refusal> read_events(const event_request& from);

}  // namespace ctxcache::changes
