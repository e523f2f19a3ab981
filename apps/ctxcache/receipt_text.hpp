#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

namespace ctxcache::client {

/// What an invalidation's receipt says of it, for people: a line that ends.
[[nodiscard]] std::string describe_receipt(const boost::json::object& receipt);

/// The fence of a receipt, or of one list's end.
struct fence_text {
  std::string confirmed;  ///< a line for stdout; empty unless it is
  std::string doubt;      ///< what to report otherwise
};
/// `daemon` is where the receipt is from: there, and nowhere else, one can ask again.
[[nodiscard]] fence_text describe_fence(const boost::json::object& receipt, std::string_view daemon);

/// What `queued` means, for stderr.
inline constexpr std::string_view queued_text =
    "queued: Redis cannot be reached. This daemon serves it no more, and tells the others as soon as Redis "
    "is back; until then they may serve it\n";

}  // namespace ctxcache::client
