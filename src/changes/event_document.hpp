#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "changes/cloud_event.hpp"

namespace ctxcache::changes {

inline constexpr std::size_t document_depth_max = 64;

/// One JSON document of at most so many levels, else nothing.
[[nodiscard]] std::optional<boost::json::value> parse_document(std::string_view text,
                                                               std::size_t depth_most = document_depth_max);

/// In lower case, without parameters.
[[nodiscard]] std::string media_type(std::string_view content_type);

/// Checks the attributes of a CloudEvent that is whole, and makes the change of it.
[[nodiscard]] read_event from_cloud_event(boost::json::object event);

/// A CloudEvent in binary mode.
[[nodiscard]] read_event from_binary(const event_request& from);
/// Whether the request's headers hold one.
[[nodiscard]] bool is_binary(const event_request& from);

}  // namespace ctxcache::changes
